"""Calls are made anew from the raw records of their channels, within the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Select, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from reports.channels import milliseconds
from reports.fold import calls
from reports.keep import made_again_since
from reports.records import FILES, Kind, read_start
from reports.store import EVER, AgentEvent, CallRow, RawRecord, TallyRow, alone, as_row, chunks
from switchboard.pbx.cel import CelRow, read_row


def refold(session: Session, names: Iterable[str], fresh: Sequence[CelRow] = ()) -> int:
    """Make the calls anew that these channels (or linkedids) belong to; how many there are.

    `fresh` are events that are not in the database yet.
    """
    names = {*names, *(row.uniqueid for row in fresh), *(row.linkedid for row in fresh)}
    stored = joined(session, names)
    rows = [*fresh, *_events(session, stored)]
    if not rows:
        return 0
    since = made_again_since(session)
    for some in chunks(sorted(stored)):
        again = (CallRow.id.in_(some), CallRow.began >= since)
        session.execute(delete(CallRow).where(*again))
    made = [call for call in calls(rows, _starts(session)) if call.began >= since]
    if made:
        # one statement for all; else SQLAlchemy makes one for each pattern of what is None
        all_alike = insert(CallRow).execution_options(render_nulls=True)
        session.execute(all_alike, [as_row(call) for call in made])
    last = max(call.segments[-1].ended for call in made) if made else 0
    moments = [row.at for row in rows]
    untally(session, milliseconds(min(moments)), max(last, milliseconds(max(moments))))
    return len(made)


def untally(session: Session, first: int, last: int) -> None:
    """What was counted of days between two moments is no longer true."""
    touched = (TallyRow.begin <= last, TallyRow.end > first)
    session.execute(delete(TallyRow).where(*touched))


def rebuild(session: Session) -> int:
    """Throw all calls away and make them again from the raw records; how many there are.

    Those stay as they are whose records were let go.
    """
    alone(session)
    since = made_again_since(session)
    session.execute(delete(CallRow).where(CallRow.began >= since))
    untally(session, since, EVER)
    _rebuild_agents(session)
    firsts = select(RawRecord.linkedid).where(RawRecord.kind == Kind.CEL).distinct()
    names = sorted(session.scalars(firsts))
    for some in chunks(names):
        refold(session, some)
    return session.scalar(select(func.count()).select_from(CallRow)) or 0


def rebuild_where_none(session: Session) -> None:
    """After a change of the tables there are records and no calls."""
    has_calls = session.scalar(select(CallRow.id).limit(1)) is not None
    if not has_calls and session.scalar(select(RawRecord.file_id).limit(1)) is not None:
        rebuild(session)


def _rebuild_agents(session: Session) -> None:
    session.execute(delete(AgentEvent).where(AgentEvent.at >= made_again_since(session)))
    known = set(session.execute(select(AgentEvent.file_id, AgentEvent.position)))
    told = select(RawRecord).where(RawRecord.kind.in_((Kind.QUEUE_LOG, Kind.CEL)))
    found: list[dict[str, object]] = []
    for raw in session.scalars(told.execution_options(yield_per=1000)):
        keys = FILES[Kind(raw.kind)].read(raw.record)
        is_known = (raw.file_id, raw.position) in known
        if keys is not None and keys.agent is not None and not is_known:
            place = {"file_id": raw.file_id, "position": raw.position}
            found.append(place | keys.agent.as_row())
    if found:
        session.execute(insert(AgentEvent), found)


def unfinished(session: Session) -> list[str]:
    """The calls in progress, as far as is known."""
    return list(session.scalars(select(CallRow.id).where(CallRow.outcome.is_(None))))


def joined(session: Session, names: set[str]) -> set[str]:
    """Those in the database of these channels and of all that were ever under one linkedid."""
    known, new, stored = set(names), set(names), set[str]()
    while new:
        found: set[str] = set()
        for some in chunks(sorted(new)):
            for kind, damaged, uniqueid, linkedid in session.execute(_about(some)):
                if kind == Kind.CEL and not damaged:
                    stored.add(uniqueid)
                    found |= {uniqueid, linkedid}
        new = found - known
        known |= new
    return stored


def _events(session: Session, channels: set[str]) -> Iterator[CelRow]:
    for some in chunks(sorted(channels)):
        for kind, record in session.execute(_of(some)):
            row = read_row(record) if kind == Kind.CEL else None
            if row is not None:
                yield row


# The kind is looked at here: asked for, SQLite would rather read every event there ever was.


def _about(names: Sequence[str]) -> Select[str, bool, str, str]:
    """What channels there are of these names, or of these linkedids."""
    either = or_(RawRecord.uniqueid.in_(names), RawRecord.linkedid.in_(names))
    told = select(RawRecord.kind, RawRecord.is_damaged, RawRecord.uniqueid, RawRecord.linkedid)
    return told.where(either).distinct()


def _of(names: Sequence[str]) -> Select[str, bytes]:
    """All that was written of these channels."""
    return select(RawRecord.kind, RawRecord.record).where(RawRecord.uniqueid.in_(names))


def _starts(session: Session) -> list[float]:
    marks = session.scalars(select(RawRecord.record).where(RawRecord.kind == Kind.STARTS))
    return [at for at in map(read_start, marks) if at is not None]
