"""From the outbox to the mail server: claimed with a lease, tried, its result written down.

Several workers go on side by side, each with a connection of its own. A letter that could not be
delivered waits 1, 2, 4, ... 60 minutes, for five days.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.mail import Answers, MailAway, MailDelayed, Mailer, MailRefused, MailTooLarge
from switchboard.outbox import BodyRow, OutboxRow, RecipientRow

LEASE = timedelta(minutes=20)  # longer than any one try and a database that is away meanwhile
TRY_SECONDS = 900.0
PAUSE_SECONDS = 0.5  # between two looks into an outbox where nothing is due
WORKERS = 6
MOST_PER_LANE = 3  # workers at one domain: the others go on when its server is slow
LONGEST_BACKOFF_MINUTES = 60
JITTER = 0.1
# for statements on rows that the session does not hold: it need not look for them among its own
APART: dict[str, Any] = {"execution_options": {"synchronize_session": False}}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A letter that one worker holds, with the recipients who have not got it."""

    id: int
    tries: int
    sender: str
    to: tuple[str, ...]
    content: bytes | None = field(repr=False)


class OutboxWorker:
    """Takes one letter at a time. A database that is away is waited for, and nothing is lost."""

    def __init__(self, database: Database, mailer: Mailer, clock: Clock = utc_now) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until `stopping`; the letter in hand is brought to its end."""
        try:
            while not stopping.is_set():
                if not await self.do_one():
                    await _pause(stopping)
        finally:
            await self._mailer.close()

    async def do_one(self) -> bool:
        """Try one letter that is due; whether it is worth going on at once."""
        try:
            claim = await self._database.work(take_one, self._clock())
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("the database is away: %s", trouble)
            return False
        if claim is None:
            await self._mailer.rest()
            return False
        answers = await self._tried(claim)
        await self._note(claim, answers)
        return not any(isinstance(answer, MailAway) for answer in answers.values())

    async def _tried(self, claim: Claim) -> Answers:
        """An answer for each recipient, whatever happens on the way."""
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await self._sent(claim)
        except (MailDelayed, MailRefused) as trouble:
            return dict.fromkeys(claim.to, trouble)
        except TimeoutError:
            return dict.fromkeys(claim.to, MailAway(f"took longer than {TRY_SECONDS:g} s"))
        except Exception as trouble:  # one strange letter must not hold up the others
            log.exception("letter %s", claim.id)
            return dict.fromkeys(claim.to, MailDelayed(f"{type(trouble).__name__}: {trouble}"))

    async def _sent(self, claim: Claim) -> Answers:
        if claim.content is None:
            raise MailRefused("its bytes are gone")
        try:
            return await self._mailer.send(claim.sender, claim.to, claim.content)
        except MailTooLarge:
            smaller = await self._database.work(_smaller, claim)
            if smaller is None:
                raise
            return await self._mailer.send(claim.sender, claim.to, smaller)

    async def _note(self, claim: Claim, answers: Answers) -> None:
        """Write down what became of a letter, as soon as the database is there."""
        while True:
            try:
                await self._database.work(note, claim, answers, self._clock())
                return
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("letter %s cannot be noted: %s", claim.id, trouble)
                await asyncio.sleep(PAUSE_SECONDS)


async def deliver(workers: Sequence[OutboxWorker], drain_seconds: float) -> None:
    """Let workers deliver until cancelled; letters in hand then have `drain_seconds`."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stopping)) for worker in workers]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    except asyncio.CancelledError:
        stopping.set()
        await asyncio.wait(tasks, timeout=drain_seconds)
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def take_back(session: Session, now: datetime) -> None:
    """Free the letters of workers that are no more; to be called when none is there."""
    held = update(OutboxRow).where(OutboxRow.state == "sending")
    session.execute(held.values(state="waiting", due_at=now), **APART)


def take_one(session: Session, now: datetime) -> Claim | None:
    """Claim the letter that is due the longest, of a lane that has not its share of workers."""
    busy = (
        select(OutboxRow.lane)
        .where(OutboxRow.state == "sending", OutboxRow.due_at > now)
        .group_by(OutboxRow.lane)
        .having(func.count() >= MOST_PER_LANE)
    )
    due = (
        select(OutboxRow)
        .where(OutboxRow.ended_at.is_(None), OutboxRow.due_at <= now)
        .where(OutboxRow.lane.not_in(busy))
        .order_by(OutboxRow.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)  # of PostgreSQL; SQLite has one writer at a time
    )
    row = session.scalars(due).one_or_none()
    if row is None:
        return None
    row.state, row.due_at = "sending", now + LEASE
    row.tries += 1
    waiting = [one.address for one in row.recipients if one.state == "waiting"]
    content = session.scalar(select(BodyRow.content).where(BodyRow.letter_id == row.id))
    return Claim(row.id, row.tries, row.sender, tuple(waiting), content)


def _smaller(session: Session, claim: Claim) -> bytes | None:
    return session.scalar(select(BodyRow.smaller).where(BodyRow.letter_id == claim.id))


def note(session: Session, claim: Claim, answers: Answers, now: datetime) -> None:
    """Write down what became of each recipient, and what that makes of the letter."""
    row = session.get_one(OutboxRow, claim.id, with_for_update=True)
    taken = any(isinstance(answer, str) for answer in answers.values())
    if row.tries != claim.tries and not taken:  # the lease ended, and another has it now
        return
    for recipient in row.recipients:
        if recipient.state != "sent" and recipient.address in answers:
            _note_answer(recipient, answers[recipient.address], late=now >= row.give_up_at)
    states = {recipient.state for recipient in row.recipients}
    row.server_away = any(isinstance(answer, MailAway) for answer in answers.values())
    row.last_error = next((one.answer for one in row.recipients if one.state != "sent"), "")
    if "waiting" in states:
        row.state, row.due_at = "waiting", now + backoff(row.tries)
    else:
        row.state, row.ended_at = "dead" if "dead" in states else "sent", now
    if row.state == "sent":
        session.execute(delete(BodyRow).where(BodyRow.letter_id == row.id), **APART)
    if taken:
        _call_the_others(session, now)


def _note_answer(
    recipient: RecipientRow, answer: str | MailDelayed | MailRefused, *, late: bool
) -> None:
    recipient.answer = str(answer)
    if isinstance(answer, str):
        recipient.state = "sent"
    elif isinstance(answer, MailRefused):
        recipient.state = "dead"
    elif late:
        recipient.state, recipient.answer = "dead", f"given up; the last answer: {answer}"


def _call_the_others(session: Session, now: datetime) -> None:
    """The server is there: what waits only because it was not is due at once."""
    others = update(OutboxRow).where(OutboxRow.server_away, OutboxRow.state == "waiting")
    session.execute(others.values(due_at=now, server_away=False), **APART)


def backoff(tries: int) -> timedelta:
    """1, 2, 4, ... 60 minutes, a little more or less, so that letters do not come in one lump."""
    minutes = min(2 ** min(tries - 1, 6), LONGEST_BACKOFF_MINUTES)
    return timedelta(minutes=minutes * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE_SECONDS):
            await stopping.wait()
