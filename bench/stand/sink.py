"""Postfix's `smtp-sink`: a mail server that takes everything and keeps nothing, as fast as can be.

Where Debian's postfix is not installed its package is unpacked aside; nothing is configured.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
MOST_CONNECTIONS = "64"


@contextmanager
def sink(directory: Path) -> Iterator[int]:
    """The port that it listens on. `directory` takes the unpacked package."""
    program, environment = _program(directory)
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    account = ["-u", "root"] if os.geteuid() == 0 else []
    argv = [program, *account, f"{HOST}:{port}", MOST_CONNECTIONS]
    process = subprocess.Popen(argv, env=environment)
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _program(directory: Path) -> tuple[str, dict[str, str]]:
    installed = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin")
    if installed:
        return installed, dict(os.environ)
    quiet = {"cwd": directory, "check": True, "capture_output": True}
    subprocess.run(["apt-get", "download", "postfix"], **quiet)  # type: ignore[call-overload]
    [package] = directory.glob("postfix_*.deb")
    subprocess.run(["dpkg", "-x", package, directory / "postfix"], **quiet)  # type: ignore[call-overload]
    libraries = directory / "postfix" / "usr" / "lib" / "postfix"
    environment = {**os.environ, "LD_LIBRARY_PATH": str(libraries)}
    return str(directory / "postfix" / "usr" / "sbin" / "smtp-sink"), environment


def _await(port: int) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            socket.create_connection((HOST, port)).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
