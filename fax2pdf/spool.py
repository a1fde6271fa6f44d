"""Asterisk's spool of faxes, swept: what lies there is the truth, whatever events told.

A fax is `LINE-UNIQUEID.tif` with its sidecar `.txt`; without a page there is only the sidecar.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fax2pdf.fax import Sidecar, read_sidecar
from switchboard.errors import SwitchboardError
from switchboard.files import open_regular, whole
from switchboard.spool import Stamp, look_at, opened, stamp_of

ABANDONED_SECONDS = 1800.0  # no page takes so long; each one is written when it has come
LARGEST_SIDECAR_BYTES = 16 << 10

_NAME = re.compile(r"(?P<line>[a-z0-9_-]{1,64})-(?P<uniqueid>[a-z]{1,32}-[0-9]{1,12}\.[0-9]{1,10})")


class Gone(SwitchboardError):
    """It is not there any more, or is another one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A fax that is over. `tiff` is None where no page came."""

    name: str
    line: str
    uniqueid: str
    tiff: Stamp | None
    sidecar: Sidecar
    began_at: datetime

    @property
    def id(self) -> str:
        """16 hexadecimal digits, the same in each sweep."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]


class Spool:
    """`started_at` tells when Asterisk was started last (seconds since 1970): what it was receiving
    before that is all there will be of it.
    """

    def __init__(
        self, root: Path, started_at: Callable[[], float], clock: Callable[[], float] = time.time
    ) -> None:
        self._root = root
        self._started_at = started_at
        self._clock = clock

    def sweep(self) -> list[Found]:
        """Every fax that is over. Raises OSError where the spool cannot be read."""
        with opened(self._root) as directory:
            found = [self._look(stem, directory) for stem in _stems(directory)]
        return [one for one in found if one is not None]

    def copy(self, found: Found, target: Path) -> None:
        """Write the TIFF of a fax, durably. Raises Gone, OSError."""
        try:
            with opened(self._root) as spool, open_regular(spool, f"{found.name}.tif") as tiff:
                if stamp_of(os.fstat(tiff.fileno())) != found.tiff:
                    raise Gone(f"{found.name} has changed")
                with whole(target) as file:
                    shutil.copyfileobj(tiff, file)
        except FileNotFoundError as gone:
            raise Gone(f"{found.name} is not there any more") from gone

    def remove(self, name: str) -> None:
        """Remove what is left of a fax whose letter is sent. Raises OSError."""
        with opened(self._root) as directory:
            for file in (f"{name}.tif", f"{name}.txt"):
                with suppress(FileNotFoundError):
                    os.unlink(file, dir_fd=directory)

    def _look(self, stem: str, directory: int) -> Found | None:
        """None while it is received, or where there is no such fax."""
        match = _NAME.fullmatch(stem)
        if match is None:
            return None
        tiff, _ = look_at(directory, f"{stem}.tif", 0)
        text, content = look_at(directory, f"{stem}.txt", LARGEST_SIDECAR_BYTES)
        stamps = [stamp for stamp in (tiff, text) if stamp]
        sidecar = read_sidecar(content)
        if not stamps or not (sidecar.ending or self._is_cut(stamps)):
            return None
        oldest = min(stamp[1] for stamp in stamps) / 1e9
        began = sidecar.beginning.at if sidecar.beginning else datetime.fromtimestamp(oldest, UTC)
        return Found(stem, match["line"], match["uniqueid"], tiff, sidecar, began)

    def _is_cut(self, stamps: list[Stamp]) -> bool:
        newest = max(stamp[1] for stamp in stamps) / 1e9
        return newest < self._started_at() or self._clock() - newest > ABANDONED_SECONDS


def _stems(directory: int) -> list[str]:
    return sorted({name.rpartition(".")[0] for name in os.listdir(directory)})
