"""A PostgreSQL of our own, on a Unix socket: tests in a network of their own reach no other."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from switchboard.child import find_account


def programs() -> Path | None:
    """Where Debian puts initdb and postgres; the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


@contextmanager
def cluster(bin_dir: Path) -> Iterator[Path]:
    """The directory of its socket. It refuses to be run by root, and is fast instead of safe."""
    account = find_account("postgres", "nobody")
    assert account is not None
    home = Path(mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    os.chown(home, account.uid, account.gid)

    def run(*argv: str) -> None:
        subprocess.run(
            argv, user=account.uid, group=account.gid, cwd=home, check=True, capture_output=True
        )

    try:
        run(str(bin_dir / "initdb"), "-D", f"{home}/data", "-U", "postgres", "-E", "UTF8", "-N")
        options = f"-k {home} -c listen_addresses='' -c fsync=off"
        start = (str(bin_dir / "pg_ctl"), "-D", f"{home}/data", "-o", options, "-l", f"{home}/log")
        run(*start, "-w", "start")
        try:
            yield home
        finally:
            run(str(bin_dir / "pg_ctl"), "-D", f"{home}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)
