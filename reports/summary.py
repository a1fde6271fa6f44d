"""What is counted of a piece of time, for every report at once; and which pieces a period has."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from reports.agents import Work
from reports.balance import count_arrivals, count_balance
from reports.call import Call
from reports.departments import count_departments
from reports.hours import count_hours
from reports.left_behind import count_left_behind
from reports.menus import count_menus
from reports.numbers import count_numbers
from reports.outbound import count_outbound
from reports.sessions import Told, stints, told_in
from reports.store import (
    ALL,
    AgentEvent,
    CallRow,
    Filters,
    RawRecord,
    Span,
    TallyRow,
    alone,
    calls_around,
    chunks,
)
from reports.tally import Piece, Tally, add

COUNTS: Mapping[str, Callable[[Tally, Call, Piece], None]] = {
    "balance": count_balance,
    "departments": count_departments,
    "hours": count_hours,
    "left": count_left_behind,
    "menus": count_menus,
    "numbers": count_numbers,
    "outbound": count_outbound,
}
KINDS = (*COUNTS, "agents")
COUNTED = 3  # rises with what a tally has: days that were counted before are counted again
Tallies = dict[str, Tally]
MOMENT_SECONDS = 0.3  # others who write wait so long


def summary(calls: Iterable[Call], told: Iterable[Told], piece: Piece, now: int) -> Tallies:
    """Every tally of a piece; `calls` and what agents did may reach into it from before."""
    tallies: Tallies = {kind: {} for kind in COUNTS}
    work = Work(piece)
    for call in calls:
        for kind, count in COUNTS.items():
            count(tallies[kind], call, piece)
        work.take(call)
    return tallies | {"agents": work.tally(stints(told, piece.span), now)}


@dataclass(frozen=True)
class Clockwork:
    """The center's zone and its departments' times to rest; `now` in milliseconds since 1970."""

    zone: ZoneInfo
    wrapup_seconds: Mapping[str, int]
    now: int

    @property
    def under(self) -> str:
        """What a tally depends on beside the calls."""
        said = json.dumps([COUNTED, str(self.zone), sorted(self.wrapup_seconds.items())])
        return hashlib.sha256(said.encode()).hexdigest()

    def piece(self, span: Span) -> Piece:
        return Piece(span, self.zone, self.wrapup_seconds)


def pieces(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    """The months of a period that are whole, else its days, else parts of them."""
    at = span.begin
    while at < span.end:
        day = datetime.fromtimestamp(at / 1000, zone).date()
        month = _midnight((day.replace(day=1) + timedelta(days=32)).replace(day=1), zone)
        if day.day == 1 and at == _midnight(day, zone) and month <= span.end:
            end = month
        else:
            end = min(_midnight(day + timedelta(days=1), zone), span.end)
        yield Span(at, end)
        at = end


def days(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    """The days of a period, and parts of them."""
    at = span.begin
    while at < span.end:
        tomorrow = datetime.fromtimestamp(at / 1000, zone).date() + timedelta(days=1)
        end = min(_midnight(tomorrow, zone), span.end)
        yield Span(at, end)
        at = end


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def tallied(
    session: Session, span: Span, kinds: Iterable[str], clockwork: Clockwork, filters: Filters = ALL
) -> Tallies:
    """The tallies of a period: those that are kept, and the rest counted now."""
    whole: Tallies = {kind: {} for kind in kinds}
    parts = list(pieces(_busy(session, span, clockwork), clockwork.zone))
    known = {} if filters.wanted else _known(session, parts, [*whole], clockwork)
    for part in parts:
        found = known.get(part) or _counted(session, part, [*whole], clockwork, filters)
        for kind, tally in whole.items():
            add(tally, found[kind])
    return whole


def _counted(
    session: Session, span: Span, kinds: Sequence[str], clockwork: Clockwork, filters: Filters
) -> Tallies:
    """Of a piece that is not kept: from its days, where it is longer than one."""
    parts = list(days(span, clockwork.zone))
    if len(parts) > 1:
        known = {} if filters.wanted else _known(session, parts, kinds, clockwork)
        whole: Tallies = {kind: {} for kind in kinds}
        for part in parts:
            day = known.get(part) or _counted(session, part, kinds, clockwork, filters)
            for kind, tally in whole.items():
                add(tally, day[kind])
        return whole
    calls = calls_around(session, span, filters)
    found = summary(calls, told_in(session, span), clockwork.piece(span), clockwork.now)
    count_arrivals(session, found["balance"], span)
    return found


def _known(
    session: Session, parts: Iterable[Span], kinds: Sequence[str], clockwork: Clockwork
) -> dict[Span, Tallies]:
    """The tallies kept of these pieces, where there are all of these kinds."""
    ends = {part.begin: part.end for part in parts}
    found: dict[Span, Tallies] = {}
    for begins in chunks(ends):
        wanted = select(TallyRow.begin, TallyRow.end, TallyRow.kind, TallyRow.document).where(
            TallyRow.begin.in_(begins),
            TallyRow.kind.in_(kinds),
            TallyRow.under == clockwork.under,
        )
        for begin, end, kind, document in session.execute(wanted):
            if ends[begin] == end:
                found.setdefault(Span(begin, end), {})[kind] = from_json(document)
    return {piece: tallies for piece, tallies in found.items() if len(tallies) == len(kinds)}


def _busy(session: Session, span: Span, clockwork: Clockwork) -> Span:
    """The part of a period of which anything can be known, in whole months."""
    first = _first(session)
    if first is None:
        return Span(span.begin, span.begin)
    day = datetime.fromtimestamp(first / 1000, clockwork.zone).date()
    begin = max(span.begin, _midnight(day.replace(day=1), clockwork.zone))
    until = max(clockwork.now, _last(session)) + 1
    following = datetime.fromtimestamp(until / 1000, clockwork.zone).date() + timedelta(days=1)
    return Span(begin, max(begin, min(span.end, _midnight(following, clockwork.zone))))


def _first(session: Session) -> int | None:
    raw = select(func.min(RawRecord.at)).where(RawRecord.is_arrival)
    told = [
        session.scalar(wanted)
        for wanted in (raw, select(func.min(CallRow.began)), select(func.min(AgentEvent.at)))
    ]
    return min((at for at in told if at is not None), default=None)


def _last(session: Session) -> int:
    return session.scalar(select(func.max(CallRow.began))) or 0


def keep_some(session: Session, clockwork: Clockwork, span: Span) -> bool:
    """Count whole days and months that are over and not kept yet, for a moment; whether all are."""
    alone(session)
    until = time.monotonic() + MOMENT_SECONDS
    known = select(TallyRow.begin, TallyRow.end).where(
        TallyRow.under == clockwork.under,
        TallyRow.kind == KINDS[0],
        TallyRow.begin >= span.begin,
        TallyRow.end <= span.end,
    )
    kept = {Span(begin, end) for begin, end in session.execute(known)}
    for piece in _worth_keeping(_busy(session, span, clockwork), clockwork):
        if piece not in kept:
            if time.monotonic() > until:
                return False
            _keep(session, piece, clockwork)
    return True


def _worth_keeping(span: Span, clockwork: Clockwork) -> Iterator[Span]:
    """Whole days that are over, and months after their days."""
    for part in pieces(span, clockwork.zone):
        parts = list(days(part, clockwork.zone))
        for one in (*parts, part) if len(parts) > 1 else parts:
            if one.end <= clockwork.now and _is_whole(one, clockwork.zone):
                yield one


def _is_whole(span: Span, zone: ZoneInfo) -> bool:
    edges = (datetime.fromtimestamp(at / 1000, zone) for at in (span.begin, span.end))
    return all(_midnight(edge.date(), zone) == round(edge.timestamp() * 1000) for edge in edges)


def _keep(session: Session, piece: Span, clockwork: Clockwork) -> None:
    found = _counted(session, piece, KINDS, clockwork, ALL)
    place = {"begin": piece.begin, "end": piece.end}
    session.execute(delete(TallyRow).filter_by(**place))
    kept = {"under": clockwork.under}
    rows = [place | kept | {"kind": kind, "document": json.dumps(found[kind])} for kind in KINDS]
    session.execute(insert(TallyRow), rows)
