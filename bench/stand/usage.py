"""What a tree of processes has used, as the kernel counts it."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(roots: Iterable[int]) -> list[int]:
    """The processes below `roots`, these included."""
    waiting, found = list(roots), []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of the tree, ended children that were waited for included."""
    return sum(_ticks(pid) for pid in tree(roots)) / TICKS_PER_SECOND


def resident_mb(roots: Iterable[int]) -> float:
    """Memory of the tree that is not swapped out, in MiB."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in tree(roots))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _ticks(pid: int) -> int:
    # man 5 proc: fields 14 to 17 are utime, stime, cutime, cstime; the second may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))
