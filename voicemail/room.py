"""Whether Asterisk can record another message or fax; else callers are told, not recorded."""

import os
from pathlib import Path

from switchboard.pbx.ami import Ami
from switchboard.watch import Trouble

LEAST_BYTES = 50 << 20  # five messages of the longest kind
LEAST_SHARE = 0.05  # of a small disk
LEAST_FILES = 10  # a message has two, and others while it is recorded
VARIABLE = "NO_ROOM"  # the dialplan's, for all calls
MEND = (
    "see that its disk has room and can be written, and that the folder belongs to Asterisk's"
    " account; callers are told meanwhile that nobody can take their message"
)


class Room:
    """`trouble` is None while there is room in each of `spools`, whose parents are Asterisk's."""

    def __init__(self, *spools: Path) -> None:
        self._spools = spools
        self._closed = False
        self.trouble: Trouble | None = None

    def look(self) -> bool:
        """Look at the spools; whether Asterisk has to be told. Raises OSError.

        While there is no room it is told each time: one that was started again has forgotten it.
        """
        obstacle = next(filter(None, map(_obstacle, self._spools)), None)
        words = f"no message is recorded, and no fax: {obstacle}"
        self.trouble = Trouble("room", words, MEND) if obstacle else None
        return self._closed or self.trouble is not None

    async def tell(self, line: Ami) -> None:
        """Let recordings begin, or not. Raises AmiAway, AmiTimeout, AmiRefused."""
        closed = self.trouble is not None
        await line.ask("Setvar", Variable=VARIABLE, Value="1" if closed else "")
        self._closed = closed


def _obstacle(spool: Path) -> str:
    return _locked(spool) or _full(spool)


def _full(spool: Path) -> str:
    """Why nothing more fits on the disk, "" where it does."""
    place = spool if spool.is_dir() else spool.parent
    disk = os.statvfs(place)
    free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    if disk.f_flag & os.ST_RDONLY:
        return f"the disk of {place} is read-only"
    if free < min(LEAST_BYTES, LEAST_SHARE * size):
        return f"{free >> 10} KiB are free on the disk of {place}"
    if disk.f_files and disk.f_favail < LEAST_FILES:
        return f"{disk.f_favail} more files fit on the disk of {place}"
    return ""


def _locked(spool: Path) -> str:
    """Which folder Asterisk's account may not use, "" where it may.

    VoiceMail() would end such a call without a word.
    """
    account = spool.parent.stat().st_uid
    for folder in (spool, spool / "center"):
        try:
            status = folder.stat()
        except FileNotFoundError:
            continue  # it is made with the first message
        except PermissionError:
            return f"{folder} cannot be read"
        wanted = 0o700 if status.st_uid == account else 0o007
        if account and status.st_mode & wanted != wanted:
            return f"{folder} cannot be used by Asterisk's account"
    return ""
