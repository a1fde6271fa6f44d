"""The engine's process: answers Asterisk over FastAGI, apart from everything else.

It holds the applied versions in memory and says once a second on standard output that its loop
turns; `run` ends and restarts one that falls silent. Without it the twin carries every call.
"""

import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from callrouter.agi import callrouter_handler
from center.snapshots import Snapshots
from center.state import State
from ivr.agi import ivr_handler
from switchboard.child import end, spawn
from switchboard.pbx.agi_server import AgiServer
from switchboard.supervisor import Ready, Service, ServiceFailed

BEAT_SECONDS = 1.0
SILENT_SECONDS = 5.0
DRAIN_SECONDS = 3.0  # whoever is asked then goes on with the twin


def engine_service(state: State) -> Service:
    """The engine as a child of `run`: ended when it falls silent, restarted when it ends."""

    async def serve(ready: Ready) -> None:
        argv = (sys.executable, "-m", "console.engine", str(state.root))
        process = await spawn(argv, capture=True)
        assert process.stdout is not None  # noqa: S101 - captured
        try:
            while True:
                async with asyncio.timeout(SILENT_SECONDS):
                    beat = await process.stdout.readline()
                if not beat:
                    raise ServiceFailed("it ended by itself; see log/engine.log")
                ready()
        except TimeoutError:
            raise ServiceFailed(f"it did not answer for {SILENT_SECONDS:g} s") from None
        finally:
            await end(process, patience_seconds=DRAIN_SECONDS + 1)

    return Service("engine", serve)


async def answer(state: State) -> None:
    """Answer until SIGTERM. A version that is applied meanwhile is read as soon as it is seen."""
    applied = state.applied()
    if applied is None:
        return
    snapshots = Snapshots(state)
    snapshots.refresh()
    routes = {
        "ivr": ivr_handler(snapshots.get, _now),
        "callrouter": callrouter_handler(snapshots.get, _now),
    }
    host, _, port = state.manifest(applied).listen["agi"].rpartition(":")
    server = AgiServer(routes)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)  # type: ignore[union-attr]
    async with asyncio.TaskGroup() as group:
        group.create_task(_follow(state, snapshots))
        group.create_task(server.serve(host, int(port), _beat, drain_seconds=DRAIN_SECONDS))


async def _follow(state: State, snapshots: Snapshots) -> None:
    """Beat, and look for new versions; reading one is a thread's work, calls go on meanwhile."""
    seen = state.numbers()
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        _beat()
        if state.numbers() != seen:
            seen = state.numbers()
            await asyncio.to_thread(snapshots.refresh)


def _beat() -> None:
    sys.stdout.write(".\n")
    sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """`python -m console.engine STATE`."""
    state = State(Path(sys.argv[1]))
    log = state.root / "log"
    log.mkdir(exist_ok=True)
    logging.basicConfig(
        filename=log / "engine.log",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    try:
        asyncio.run(answer(state))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return


if __name__ == "__main__":
    main()
