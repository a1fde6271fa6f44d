"""Faxes that were taken: one row each, committed with its letter, and kept for good.

A row has all that its letter says, so that it can be written again (`switchboard fax resend`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Index, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from switchboard.db import Base, UtcTime
from switchboard.errors import SwitchboardError
from switchboard.outbox import OutboxRow

LONGEST_ID = 150

_UNFINISHED = text("finished_at IS NULL")


class NoSuchFax(SwitchboardError):
    """There is no fax of this id."""


class FaxRow(Base):
    """One fax. `pages` can be shown, `confirmed` were promised to the sender.

    `cause` is a word of `fax2pdf.fax.CAUSES`, `error` what Asterisk said; `resolution` `204x196`.
    `finished_at`: its letter is sent, and it is gone from the spool. `gone_at`: its pages were
    deleted, because their time was over. `letters` counts those that were written about it.
    """

    __tablename__ = "fax"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    line: Mapped[str] = mapped_column(String(64))
    spooled: Mapped[str] = mapped_column(String(255))  # the name in the spool, without its ending
    uniqueid: Mapped[str] = mapped_column(String(LONGEST_ID))
    linkedid: Mapped[str] = mapped_column(String(LONGEST_ID))
    caller_number: Mapped[str | None] = mapped_column(String(64))
    caller_name: Mapped[str | None]
    station: Mapped[str] = mapped_column(String(64))
    dialled: Mapped[str] = mapped_column(String(LONGEST_ID))
    received_at: Mapped[datetime] = mapped_column(UtcTime)
    seconds: Mapped[float]
    pages: Mapped[int]
    confirmed: Mapped[int]
    resolution: Mapped[str] = mapped_column(String(16))
    bits_per_second: Mapped[int]
    status: Mapped[str] = mapped_column(String(8))  # as `fax2pdf.fax.Status`
    cause: Mapped[str] = mapped_column(String(16))
    error: Mapped[str]
    tiff_bytes: Mapped[int]
    message_id: Mapped[str | None] = mapped_column(String(255))  # of the newest letter
    letters: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index("ix_fax_received_at", "received_at"),
        Index("ix_fax_uniqueid", "uniqueid"),
        Index("ix_fax_unfinished", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A fax with what became of its newest letter; `letter` is None where none was wanted."""

    fax: FaxRow
    letter: OutboxRow | None


async def unknown_of(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    """Those of `ids` that were never taken."""
    asked = set(ids)
    known = await session.scalars(select(FaxRow.id).where(FaxRow.id.in_(asked)))
    return asked.difference(known)


async def list_faxes(session: AsyncSession, line: str | None = None) -> list[Listed]:
    """Every fax that is kept, the oldest first."""
    of_line = [] if line is None else [FaxRow.line == line]
    return await _listed(session, FaxRow.gone_at.is_(None), *of_line)


async def find_fax(session: AsyncSession, fax_id: str) -> Listed:
    """The fax of an id. Raises NoSuchFax, also when its pages are gone."""
    found = await _listed(session, FaxRow.id == fax_id, FaxRow.gone_at.is_(None))
    if not found:
        raise NoSuchFax(f"there is no fax “{fax_id}”; see `switchboard fax list`")
    return found[0]


async def partial_since(session: AsyncSession, received_since: datetime) -> list[FaxRow]:
    """The faxes of which only some pages came."""
    wanted = select(FaxRow).where(FaxRow.received_at >= received_since)
    return list(await session.scalars(wanted.where(FaxRow.status == "partial")))


async def of_caller(session: AsyncSession, number: str) -> list[Listed]:
    """Every fax of a number, those whose pages are gone too, the oldest first."""
    return await _listed(session, FaxRow.caller_number == number)


async def unfinished(session: AsyncSession, most: int) -> list[Listed]:
    """Faxes whose letter is sent, or not wanted, and that still lie in the spool."""
    sent = (OutboxRow.state == "sent") | FaxRow.message_id.is_(None)
    return await _listed(session, FaxRow.finished_at.is_(None), sent, most=most)


async def overdue(session: AsyncSession, received_before: datetime, most: int) -> list[Listed]:
    """Faxes that are finished, and kept though they were received before a time."""
    return await _listed(
        session,
        FaxRow.finished_at.is_not(None),
        FaxRow.gone_at.is_(None),
        FaxRow.received_at < received_before,
        most=most,
    )


async def _listed(
    session: AsyncSession, *where: ColumnElement[bool], most: int | None = None
) -> list[Listed]:
    wanted = select(FaxRow, OutboxRow).where(*where)
    wanted = wanted.outerjoin(OutboxRow, OutboxRow.message_id == FaxRow.message_id)
    wanted = wanted.order_by(FaxRow.received_at, FaxRow.id).limit(most)
    return [Listed(fax, letter) for fax, letter in await session.execute(wanted)]
