"""What a tree of processes has used, as the kernel counts it."""

import os
import re
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROGRAMS = {"console.main": "run", "console.engine": "engine", "asterisk": "asterisk"}


def tree(root: int) -> list[int]:
    """The process `root` and all below it."""
    waiting, found = [root], []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, ended children that were waited for included."""
    return sum(_ticks(pid) for pid in tree(root)) / TICKS_PER_SECOND


def own_cpu_seconds(pid: int) -> float:
    """User and system time of one process alone."""
    return _ticks(pid, 2) / TICKS_PER_SECOND


def resident_mb(root: int) -> float:
    """Memory of the tree that is not swapped out, in MiB."""
    return sum(map(_resident_mb, tree(root)))


def resident_by_program(root: int) -> dict[str, float]:
    """The same of a tree that `switchboard run` began: `run`, `engine` and `asterisk`."""
    found = dict.fromkeys(PROGRAMS.values(), 0.0)
    for pid in tree(root):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        name = next((PROGRAMS[word] for word in words if word in PROGRAMS), "asterisk")
        found[name] += _resident_mb(pid)
    return found


def most_resident_mb() -> float:
    """What this process needed at most, in MiB.

    Not what `getrusage` says: that holds the process we were forked from as well.
    """
    [most] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(most) / 1024


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _ticks(pid: int, fields: int = 4) -> int:
    # man 5 proc: fields 14 to 17 are utime, stime, cutime, cstime; the second may hold spaces.
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, values[11 : 11 + fields]))
