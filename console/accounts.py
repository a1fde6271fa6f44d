"""What the commands on calls and figures ask for, and the service that follows Asterisk's files."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from center.current import Current
from center.load import Center
from center.state import State
from console.letters import DatabaseAway
from console.migrate import upgrade
from console.wiring import Wiring, database_of
from reports.balance import balance
from reports.call import Call
from reports.catalogue import REPORTS, Material
from reports.departments import Promise
from reports.follow import Follower
from reports.period import Period
from reports.records import NODE
from reports.report import Report
from reports.section import NAMES as Name
from reports.store import Span, arrivals_in, call_of, calls_in, rebuild
from switchboard.db import Database, trouble_with
from switchboard.errors import SwitchboardError
from switchboard.supervisor import Ready, Service
from switchboard.watch import Trouble

PAUSE_SECONDS = 0.5  # between two looks at files in which nothing is new
AGAIN_SECONDS = 5.0  # after the database was away, or a file could not be read
EVER = 1 << 62  # milliseconds
LONGEST_CALL = 86_400_000  # milliseconds: a visit may begin so long after its call


log = logging.getLogger(__name__)


class NothingApplied(SwitchboardError):
    """There is no center yet whose calls could be told of."""


class NoSuchCall(SwitchboardError):
    """There is no call of this id."""


@dataclass(frozen=True)
class Filters:
    """Of the calls listed only these; None takes all."""

    department: str | None = None
    agent: str | None = None
    number: str | None = None
    language: str | None = None
    outcome: str | None = None

    def take(self, call: Call) -> bool:
        """Whether a call is one of those wanted."""
        passed = {visit.department for visit in call.visits}
        return (
            (self.department is None or self.department in passed)
            and (self.agent is None or self.agent in call.agents)
            and (self.number is None or self.number in (call.from_number, call.to))
            and (self.language is None or self.language == call.language)
            and (self.outcome is None or self.outcome == call.outcome)
        )


async def report_of(state: State, name: Name, begin: str, end: str, filters: Filters) -> Report:
    """A report on a period, on all that is written until now.

    Raises PeriodInvalid, NothingApplied, DatabaseAway.
    """
    center = await _center(state)
    period = Period.of(begin, end, center.ground.zone)
    async with _records(state) as database, database.reading() as session:
        span = period.span
        end_of_time = EVER if name == "owed" else span.end
        found = await calls_in(session, Span(span.begin - LONGEST_CALL, end_of_time))
        arrived = await arrivals_in(session, span)
    began = [call for call in found if span.begin <= call.began < span.end]
    material = Material(
        period,
        calls=[call for call in began if filters.take(call)],
        around=[call for call in found if call.began < span.end and filters.take(call)],
        until_now=[call for call in found if call.began >= span.begin],
        promises=_promises(center),
        foot=balance(arrived, began),
    )
    return REPORTS[name](material)


async def told_call(state: State, call_id: str) -> tuple[Call, Period]:
    """One call, and the day it began on. Raises NoSuchCall, NothingApplied, DatabaseAway."""
    center = await _center(state)
    async with _records(state) as database, database.reading() as session:
        call = await call_of(session, call_id)
    if call is None:
        raise NoSuchCall(f"there is no call {call_id}; see `switchboard report calls`")
    day = Period.of("1970-01-01", "1970-01-01", center.ground.zone).local(call.began)
    return call, Period.of(day.date().isoformat(), day.date().isoformat(), center.ground.zone)


async def rebuilt(state: State) -> int:
    """Make all calls again from the raw records; how many there are. Raises DatabaseAway."""
    async with _records(state) as database, database.begin() as session:
        return await rebuild(session)


def records_service(wiring: Wiring) -> Service:
    """Takes in what Asterisk writes, half a second later; waits where it cannot."""

    async def serve(ready: Ready) -> None:
        ready()  # calls do not wait for it
        await wiring.migrated.wait()
        follower = Follower(wiring.database, wiring.state.asterisk / "log", NODE)
        while True:
            try:
                await follower.catch_up()
                wiring.seen["records"] = [_cut_short(name) for name in follower.cut_short]
                await asyncio.sleep(PAUSE_SECONDS)
            except SQLAlchemyError as trouble:  # told by the watch over the database
                log.warning("records are not taken in: %s", trouble_with(trouble))
                await asyncio.sleep(AGAIN_SECONDS)
            except OSError as trouble:
                wiring.seen["records"] = [_unreadable(trouble)]
                await asyncio.sleep(AGAIN_SECONDS)

    return Service("records", serve)


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
async def _records(state: State) -> AsyncIterator[Database]:
    """The database with all that is written until now, also while nothing runs."""
    database = database_of(state)
    try:
        await upgrade(database)
        await Follower(database, state.asterisk / "log", NODE).catch_up()
        yield database
    except (SQLAlchemyError, OSError) as trouble:
        raise DatabaseAway(trouble_with(trouble)) from trouble
    finally:
        await database.close()


async def _center(state: State) -> Center:
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
        )
        for name, department in center.router.departments.items()
    }
