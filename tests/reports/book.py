"""A database of calls made up by a test, and reports on it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from reports.call import Call, Direction
from reports.catalogue import Question, report_on
from reports.departments import Promise
from reports.fold import calls
from reports.period import Period
from reports.report import Report, Row
from reports.sessions import Told
from reports.store import ALL, AgentEvent, CallRow, Filters, LogFile, RawRecord, as_row
from reports.summary import Clockwork
from switchboard.db import Base
from switchboard.pbx.installation import NODE
from tests.reports.recorded import NAMES, rows, starts

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = Period.of("2026-11-22", "2026-11-22", MOSCOW)
EVERY = calls(
    [row for name in NAMES for row in rows(name)], [at for name in NAMES for at in starts(name)]
)
INBOUND = {call.id for call in EVERY if call.direction == "inbound"}


def fill(session: Session, calls: Iterable[Call], told: Iterable[Told] = ()) -> None:
    """Calls, the arrivals that raw records would tell of, and what agents did."""
    session.add(LogFile(id=1, kind="cel", first="", path="", node=NODE, read_bytes=0))
    session.flush()
    for position, call in enumerate(calls):
        session.execute(insert(CallRow), as_row(call))
        known = {"file_id": 1, "position": position, "kind": "cel", "node": NODE}
        is_arrival = call.direction is Direction.INBOUND
        about = {"at": call.began, "uniqueid": call.id, "linkedid": call.id}
        state = {"is_arrival": is_arrival, "is_damaged": False, "record": b""}
        session.execute(insert(RawRecord), known | about | state)
    for position, one in enumerate(told):
        place = {"file_id": 1, "position": position}
        session.execute(insert(AgentEvent), place | one.as_row())


def report(
    name: str,
    calls: Iterable[Call] = EVERY,
    *,
    period: Period = DAY,
    promises: Mapping[str, Promise] | None = None,
    told: Iterable[Told] = (),
    filters: Filters = ALL,
    unheard: Collection[str] = (),
) -> Report:
    """A report on these calls alone, its rows read."""
    promises = promises or {"sales": Promise()}
    wrapup = {department: one.wrapup_seconds for department, one in promises.items()}
    clockwork = Clockwork(period.zone, wrapup, period.span.end)
    engine = _recorded(tuple(told)) if calls is EVERY else _filled(calls, told)
    with Session(engine) as session:
        asked = Question(name, period, clockwork, promises, filters, unheard)
        made = report_on(session, asked)
        made = replace(made, rows=list(made.rows))
    if calls is not EVERY:
        engine.dispose()
    return made


@cache
def _recorded(told: tuple[Told, ...]) -> Engine:
    """The recorded calls, filled in once: reports change nothing."""
    return _filled(EVERY, told)


def _filled(calls: Iterable[Call], told: Iterable[Told]) -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        fill(session, calls, told)
    return engine


def rows_of(made: Report) -> list[Row]:
    return list(made.rows)


def by(made: Report, key: str) -> dict[str, Row]:
    """The rows by one of their columns."""
    return {row[key]: row for row in made.rows}
