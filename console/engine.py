"""The engine's process: answers Asterisk over FastAGI, apart from everything else.

It holds the applied versions in memory and says twice a second on standard output that its loop
turns; `run` kills and restarts one that falls silent. Without it the twin carries every call. Where
cores allow there are several on one port, and the kernel deals out the calls.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler
from pathlib import Path
from queue import Empty, SimpleQueue

from callrouter.agi import callrouter_handler
from center.snapshots import Snapshots
from center.state import State
from ivr.agi import ivr_handler
from switchboard.child import end, spawn
from switchboard.pbx.agi_server import AgiServer
from switchboard.supervisor import Killed, Ready, Service, ServiceFailed

BEAT, READY = b".\n", b"ready\n"
SHARED = "shared"  # the port, with other engines
BEAT_SECONDS, FOLLOW_SECONDS, WRITE_SECONDS = 0.5, 1.0, 0.25
START_SECONDS = 30.0
SILENT_SECONDS = 3.0  # as long as the dialplan waits: by then the calls have gone on without it
DRAIN_SECONDS = 3.0  # whoever is asked then goes on with the twin
CORES = 8  # for each engine: of a call's work Asterisk does seven eighths


def engine_services(state: State, count: int | None = None) -> list[Service]:
    """As many engines as the cores of this machine can use, by default."""
    count = count or max(1, (os.cpu_count() or 1) // CORES)
    names = ["engine", *(f"engine {number}" for number in range(2, count + 1))]
    return [_engine(state, name, shares_port=count > 1) for name in names]


def _engine(state: State, name: str, *, shares_port: bool) -> Service:
    """An engine as a child of `run`: killed when it falls silent, restarted when it ends."""

    async def serve(ready: Ready) -> None:
        shared = (SHARED,) if shares_port else ()
        argv = (sys.executable, "-m", "console.engine", str(state.root), *shared)
        process = await spawn(argv, capture=True)
        assert process.stdout is not None  # noqa: S101 - captured
        try:
            last_words = await _listen(process.stdout, ready)
        except TimeoutError:
            process.kill()  # one that is stopped does not hear anything gentler
            raise ServiceFailed(f"it did not answer for {SILENT_SECONDS:g} s") from None
        finally:
            await end(process, patience_seconds=DRAIN_SECONDS + 1)
        if process.returncode is not None and process.returncode < 0:
            raise Killed(f"it was killed by signal {-process.returncode}")
        raise ServiceFailed(f"it ended by itself; see log/engine.log {last_words}".rstrip())

    return Service(name, serve)


async def _listen(said: asyncio.StreamReader, ready: Ready) -> str:
    """Until it has ended; its last words. Raises TimeoutError after silence."""
    last_words = ""
    patience_seconds = START_SECONDS
    while True:
        line = await _line(said, patience_seconds)
        if not line:
            return last_words
        if line in (READY, BEAT):
            patience_seconds = SILENT_SECONDS
        else:
            last_words = line.decode(errors="replace").strip()
        if line == READY:
            ready()


async def _line(said: asyncio.StreamReader, patience_seconds: float) -> bytes:
    """The next line. Raises TimeoutError."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            return await said.readline()
    async with asyncio.timeout(BEAT_SECONDS):  # where we were stopped ourselves, it waits here
        return await said.readline()


async def answer(state: State, *, shares_port: bool = False) -> None:
    """Answer until SIGTERM. A call on a version that is not read yet is left to the twin."""
    applied = state.applied()
    if applied is None:
        return
    snapshots = Snapshots(state)
    routes = {
        "ivr": ivr_handler(snapshots.get, _now),
        "callrouter": callrouter_handler(snapshots.get, _now),
    }
    host, _, port = state.manifest(applied).listen["agi"].rpartition(":")
    server, listening = AgiServer(routes, shares_port=shares_port), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)  # type: ignore[union-attr]
    async with asyncio.TaskGroup() as group:
        group.create_task(_beat())
        group.create_task(
            server.serve(host.strip("[]"), int(port), listening.set, drain_seconds=DRAIN_SECONDS)
        )
        await listening.wait()
        group.create_task(_follow(snapshots))


async def _beat() -> None:
    while True:
        _say(BEAT)
        await asyncio.sleep(BEAT_SECONDS)


async def _follow(snapshots: Snapshots) -> None:
    """Look for new versions; reading one is a thread's work of seconds, calls go on meanwhile."""
    while True:
        await asyncio.to_thread(snapshots.refresh)
        _say(READY)
        await asyncio.sleep(FOLLOW_SECONDS)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """`python -m console.engine STATE [shared]`."""
    state = State(Path(sys.argv[1]))
    log = state.root / "log"
    log.mkdir(exist_ok=True)
    with _logging(log / "engine.log"):
        try:
            asyncio.run(answer(state, shares_port=SHARED in sys.argv[2:]))
        except (KeyboardInterrupt, asyncio.CancelledError):
            return
        except Exception:
            logging.exception("the engine ends")
            raise SystemExit(1) from None


@contextmanager
def _logging(file: Path) -> Iterator[None]:
    """Lines are written by a thread of their own, those of a while together: no call waits for the
    disk, and waking that thread for each line would cost a quarter of what an engine spends."""
    writing = logging.FileHandler(file)
    writing.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    logging.basicConfig(handlers=[QueueHandler(lines)], level=logging.INFO)
    ended = threading.Event()
    writer = threading.Thread(target=_write, args=(lines, writing, ended))
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def _write(
    lines: SimpleQueue[logging.LogRecord], writing: logging.Handler, ended: threading.Event
) -> None:
    is_last = False
    while not is_last:
        is_last = ended.wait(WRITE_SECONDS)
        with suppress(Empty):
            while True:
                writing.handle(lines.get_nowait())


if __name__ == "__main__":
    main()
