"""The services of one `run`: started in order, restarted when they die, stopped in reverse order.

It knows nothing of what they do. A service is an async function that works until it is cancelled;
it calls `ready` once others may rely on it, and returning or raising means that it died.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from switchboard.child import end, spawn
from switchboard.errors import SwitchboardError

Ready = Callable[[], None]
Run = Callable[[Ready], Awaitable[None]]

LAST_WORDS_SECONDS = 10.0  # after a service was told a second time to stop


class ServiceFailed(SwitchboardError):
    """A service ended, or was not ready in time."""


class Killed(ServiceFailed):
    """A signal ended a service's process: an accident, also while it starts."""


@dataclass(frozen=True)
class Service:
    """`ready_seconds` bounds its first start; later ones are retried for ever."""

    name: str
    run: Run
    ready_seconds: float = 30.0


@dataclass(frozen=True)
class Backoff:
    """Pauses before a restart: doubled each time, until the service lived `steady_seconds`."""

    first_seconds: float = 0.5
    longest_seconds: float = 5.0  # callers of a center without Asterisk wait for no longer
    steady_seconds: float = 60.0


class Supervisor:
    """`on_restart` is told the service's name and why it died, before the pause."""

    def __init__(
        self,
        services: Sequence[Service],
        on_restart: Callable[[str, str], None],
        backoff: Backoff | None = None,
    ) -> None:
        self._services = services
        self._on_restart = on_restart
        self._backoff = backoff or Backoff()
        self._running: list[asyncio.Task[None]] = []
        self._hurry = asyncio.Event()
        self._stopping = False

    async def start(self) -> None:
        """Return when all are ready; each starts when the one before is.

        A service that dies before it was ever ready is a mistake and not an accident, unless it
        was Killed: what it raised (or ServiceFailed) is raised here, after the others were stopped.
        """
        try:
            for service in self._services:
                await self._start(service)
        except BaseException:
            await self.stop(LAST_WORDS_SECONDS)
            raise

    async def stop(self, deadline_seconds: float) -> None:
        """Cancel all, the last started first; one still there at the deadline is cancelled again,
        which it must take for an order to end at once."""
        self._stopping = True
        deadline = monotonic() + deadline_seconds
        while self._running:
            task = self._running.pop()
            task.cancel()
            await self._ended(task, deadline - monotonic())
            task.cancel()
            await asyncio.wait({task}, timeout=LAST_WORDS_SECONDS)

    def hurry(self) -> None:
        """Put the deadline of a running `stop` to now."""
        self._hurry.set()

    async def _start(self, service: Service) -> None:
        ready = asyncio.Event()
        keeping = asyncio.create_task(self._keep(service, ready), name=service.name)
        self._running.append(keeping)
        signalled = asyncio.create_task(ready.wait())
        await asyncio.wait(
            {keeping, signalled},
            timeout=service.ready_seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        signalled.cancel()
        if keeping.done():
            keeping.result()  # raises: it never returns by itself
        if not ready.is_set():
            raise ServiceFailed(
                f"{service.name} was not ready within {service.ready_seconds:g} seconds."
            )

    async def _keep(self, service: Service, ready: asyncio.Event) -> None:
        pause_seconds = self._backoff.first_seconds
        while True:
            started = monotonic()
            try:
                await service.run(ready.set)
                reason = "it ended by itself"
                if not ready.is_set() and not self._stopping:
                    raise ServiceFailed(f"{service.name} ended before it was ready.")
            except Exception as error:
                if not ready.is_set() and not isinstance(error, Killed):
                    raise
                reason = _reason(error)
            if self._stopping:
                return
            if monotonic() - started > self._backoff.steady_seconds:
                pause_seconds = self._backoff.first_seconds
            self._on_restart(service.name, reason)
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, self._backoff.longest_seconds)

    async def _ended(self, task: asyncio.Task[None], timeout_seconds: float) -> None:
        hurry = asyncio.create_task(self._hurry.wait())
        await asyncio.wait(
            {task, hurry}, timeout=max(0.0, timeout_seconds), return_when=asyncio.FIRST_COMPLETED
        )
        hurry.cancel()


def program(argv: Sequence[str], *, patience_seconds: float = 5.0) -> Run:
    """A service that is a child process: ready once started, ended with SIGTERM, then SIGKILL."""

    async def run(ready: Ready) -> None:
        process = await spawn(argv)
        ready()
        try:
            code = await process.wait()
        finally:
            await end(process, patience_seconds=patience_seconds)
        failed = Killed if code < 0 else ServiceFailed
        raise failed(f"{argv[0]} ended with code {code}")

    return run


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
