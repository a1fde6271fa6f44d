"""Alarms: what is wrong, since when, and how to mend it. Each clears when its cause is gone.

A key is `NAME` or `NAME:DETAIL` (`disk`, `phones:sales`); at most one alarm stands for a key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from switchboard.clock import utc_now
from switchboard.db import Base, UtcTime

_STANDS = text("cleared_at IS NULL")


@dataclass(frozen=True)
class Alarm:
    """One alarm that stands."""

    key: str
    what: str
    since: datetime
    how_to_mend: str


class AlarmRow(Base):
    """An alarm, standing until `cleared_at`; `told` says for which of both a letter was written."""

    __tablename__ = "alarm"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100))
    words: Mapped[str]
    how_to_mend: Mapped[str]
    since: Mapped[datetime] = mapped_column(UtcTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)
    told_cleared_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index(
            "uq_alarm_standing_key",
            "key",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )


async def raise_alarm(
    session: AsyncSession, key: str, words: str, how_to_mend: str, now: datetime | None = None
) -> bool:
    """Let an alarm stand, within the caller's transaction; one that stands takes the new words.

    Whether it is new. A letter goes to the alarm address by itself.
    """
    row = await _standing(session, key)
    if row is not None:
        row.words, row.how_to_mend = words, how_to_mend
        return False
    since = now or utc_now()
    session.add(AlarmRow(key=key, words=words, how_to_mend=how_to_mend, since=since))
    await session.flush()
    return True


async def clear_alarm(session: AsyncSession, key: str, now: datetime | None = None) -> bool:
    """Let an alarm be over, within the caller's transaction; whether one stood."""
    row = await _standing(session, key)
    if row is None:
        return False
    row.cleared_at = now or utc_now()
    await session.flush()
    return True


async def list_alarms(session: AsyncSession) -> list[Alarm]:
    """The alarms that stand, the oldest first."""
    standing = select(AlarmRow).where(AlarmRow.cleared_at.is_(None)).order_by(AlarmRow.since)
    return [
        Alarm(row.key, row.words, row.since, row.how_to_mend)
        for row in await session.scalars(standing)
    ]


async def _standing(session: AsyncSession, key: str) -> AlarmRow | None:
    found = select(AlarmRow).where(AlarmRow.key == key, AlarmRow.cleared_at.is_(None))
    return (await session.scalars(found)).one_or_none()
