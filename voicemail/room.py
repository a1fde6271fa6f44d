"""Whether the spool's disk has room for another message; else callers are told, not recorded."""

import os
from pathlib import Path

from switchboard.pbx.ami import Ami
from switchboard.watch import Trouble

LEAST_BYTES = 50 << 20  # five messages of the longest kind
LEAST_SHARE = 0.05  # of a small disk
VARIABLE = "NO_ROOM"  # the dialplan's, for all calls


class Room:
    """`trouble` is None while there is room."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._closed = False
        self.trouble: Trouble | None = None

    def look(self) -> bool:
        """Look at the disk; whether Asterisk has to be told. Raises OSError.

        While there is no room it is told each time: one that was started again has forgotten it.
        """
        place = self._spool if self._spool.is_dir() else self._spool.parent
        disk = os.statvfs(place)
        free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        self.trouble = None
        if free < min(LEAST_BYTES, LEAST_SHARE * size) or (disk.f_files and not disk.f_favail):
            self.trouble = Trouble(
                "room",
                f"no message is recorded: {free >> 10} KiB are free on the disk of {place}",
                "make room; callers are told that nobody can take their message now",
            )
        return self._closed or self.trouble is not None

    async def tell(self, line: Ami) -> None:
        """Let recordings begin, or not. Raises AmiAway, AmiTimeout, AmiRefused."""
        closed = self.trouble is not None
        await line.ask("Setvar", Variable=VARIABLE, Value="1" if closed else "")
        self._closed = closed
