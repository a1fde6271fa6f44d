"""Raw records whose time is over are let go; the calls that were made of them stay, as do figures.

Of each arrival the row stays without what was written in it, so that the balance can be counted.
"""

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import Session

from reports.records import Kind
from reports.store import LONGEST_CALL, LogFile, RawRecord, alone

EMPTY = b""
SLICE = 6 * 3_600_000  # milliseconds of records that are let go at once
KINDS = (Kind.CDR, Kind.CEL, Kind.QUEUE_LOG)  # a start is asked for by every call after it


def overdue(session: Session, before: int) -> int:
    """How many raw records are older than that, in milliseconds since 1970."""
    found = select(func.count()).where(RawRecord.kind.in_(KINDS), RawRecord.at < before)
    return session.scalar(found.where(RawRecord.at >= _kept_since(session), RawRecord.at > 0)) or 0


def let_go(session: Session, before: int) -> bool:
    """Let some of them go, the oldest first; whether all are gone."""
    alone(session)
    since = max(1, _kept_since(session))  # damaged ones have no time
    found = (RawRecord.kind.in_(KINDS), RawRecord.at >= since)
    oldest = session.scalar(select(func.min(RawRecord.at)).where(*found))
    if oldest is None or oldest >= before:
        return True
    until = min(before, oldest + SLICE)
    old = and_(*found, RawRecord.at < until)
    session.execute(update(RawRecord).where(old, RawRecord.is_arrival).values(record=EMPTY))
    session.execute(delete(RawRecord).where(old, RawRecord.is_arrival.is_(False)))
    session.execute(update(LogFile).values(kept_since=until))
    return until == before


def made_again_since(session: Session) -> int:
    """Calls that began earlier cannot be made again: their records, or some of them, are gone."""
    since = _kept_since(session)
    return since + LONGEST_CALL if since else 0


def _kept_since(session: Session) -> int:
    return session.scalar(select(func.max(LogFile.kept_since))) or 0
