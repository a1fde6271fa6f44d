"""Tables: raw records as they came, how far each file was read, and what was made of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    and_,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from reports.call import Call, Direction
from switchboard.db import Base

MOST_NAMES = 400  # in one question: SQLite limits their number
MOST_CALLS = 500  # in memory at once, where calls are asked for one after the other
ALONE = 0x5B  # a lock of PostgreSQL's, by its number: who takes in records does so one by one
LONGEST_CALL = 86_400_000  # milliseconds: so long after its beginning a call may still be counted
EVER = 1 << 62  # milliseconds
LONGEST_REST = 3_600_000  # milliseconds, after a call
_AS_JSON = TypeAdapter(Call)
T = TypeVar("T")


class LogFile(Base):
    """A file that is followed, known by its first record: renamed or copied it is the same."""

    __tablename__ = "log_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    first: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of kind, node, record
    path: Mapped[str]
    node: Mapped[str] = mapped_column(String(64))
    read_bytes: Mapped[int] = mapped_column(BigInteger)
    # records of an earlier time are let go; in milliseconds since 1970, 0 while there are all
    kept_since: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class RawRecord(Base):
    """One record as it was written; `at` in milliseconds since 1970, 0 where it is damaged."""

    __tablename__ = "raw_record"

    file_id: Mapped[int] = mapped_column(ForeignKey("log_file.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # of its first byte
    kind: Mapped[str] = mapped_column(String(10))
    node: Mapped[str] = mapped_column(String(64))
    at: Mapped[int] = mapped_column(BigInteger)
    uniqueid: Mapped[str] = mapped_column(String(150))
    linkedid: Mapped[str] = mapped_column(String(150))
    is_arrival: Mapped[bool]
    is_damaged: Mapped[bool]
    record: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("ix_raw_record_uniqueid", "uniqueid", "linkedid"),
        Index("ix_raw_record_linkedid", "linkedid", "uniqueid"),
        Index("ix_raw_record_kind_at", "kind", "at"),
        Index(
            "ix_raw_record_arrival",
            "at",
            sqlite_where=text("is_arrival = 1"),
            postgresql_where=text("is_arrival"),
        ),
    )


class CallRow(Base):
    """One call: `document` is all of it (JSON), the rest is what it is looked for by.

    `party` is the number outside, None where there is none; `departments` and `agents` are names,
    each with a space on either side. Times in milliseconds since 1970.
    """

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(String(150), primary_key=True)
    began: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)  # its end, or the last that is known of it
    direction: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(24))  # None while it is in progress
    spoke: Mapped[bool]  # somebody, at any time
    caller: Mapped[str | None]
    caller_name: Mapped[str]
    dialled: Mapped[str]
    party: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(16))
    department: Mapped[str | None]
    departments: Mapped[str]
    agents: Mapped[str]
    document: Mapped[str]

    __table_args__ = (
        # with what is asked of many calls at once, so that no document is read for it
        Index("ix_call_began", "began", "direction", "outcome", "spoke", "party"),
        Index("ix_call_party", "party", "began", "direction", "outcome", "spoke"),
        Index(
            "ix_call_in_progress",
            "id",
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )


class AgentEvent(Base):
    """An extension signed in or out of a department (`about`), or paused (for a reason)."""

    __tablename__ = "agent_event"

    file_id: Mapped[int] = mapped_column(ForeignKey("log_file.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    agent: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(8))
    about: Mapped[str]

    __table_args__ = (Index("ix_agent_event_agent", "agent", "what", "about", "at"),)


class TallyRow(Base):
    """What a report counts of a whole day or month; gone as soon as one of its calls changes.

    `under` says what else it depends on: the center's clock, the departments' times to rest.
    """

    __tablename__ = "tally"

    begin: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    end: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    under: Mapped[str] = mapped_column(String(64))
    document: Mapped[str]


@dataclass(frozen=True)
class Span:
    """A period: from `begin` on, `end` no longer; in milliseconds since 1970."""

    begin: int
    end: int

    def holds(self, at: int) -> bool:
        return self.begin <= at < self.end

    def cut(self, began: int, ended: int) -> int:
        """How much of a stretch lies within."""
        return max(0, min(ended, self.end) - max(began, self.begin))


@dataclass(frozen=True)
class Filters:
    """Only these calls; None takes all."""

    department: str | None = None
    agent: str | None = None
    number: str | None = None
    language: str | None = None
    outcome: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As the database asks."""
        number = self.number
        asked = {
            "department": CallRow.departments.contains(f" {self.department} ", autoescape=True),
            "agent": CallRow.agents.contains(f" {self.agent} ", autoescape=True),
            "number": or_(CallRow.caller == number, CallRow.dialled == number),
            "language": CallRow.language == self.language,
            "outcome": CallRow.outcome == self.outcome,
        }
        return [asked[name] for name in asked if getattr(self, name) is not None]

    @property
    def wanted(self) -> set[str]:
        """The names of those that are set."""
        return {name for name, value in vars(self).items() if value is not None}


