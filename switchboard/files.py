"""Files that are whole or not there: written beside, then renamed; for their owner alone.

What somebody else may write to is read through `open_directory` and `open_regular`, which follow
no link out of it.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old content or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole(path, mode) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A file to be written: in its place, durably, when the block ends; not at all if it fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def clear_up(directory: Path, scratch: str) -> None:
    """Make a directory for its owner alone, and remove what a process that was killed left in it:
    parts of files, and directories whose names begin with `scratch`.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in (*directory.glob(f"{scratch}*"), *directory.glob(".*.part")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def point(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target`, in one step and relative, so that both may move."""
    part = link.with_name(f".{link.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(os.path.relpath(target, link.parent))
    part.replace(link)


def open_directory(root: Path, *names: str) -> int:
    """A descriptor of a directory below `root`, to be closed. Raises OSError, also for a link."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for name in names:
        try:
            inner = os.open(
                _one(name), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor
            )
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def open_regular(directory: int, name: str) -> BinaryIO:
    """A file of an open directory, for reading. Raises OSError, also for a link or a pipe."""
    # a pipe that nobody writes to would be waited for
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    file = os.fdopen(os.open(_one(name), flags, dir_fd=directory), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", name)
    return file


def _one(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise OSError(errno.EINVAL, "not the name of a file", name)
    return name
