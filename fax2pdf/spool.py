"""Asterisk's spool of faxes, swept: what lies there is the truth, whatever events told.

A fax is `LINE-UNIQUEID.tif` with its sidecar `.txt`; without a page there is only the sidecar.
Whoever can write to the spool could put links there: none is followed.
"""

import errno
import hashlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fax2pdf.fax import Sidecar, read_sidecar
from switchboard.errors import SwitchboardError
from switchboard.files import open_directory, open_regular

ABANDONED_SECONDS = 1800.0  # no page takes so long; each one is written when it has come
LARGEST_SIDECAR_BYTES = 16 << 10

_NAME = re.compile(r"(?P<line>[a-z0-9_-]{1,64})-(?P<uniqueid>[a-z]{1,32}-[0-9]{1,12}\.[0-9]{1,10})")

Stamp = tuple[int, int, int]  # inode, time of change in ns, size


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
        with self._opened() as directory:
            found = [self._look(stem, directory) for stem in _stems(directory)]
        return [one for one in found if one is not None]

    def copy(self, found: Found, target: Path) -> None:
        """Write the TIFF of a fax, durably. Raises Gone, OSError."""
        part = target.with_name(f".{target.name}.part")
        try:
            with self._opened() as directory, open_regular(directory, f"{found.name}.tif") as tiff:
                if _stamp_of(os.fstat(tiff.fileno())) != found.tiff:
                    raise Gone(f"{found.name} has changed")
                with part.open("wb") as file:
                    shutil.copyfileobj(tiff, file)
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(target)
        except FileNotFoundError as gone:
            raise Gone(f"{found.name} is not there any more") from gone
        finally:
            part.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove what is left of a fax whose letter is sent. Raises OSError."""
        with self._opened() as directory:
            for file in (f"{name}.tif", f"{name}.txt"):
                with suppress(FileNotFoundError):
                    os.unlink(file, dir_fd=directory)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        descriptor = open_directory(self._root)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _look(self, stem: str, directory: int) -> Found | None:
        """None while it is received, or where there is no such fax."""
        match = _NAME.fullmatch(stem)
        if match is None:
            return None
        tiff, _ = _read(directory, f"{stem}.tif", 0)
        text, content = _read(directory, f"{stem}.txt", LARGEST_SIDECAR_BYTES)
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


def _read(directory: int, name: str, most_bytes: int) -> tuple[Stamp | None, bytes]:
    """The stamp of a file and how it begins; None where there is no file, or something else."""
    try:
        with open_regular(directory, name) as file:
            return _stamp_of(os.fstat(file.fileno())), file.read(most_bytes)
    except OSError as trouble:
        if trouble.errno in (errno.ENOENT, errno.ELOOP, errno.EINVAL, errno.EISDIR):
            return None, b""
        raise


def _stamp_of(status: os.stat_result) -> Stamp | None:
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