ALL = Filters()


def alone(session: Session) -> None:
    """Until the transaction ends nobody else takes records in; of SQLite's writers one is alone."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(ALONE)))


def calls_of(session: Session, span: Span, filters: Filters = ALL) -> Iterator[Call]:
    """The calls that began in a period, in their order; few of them in memory at once."""
    began = CallRow.began
    wanted = select(CallRow.document).where(
        began >= span.begin, began < span.end, *filters.conditions()
    )
    return read_calls(session, wanted.order_by(began, CallRow.id))


def calls_around(session: Session, span: Span, filters: Filters = ALL) -> Iterator[Call]:
    """Those, and the calls before them that reach into the period."""
    reaching = and_(
        CallRow.began < span.begin,
        CallRow.began >= span.begin - LONGEST_CALL,
        CallRow.last >= span.begin - LONGEST_REST,
    )
    wanted = select(CallRow.document).where(reaching, *filters.conditions())
    yield from read_calls(session, wanted.order_by(CallRow.began, CallRow.id))
    yield from calls_of(session, span, filters)


def read_calls(session: Session, wanted: object) -> Iterator[Call]:
    """The calls of a question for their documents, few of them in memory at once."""
    documents = session.execute(
        wanted.execution_options(yield_per=MOST_CALLS)  # type: ignore[attr-defined]
    )
    return (_AS_JSON.validate_json(document) for (document,) in documents)


def how_many(session: Session, span: Span, filters: Filters = ALL) -> int:
    """The calls that began in a period."""
    began = CallRow.began
    wanted = select(func.count()).where(began >= span.begin, began < span.end)
    return session.scalar(wanted.where(*filters.conditions())) or 0


def call_of(session: Session, call_id: str) -> Call | None:
    """One call by its id."""
    row = session.get(CallRow, call_id)
    return _AS_JSON.validate_json(row.document) if row else None


def arrivals_in(session: Session, span: Span) -> int:
    """How many arrived in a period, counted in the raw records and not in the calls."""
    wanted = select(func.count(RawRecord.uniqueid.distinct()))
    return session.scalar(wanted.where(*_arrived(span))) or 0


def unexplained_in(session: Session, span: Span) -> list[str]:
    """The arrivals of a period of which no call was made."""
    wanted = select(RawRecord.uniqueid).distinct().where(*_arrived(span))
    wanted = wanted.outerjoin(CallRow, CallRow.id == RawRecord.uniqueid)
    return sorted(session.scalars(wanted.where(CallRow.id.is_(None))))


def _arrived(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (RawRecord.is_arrival.is_(True), RawRecord.at >= span.begin, RawRecord.at < span.end)


def as_row(call: Call) -> dict[str, object]:
    """A call as its table keeps it."""
    outside = {Direction.INBOUND: call.from_number, Direction.OUTBOUND: call.to}
    return {
        "id": call.id,
        "began": call.began,
        "last": call.segments[-1].ended,
        "direction": call.direction,
        "outcome": call.outcome,
        "spoke": call.answered is not None,
        "caller": call.from_number,
        "caller_name": call.from_name,
        "dialled": call.to,
        "party": outside.get(call.direction),
        "language": call.language,
        "department": call.department,
        "departments": _listed(visit.department for visit in call.visits),
        "agents": _listed(call.agents),
        "document": _AS_JSON.dump_json(call).decode(),
    }


def _listed(names: Iterable[str]) -> str:
    return "".join(f" {name} " for name in dict.fromkeys(names))


def chunks(names: Iterable[T]) -> Iterator[list[T]]:
    """So few at once that a question may name them all."""
    rest = iter(names)
    while some := list(islice(rest, MOST_NAMES)):
        yield some
