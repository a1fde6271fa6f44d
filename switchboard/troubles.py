"""What can be wrong on the ground: the disk, the mail, programs that had to be started again."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from switchboard.claims import LEASE
from switchboard.clock import Clock
from switchboard.outbox import OutboxRow
from switchboard.watch import Trouble

LOW_BYTES = 1 << 30
LOW_SHARE = 0.1  # of a small disk, and of the inodes of any
STALLED = timedelta(seconds=20)  # for a letter on the line, when none else gets through either
REMEMBERED_DEAD = timedelta(days=7)
REMEMBERED_RESTART = timedelta(minutes=10)

OUTBOX = "letters are kept and tried for five days; see `switchboard outbox list`"


def disk_troubles(directory: Path) -> list[Trouble]:
    """Whether the disk below a directory is nearly full, of bytes or of inodes. Raises OSError."""
    disk = os.statvfs(directory)
    free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    if free < min(LOW_BYTES, LOW_SHARE * size):
        words = f"only {free >> 20} MiB are free on the disk of {directory}"
    elif disk.f_files and disk.f_favail < LOW_SHARE * disk.f_files:
        words = f"only {disk.f_favail} more files fit on the disk of {directory}"
    else:
        return []
    return [Trouble("disk", words, "make room; what is kept for how long says `keep:`")]


async def mail_troubles(session: AsyncSession, now: datetime, homeless: str) -> list[Trouble]:
    """Whether letters do not get to the mail server; `homeless` says why there is none."""
    if homeless:
        waiting = await _count(session, OutboxRow.state == "waiting")
        mend = "see `mail:` in center.yaml, then `switchboard apply`"
        return [Trouble("mail", f"{waiting} letters wait: {homeless}", mend)] if waiting else []
    away = OutboxRow.server_away & (OutboxRow.state == "waiting")
    waiting = await _count(session, away)
    if waiting:
        error = await session.scalar(
            select(OutboxRow.last_error).where(away).order_by(OutboxRow.id.desc()).limit(1)
        )
        return [Trouble("mail", f"mail fails, {waiting} letters wait: {error}", OUTBOX)]
    stalled = OutboxRow.state == "sending", OutboxRow.due_at < now + LEASE - STALLED
    if await _count(session, *stalled) and not await _count(
        session, OutboxRow.state == "sent", OutboxRow.ended_at > now - STALLED
    ):
        words = f"mail fails: the server does not answer for {STALLED.seconds} s"
        return [Trouble("mail", words, OUTBOX)]
    return []


async def dead_troubles(session: AsyncSession, now: datetime) -> list[Trouble]:
    """Whether letters were refused for good, or given up, within the last days."""
    dead = OutboxRow.state == "dead", OutboxRow.ended_at > now - REMEMBERED_DEAD
    count = await _count(session, *dead)
    if not count:
        return []
    newest = select(OutboxRow).where(*dead).order_by(OutboxRow.ended_at.desc()).limit(1)
    row = (await session.scalars(newest)).one()
    words = f"{count} letters could not be delivered; letter {row.id}: {row.last_error}"
    return [Trouble("letters", words, "mend the cause, then `switchboard outbox retry ID`")]


async def _count(session: AsyncSession, *conditions: object) -> int:
    counted = select(func.count()).select_from(OutboxRow).where(*conditions)  # type: ignore[arg-type]
    return (await session.scalars(counted)).one()


class Restarts:
    """Programs that had to be started again; each is told for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[str, tuple[datetime, str]] = {}

    def note(self, name: str, reason: str) -> None:
        """Remember a restart of now."""
        self._last[name] = self._clock(), reason

    async def troubles(self) -> list[Trouble]:
        """Those of the last minutes."""
        oldest = self._clock() - REMEMBERED_RESTART
        return [
            Trouble(
                f"restart:{name}",
                f"{name} had to be started again: {reason}",
                "nothing if it happens once; else see the logs in the state directory",
            )
            for name, (at, reason) in self._last.items()
            if at > oldest
        ]
