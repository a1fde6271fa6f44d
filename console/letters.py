"""The outbox and the alarms as commands see them, with or without a running center."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from center.current import Current
from center.state import State
from console.wiring import database_of
from switchboard.alarms import Alarm, list_alarms
from switchboard.clock import utc_now
from switchboard.db import trouble_with
from switchboard.errors import SwitchboardError
from switchboard.outbox import (
    NoSuchLetter,
    OutboxRow,
    count_old,
    forget_old,
    list_letters,
    retry,
    show,
)
from switchboard.section import Keep
from switchboard.troubles import disk_troubles
from switchboard.watch import Trouble, database_trouble

ANSWER_SECONDS = 5.0


class DatabaseAway(SwitchboardError):
    """The database cannot be read or written now."""


async def letters_of(state: State, days: int) -> list[OutboxRow]:
    """All letters that are not sent, and those sent within `days`. Raises DatabaseAway."""
    async with session_of(state) as session:
        return await list_letters(session, utc_now() - timedelta(days=days)) if session else []


async def letter_of(state: State, letter_id: int) -> OutboxRow:
    """One letter. Raises NoSuchLetter, DatabaseAway."""
    async with session_of(state) as session:
        return await show(session, letter_id) if session else _none(letter_id)


async def retried(state: State, letter_id: int) -> OutboxRow:
    """A letter that is now tried at once. Raises NoSuchLetter, NotRetried, DatabaseAway."""
    async with session_of(state, writing=True) as session:
        return await retry(session, letter_id) if session else _none(letter_id)


async def forgotten(state: State, *, dry_run: bool) -> int:
    """How many letters were forgotten, or would be, by the applied center. Raises DatabaseAway."""
    center = await Current(state).center()
    keep = center.ground.keep if center else Keep()
    before, count = utc_now() - timedelta(days=keep.letter_days), 0
    while True:
        async with session_of(state, writing=not dry_run) as session:
            if session is None:
                return 0
            if dry_run:
                return await count_old(session, before)
            some = await forget_old(session, before)
        count += some
        if not some:
            return count


async def alarms_of(state: State) -> list[Alarm]:
    """What stands in the database, and what can be seen wrong from here at once."""
    alarms: list[Alarm] = []
    troubles: list[Trouble] = []
    try:
        async with session_of(state, writing=True) as session:
            alarms = await list_alarms(session) if session else []
    except DatabaseAway as away:
        troubles.append(database_trouble(str(away)))
        with suppress(DatabaseAway):  # one that cannot be written may still be read
            async with session_of(state) as session:
                alarms = await list_alarms(session) if session else []
    if state.root.is_dir():
        troubles += disk_troubles(state.root)
    known = {alarm.key for alarm in alarms}
    return alarms + [
        Alarm(trouble.key, trouble.words, utc_now(), trouble.how_to_mend)
        for trouble in troubles
        if trouble.key not in known
    ]


@asynccontextmanager
async def session_of(state: State, *, writing: bool = False) -> AsyncIterator[AsyncSession | None]:
    """A transaction, None where `run` has not made the database yet. Raises DatabaseAway."""
    database = database_of(state, busy_seconds=ANSWER_SECONDS / 2)
    if not database.exists:
        yield None
        return
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            async with database.begin() if writing else database.reading() as session:
                yield session
    except TimeoutError:
        raise DatabaseAway("the database does not answer") from None
    except (SQLAlchemyError, OSError) as trouble:
        raise DatabaseAway(trouble_with(trouble)) from trouble
    finally:
        await database.close()


def _none(letter_id: int) -> OutboxRow:
    raise NoSuchLetter(f"there is no letter {letter_id}: nothing was sent from here yet")
