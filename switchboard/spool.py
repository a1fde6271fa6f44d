"""What Asterisk leaves in its spools, looked at: messages and faxes lie there until they are taken.

Whoever can write to a spool could put links there: none is followed.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from switchboard.files import open_directory, open_regular

Stamp = tuple[int, int, int]  # inode, time of change in ns, size


@contextmanager
def opened(root: Path, *names: str) -> Iterator[int]:
    """The descriptor of a directory below `root`. Raises OSError, also for a link."""
    descriptor = open_directory(root, *names)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def look_at(directory: int, name: str, most_bytes: int) -> tuple[Stamp | None, bytes]:
    """The stamp of a file and how it begins; None where there is no file, or something else."""
    try:
        with open_regular(directory, name) as file:
            return stamp_of(os.fstat(file.fileno())), file.read(most_bytes)
    except OSError as trouble:
        if trouble.errno in (errno.ENOENT, errno.ELOOP, errno.EINVAL, errno.EISDIR):
            return None, b""
        raise


def stamp_of(status: os.stat_result) -> Stamp | None:
    """What tells a file from any other of its name; None for what is no file."""
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
