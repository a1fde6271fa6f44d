"""What takes the calls of an applied center, until the context ends."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from center.state import State
from switchboard.child import end, spawn
from switchboard.pbx.installation import Installation
from switchboard.pbx.process import AsteriskProcess

STOP_SECONDS = 30.0

# yields the id of the process that began all others
Server = Callable[[Path, Installation], AbstractAsyncContextManager[int]]


def switchboard(center: Path, command: str) -> tuple[str, ...]:
    """The command as a user gives it, by this Python."""
    return (sys.executable, "-m", "console.main", "--center", str(center), command)


@asynccontextmanager
async def asterisk_alone(center: Path, installation: Installation) -> AsyncIterator[int]:
    """Without Python: what stands in the dialplan carries the call."""
    asterisk = AsteriskProcess(installation, State.beside(center).etc / "asterisk.conf")
    await asterisk.start()
    try:
        yield asterisk.pid
    finally:
        await asterisk.stop()


@asynccontextmanager
async def switchboard_run(center: Path, installation: Installation) -> AsyncIterator[int]:
    """Asterisk and Python together, as a user starts them."""
    process = await spawn(switchboard(center, "run"), capture=True)
    try:
        await process.stdout.readuntil(b"\nready\n")  # type: ignore[union-attr]
        yield process.pid
    finally:
        await end(process, patience_seconds=STOP_SECONDS)
