"""Which scheduled reports were sent, so that each is sent once however often `run` is started."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from switchboard.db import Base, UtcTime


class ReportRun(Base):
    """A report that was sent for a due time, or because somebody asked for it.

    Without a `message_id` it is the moment from which a new schedule holds.
    """

    __tablename__ = "report_run"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    is_asked: Mapped[bool] = mapped_column(primary_key=True, default=False)
    message_id: Mapped[str | None] = mapped_column(String(255))


async def last_due(session: AsyncSession, name: str) -> datetime | None:
    """The due time that was seen to last; None of a schedule that is new."""
    wanted = select(func.max(ReportRun.due_at)).where(
        ReportRun.name == name, ReportRun.is_asked.is_(False)
    )
    return await session.scalar(wanted)


async def last_runs(session: AsyncSession, most: int) -> list[ReportRun]:
    """The reports that were sent, the latest first."""
    wanted = select(ReportRun).where(ReportRun.message_id.is_not(None))
    return list(await session.scalars(wanted.order_by(ReportRun.due_at.desc()).limit(most)))


async def forget_others(session: AsyncSession, names: Collection[str]) -> None:
    """A schedule that comes back later is a new one: what it missed meanwhile is not made up."""
    old = ReportRun.name.not_in(sorted(names))
    await session.execute(delete(ReportRun).where(old))
