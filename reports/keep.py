"""Raw records whose time is over are let go; the calls that were made of them stay, as do figures.

Of each arrival the row stays without what was written in it, so that the balance can be counted.
"""

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from reports.records import Kind
from reports.store import LONGEST_CALL, RawRecord, alone

EMPTY = b""
SLICE = 6 * 3_600_000  # milliseconds of records that are let go at once


def overdue(session: Session, before: int) -> int:
    """How many raw records are older than that, in milliseconds since 1970."""
    found = select(func.count()).where(*_old(before), RawRecord.record != EMPTY)
    return session.scalar(found) or 0


def let_go(session: Session, before: int) -> bool:
    """Let some of them go, the oldest first; whether all are gone."""
    alone(session)
    oldest = session.scalar(
        select(func.min(RawRecord.at)).where(*_old(before), RawRecord.record != EMPTY)
    )
    if oldest is None:
        return True
    until = min(before, oldest + SLICE)
    marks = and_(*_old(until), RawRecord.is_arrival.is_(True))
    session.execute(update(RawRecord).where(marks).values(record=EMPTY))
    session.execute(delete(RawRecord).where(*_old(until), RawRecord.is_arrival.is_(False)))
    return until == before


def _old(before: int) -> tuple[ColumnElement[bool], ...]:
    kinds = (Kind.CDR, Kind.CEL, Kind.QUEUE_LOG)  # a start is asked for by every call after it
    return (RawRecord.kind.in_(kinds), RawRecord.at > 0, RawRecord.at < before)


def made_again_since(session: Session) -> int:
    """Calls that began earlier cannot be made again: their records, or some of them, are gone."""
    if session.scalar(select(RawRecord.at).where(RawRecord.record == EMPTY).limit(1)) is None:
        return 0
    kept = select(func.min(RawRecord.at)).where(
        RawRecord.kind == Kind.CEL, RawRecord.at > 0, RawRecord.record != EMPTY
    )
    return (session.scalar(kept) or 0) + LONGEST_CALL
