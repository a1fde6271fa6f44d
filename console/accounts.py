"""What the commands on calls and figures ask for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from center.current import Current
from center.house import house_of
from center.load import Center
from center.state import State
from console.collector import spool_of
from console.letters import DatabaseAway
from console.migrate import upgrade
from console.wiring import database_of
from fax2pdf.store import partial_since
from reports.call import Call
from reports.catalogue import Question, answered
from reports.compare import other_period
from reports.departments import Promise
from reports.follow import Follower
from reports.period import Period
from reports.refold import rebuild
from reports.report import Report
from reports.store import ALL, Filters, call_of, how_many
from reports.summary import Clockwork, keep_some
from switchboard.clock import utc_now
from switchboard.db import Database, trouble_with
from switchboard.errors import SwitchboardError
from switchboard.paper.house import House
from switchboard.pbx.installation import NODE
from switchboard.problems import meant
from voicemail.afterwards import UNHEARD
from voicemail.store import unsent

log = logging.getLogger(__name__)
# what is done with a report, the number of its calls, and whose paper it is written on
Use = Callable[[Report, int, House], None]


class NothingApplied(SwitchboardError):
    """There is no center yet whose calls could be told of."""


class NoSuchCall(SwitchboardError):
    """There is no call of this id."""


@dataclass(frozen=True)
class Request:
    """A report as the command line asks for it; `is_drawn` with what its charts show."""

    name: str
    begin: str | None
    end: str | None
    filters: Filters = ALL
    compare: str | None = None
    is_drawn: bool = False


async def report_of(
    state: State,
    asked: Request,
    use: Use,
    directory: Path = Path(),
    warn: Callable[[str], None] = log.warning,
) -> None:
    """Hand a report to `use`, on all that is written until now; its rows are read meanwhile.

    Without a period it is on today. `warn` is told of filters that name nothing in the center.
    Raises PeriodInvalid, NothingApplied, DatabaseAway, and whatever `use` raises.
    """
    center = await center_of(state)
    for hint in hints(center, asked.filters):
        warn(hint)
    await report_in(center, state, asked, use, directory)


async def report_in(
    center: Center, state: State, asked: Request, use: Use, directory: Path
) -> None:
    """As `report_of`, of a center that was read; its logo lies below `directory`."""
    begin = asked.begin or datetime.now(center.ground.zone).date().isoformat()
    period = Period.of(begin, asked.end or begin[: len("2026-11-22")], center.ground.zone)
    clockwork = clockwork_of(center)
    async with records_of(state) as database:
        while not await database.work(keep_some, clockwork, period.span):
            pass
        unheard = await _unheard(state, database, period) if asked.name == "owed" else ()
        question = Question(
            asked.name,
            period,
            clockwork,
            _promises(center),
            asked.filters,
            unheard,
            asked.is_drawn,
        )
        other = other_period(period, asked.compare) if asked.compare else None
        await database.look(_answer, question, other, use, house_of(center, directory))


def hints(center: Center, filters: Filters) -> Iterator[str]:
    """What is filtered by and does not exist now; calls of another time may have known it."""
    known = {
        "department": (filters.department, map(str, center.router.departments)),
        "extension": (filters.agent, map(str, center.router.extensions)),
        "language": (filters.language, map(str, center.ground.spoken)),
    }
    for kind, (asked, names) in known.items():
        there = list(names)
        if asked is not None and asked not in there:
            yield f"the center has no {kind} “{asked}”{meant(asked, there)}"


def _answer(
    session: Session, question: Question, other: Period | None, use: Use, house: House
) -> None:
    is_list = question.name == "calls"
    count = how_many(session, question.period.span, question.filters) if is_list else 0
    use(answered(session, question, other), count, house)


def clockwork_of(center: Center) -> Clockwork:
    """What figures depend on beside the calls, at this moment."""
    wrapup = {name: promise.wrapup_seconds for name, promise in _promises(center).items()}
    return Clockwork(center.ground.zone, wrapup, round(utc_now().timestamp() * 1000))


async def _unheard(state: State, database: Database, period: Period) -> tuple[str, ...]:
    """The calls whose message nobody has, as no letter has brought it and no phone has played it,
    or whose fax came in part."""
    spool = spool_of(state)
    async with database.reading() as session:
        messages = await unsent(session, period.begin)
        found = [fax.linkedid for fax in await partial_since(session, period.begin)]
    for message in messages:
        folder = message.msg_id and await asyncio.to_thread(
            spool.folder_of, message.mailbox, message.msg_id
        )
        if folder in UNHEARD or message.recording is not None:
            found.append(message.linkedid)
    return tuple(found)


async def told_call(
    state: State, call_id: str, directory: Path = Path()
) -> tuple[Call, Period, House]:
    """One call, the day it began on, and whose paper it is drawn on.

    Raises NoSuchCall, NothingApplied, DatabaseAway.
    """
    center = await center_of(state)
    async with records_of(state) as database:
        call = await database.look(call_of, call_id)
        if call is None:  # as a table shows it
            call = await database.look(call_of, f"{NODE}-{call_id}")
    if call is None:
        raise NoSuchCall(f"there is no call {call_id}; see `switchboard report calls`")
    day = Period.of("1970-01-01", "1970-01-01", center.ground.zone).local(call.began)
    date = day.date().isoformat()
    return call, Period.of(date, date, center.ground.zone), house_of(center, directory)


async def rebuilt(state: State) -> int:
    """Make all calls again from the raw records; how many there are. Raises DatabaseAway."""
    async with records_of(state) as database:
        return await database.work(rebuild)


@asynccontextmanager
async def records_of(state: State) -> AsyncIterator[Database]:
    """The database with all that is written until now, also while nothing runs."""
    database = database_of(state)
    try:
        try:
            await upgrade(database)
            await Follower(database, state.asterisk / "log", NODE).catch_up()
        except OSError as trouble:
            raise DatabaseAway(trouble_with(trouble)) from trouble
        yield database
    except SQLAlchemyError as trouble:
        raise DatabaseAway(trouble_with(trouble)) from trouble
    finally:
        await database.close()


async def center_of(state: State) -> Center:
    center = await Current(state).center()
    if center is None:
        raise NothingApplied(f"nothing was applied yet in {state.root}: there are no calls")
    return center


def _promises(center: Center) -> dict[str, Promise]:
    return {
        str(name): Promise(
            department.service_level.seconds,
            department.service_level.short_abandon_seconds,
            department.wrapup_seconds,
            department.service_level.percent,
        )
        for name, department in center.router.departments.items()
    }
