"""Tables: raw records as they came, how far each file was read, and the calls made of them."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from reports.call import Call
from reports.fold import calls
from reports.records import Kind, read_start
from switchboard.db import Base
from switchboard.pbx import cel

MOST_NAMES = 400  # in one question: SQLite limits their number
_AS_JSON = TypeAdapter(Call)


class LogFile(Base):
    """A file that is followed, known by its first record: renamed or copied it is the same."""

    __tablename__ = "log_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    first: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of kind, node, record
    path: Mapped[str]
    node: Mapped[str] = mapped_column(String(64))
    read_bytes: Mapped[int] = mapped_column(BigInteger)


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
    """One call: `document` is all of it (JSON), the rest is what it is looked for by."""

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(String(150), primary_key=True)
    began: Mapped[int] = mapped_column(BigInteger)  # milliseconds since 1970
    is_over: Mapped[bool]
    document: Mapped[str]

    __table_args__ = (Index("ix_call_began", "began"), Index("ix_call_is_over", "is_over"))


@dataclass(frozen=True)
class Span:
    """A period: from `begin` on, `end` no longer; in milliseconds since 1970."""

    begin: int
    end: int


async def refold(session: AsyncSession, names: Iterable[str]) -> int:
    """Make the calls anew that these channels (or linkedids) belong to; how many there are."""
    channels = await _joined(session, set(names))
    rows = [row async for row in _events(session, channels)]
    marks = await _starts(session)
    for some in _chunks(sorted(channels)):
        await session.execute(delete(CallRow).where(CallRow.id.in_(some)))
    made = calls(rows, marks)
    if made:
        await session.execute(insert(CallRow), [_as_row(call) for call in made])
    return len(made)


async def rebuild(session: AsyncSession) -> int:
    """Throw all calls away and make them again from the raw records; how many there are."""
    await session.execute(delete(CallRow))
    firsts = select(RawRecord.linkedid).where(RawRecord.kind == Kind.CEL).distinct()
    names = sorted(await session.scalars(firsts))
    for some in _chunks(names):
        await refold(session, some)
    return await session.scalar(select(func.count()).select_from(CallRow)) or 0


async def unfinished(session: AsyncSession) -> list[str]:
    """The calls in progress, as far as is known."""
    return list(await session.scalars(select(CallRow.id).where(CallRow.is_over.is_(False))))


async def calls_in(session: AsyncSession, span: Span) -> list[Call]:
    """The calls that began in a period, in their order."""
    began = CallRow.began
    wanted = select(CallRow.document).where(began >= span.begin, began < span.end)
    documents = await session.scalars(wanted.order_by(began, CallRow.id))
    return [_AS_JSON.validate_json(document) for document in documents]


async def call_of(session: AsyncSession, call_id: str) -> Call | None:
    """One call by its id."""
    row = await session.get(CallRow, call_id)
    return _AS_JSON.validate_json(row.document) if row else None


async def arrivals_in(session: AsyncSession, span: Span) -> set[str]:
    """The channels that arrived in a period, counted in the raw records and not in the calls."""
    wanted = select(RawRecord.uniqueid).where(
        RawRecord.is_arrival, RawRecord.at >= span.begin, RawRecord.at < span.end
    )
    return set(await session.scalars(wanted))


async def _joined(session: AsyncSession, names: set[str]) -> set[str]:
    """These channels and all ever joined with them: under one linkedid, directly or by others."""
    known, new = set(names), set(names)
    while new:
        found: set[str] = set()
        for some in _chunks(sorted(new)):
            either = or_(RawRecord.uniqueid.in_(some), RawRecord.linkedid.in_(some))
            pairs = select(RawRecord.uniqueid, RawRecord.linkedid).where(
                RawRecord.kind == Kind.CEL, RawRecord.is_damaged.is_(False), either
            )
            for pair in await session.execute(pairs.distinct()):
                found.update(pair)
        new = found - known
        known |= new
    return known


async def _events(session: AsyncSession, channels: set[str]) -> AsyncIterator[cel.CelRow]:
    for some in _chunks(sorted(channels)):
        wanted = select(RawRecord.record).where(
            RawRecord.kind == Kind.CEL, RawRecord.uniqueid.in_(some)
        )
        for record in await session.scalars(wanted):
            row = cel.read_row(record)
            if row is not None:
                yield row


async def _starts(session: AsyncSession) -> list[float]:
    marks = await session.scalars(select(RawRecord.record).where(RawRecord.kind == Kind.STARTS))
    return [at for at in map(read_start, marks) if at is not None]


def _as_row(call: Call) -> dict[str, object]:
    return {
        "id": call.id,
        "began": call.began,
        "is_over": call.outcome is not None,
        "document": _AS_JSON.dump_json(call).decode(),
    }


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, MOST_NAMES)):
        yield some
