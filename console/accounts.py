"""What the commands on calls and figures ask for, and the service that follows Asterisk's files."""

import asyncio
import logging
import time
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
from console.wiring import Wiring, database_of
from fax2pdf.store import partial_since
from reports.call import Call
from reports.catalogue import Question, answered
from reports.compare import other_period
from reports.departments import Promise
from reports.follow import Follower
from reports.keep import let_go
from reports.period import Period
from reports.refold import rebuild
from reports.report import Report
from reports.store import ALL, EVER, Filters, Span, call_of, how_many
from reports.summary import Clockwork, keep_some
from switchboard.clock import utc_now
from switchboard.db import Database, trouble_with
from switchboard.errors import SwitchboardError
from switchboard.paper.house import House
from switchboard.pbx.installation import NODE
from switchboard.problems import meant
from switchboard.supervisor import Ready, Service
from switchboard.watch import Trouble
from voicemail.afterwards import UNHEARD
from voicemail.store import unsent

PAUSE_SECONDS = 1.0  # between two looks: at each, a call with new records is folded anew
AGAIN_SECONDS = 5.0  # after the database was away, or a file could not be read
KEEP_SECONDS = 60.0  # between two looks at what days are to be counted
DAY = 86_400_000  # milliseconds

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


def records_service(wiring: Wiring) -> Service:
    """Takes in what Asterisk writes, seconds later (reports catch up by themselves); waits where
    it cannot."""

    async def serve(ready: Ready) -> None:
        ready()  # calls do not wait for it
        await wiring.migrated.wait()
        follower = Follower(wiring.database, wiring.state.asterisk / "log", NODE)
        keep_at = 0.0
        while True:
            try:
                await follower.catch_up()
                wiring.seen["records"] = _troubles(follower)
                if time.monotonic() >= keep_at and await _kept(wiring):
                    keep_at = time.monotonic() + KEEP_SECONDS
                await asyncio.sleep(PAUSE_SECONDS)
            except SQLAlchemyError as trouble:  # told by the watch over the database
                log.warning("records are not taken in: %s", trouble_with(trouble))
                await asyncio.sleep(AGAIN_SECONDS)
            except OSError as trouble:
                wiring.seen["records"] = [_unreadable(trouble)]
                await asyncio.sleep(AGAIN_SECONDS)

    return Service("records", serve)


async def _kept(wiring: Wiring) -> bool:
    """Count some of the days that are over, so that no report has to, and let some of the raw
    records go whose time is over; whether nothing is left to do."""
    center = await wiring.current.center()
    if center is None:
        return True
    now = clockwork_of(center)
    before = now.now - center.ground.keep.raw_days * DAY
    are_gone = await wiring.database.work(let_go, before)
    return await wiring.database.work(keep_some, now, Span(0, EVER)) and are_gone


def _troubles(follower: Follower) -> list[Trouble]:
    damaged = [_damaged(name, count) for name, count in follower.damaged.items()]
    return [_cut_short(name) for name in follower.cut_short] + damaged


def _damaged(name: str, count: int) -> Trouble:
    return Trouble(
        f"records:damaged {name}",
        f"{name} has damaged records, {count} since `run` was started: they are kept, not counted",
        "see whether something else writes to it, and whether the disk is well; `log/` names the"
        " places; the next start of `run` forgets it",
    )


def _cut_short(name: str) -> Trouble:
    return Trouble(
        f"records:{name}",
        f"{name} was cut short after it was read: calls written since may be missing in reports",
        "let log files be renamed, or copied and emptied whole; put the rest beside it as "
        f"{name}.1 and it is counted",
    )


def _unreadable(trouble: OSError) -> Trouble:
    words = f"what Asterisk writes cannot be read: {trouble.filename}: {trouble.strerror}"
    return Trouble("records", words, "let the user of `run` read it; nothing is lost meanwhile")


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
