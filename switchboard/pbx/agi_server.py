"""Asterisk asks over FastAGI, one connection for each `AGI()`: panoramisk's routes behind a door.

panoramisk's own door reads a header without end and without a limit (a peer that connects and
closes takes the whole event loop), swallows cancellation and cannot stop. Here nothing that one
connection does reaches another one, and whatever is refused, too slow or broken is closed: Asterisk
then goes on in the dialplan at once.
"""

import asyncio
import logging
import traceback
from asyncio import Task, Transport
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

from panoramisk.fast_agi import Application

from switchboard.pbx.agi_call import (
    AgiCall,
    AGIError,
    AGIHangup,
    AgiRequest,
    AGIUnknownError,
    parse_headers,
)
from switchboard.pbx.agi_line import Line
from switchboard.supervisor import Ready

log = logging.getLogger(__name__)

Handler = Callable[[AgiCall], Awaitable[None]]

BACKLOG = 1024  # the kernel drops what is beyond, and a dropped call waits a second
LAST_SECONDS = 1.0  # for handlers that were told to stop
FIRST, END = b"agi_network: yes\n", b"\n\n"  # of what Asterisk sends


@dataclass(frozen=True)
class Limits:
    """What one server takes on. Defaults keep below the 1,024 descriptors of a plain process."""

    calls: int = 700
    waiting: int = 200  # connections that have not said their call yet; beyond, the oldest goes
    header_seconds: float = 3.0
    header_bytes: int = 16_384
    command_seconds: float = 3.0  # Asterisk needs 0.1 ms
    gosub_seconds: float = 600.0  # the longest prompt and the wait after it


class AgiServer(Application):  # type: ignore[misc]
    """`routes` are the handlers by the path of their `agi://HOST/PATH`; made in a running loop.

    Servers that share their port are dealt calls by the kernel.
    """

    def __init__(
        self,
        routes: Mapping[str, Handler],
        *,
        limits: Limits | None = None,
        shares_port: bool = False,
    ) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        for path, handler in routes.items():
            self.add_route(path, handler)
        self.limits = limits or Limits()
        self._shares_port = shares_port
        self._server: asyncio.Server | None = None
        self._waiting: dict[_Arrival, None] = {}  # the oldest first
        self._calls: dict[Task[None], Transport] = {}

    async def serve(
        self, host: str, port: int, ready: Ready, *, drain_seconds: float = 0.0
    ) -> None:
        """The service: until cancelled, then as `close`. Raises OSError for a port in use."""
        await self.start(host, port)
        try:
            ready()
            await asyncio.Event().wait()
        finally:
            await self.close(drain_seconds)

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port: a free one if `port` is 0. Raises OSError."""
        self._server = await self.loop.create_server(
            lambda: _Arrival(self),
            host,
            port,
            backlog=BACKLOG,
            reuse_port=self._shares_port,
            start_serving=False,
        )
        await self._server.start_serving()
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self, drain_seconds: float = 0.0) -> None:
        """Take no more, let calls end for `drain_seconds`, then cancel their handlers.

        Cancelled, it does so at once. No connection is left open.
        """
        try:
            if self._server is not None:
                await self._stop_listening(self._server)
            if self._calls:
                await asyncio.wait(self._calls, timeout=drain_seconds)
        finally:
            for task, transport in self._calls.items():
                task.cancel()
                transport.abort()
            if self._calls:
                await asyncio.wait(self._calls, timeout=LAST_SECONDS)

    async def _stop_listening(self, server: asyncio.Server) -> None:
        # asyncio never closes a connection that it is just accepting when its server is closed: so
        # let it finish with what has come, and take no more, before.
        for listening in server.sockets:
            self.loop.remove_reader(listening)
        try:
            await asyncio.sleep(0)
        finally:
            server.close()
            for arrival in tuple(self._waiting):
                arrival.refuse("it came while we stop")

    def let_wait(self, arrival: "_Arrival") -> None:
        """A new connection may take its time to say its call: the oldest goes where many do."""
        if self._server is None or not self._server.is_serving():
            arrival.refuse("it came while we stop")
            return
        if len(self._waiting) >= self.limits.waiting:
            next(iter(self._waiting)).refuse("others came")
        self._waiting[arrival] = None

    def forget(self, arrival: "_Arrival") -> None:
        """A connection has said its call, or never will."""
        self._waiting.pop(arrival, None)

    def answer(self, request: AgiRequest, transport: Transport) -> None:
        """Let the handler of its route answer a call, in a task of its own, or close it."""
        handler = self._route.get(request.route)
        if handler is None:
            log.error("Call %s asks for %r, which is not here.", request.uniqueid, request.route)
            transport.abort()
        elif len(self._calls) >= self.limits.calls:
            log.error("Call %s is one too many.", request.uniqueid)
            transport.abort()
        else:
            line = Line(transport)
            transport.set_protocol(line)
            self._calls[self.loop.create_task(self._handle(handler, request, line))] = transport

    async def _handle(self, handler: Handler, request: AgiRequest, line: Line) -> None:
        """Whatever a handler raises ends its own call. What is logged may hold words of the
        caller's: `repr` keeps them in their line."""
        call = AgiCall(
            request,
            line,
            command_seconds=self.limits.command_seconds,
            gosub_seconds=self.limits.gosub_seconds,
        )
        try:
            await handler(call)
        except AGIHangup as ended:
            log.info("Call %s ended: %r", request.uniqueid, ended)
        except AGIError as trouble:
            log.warning("Call %s goes on without us: %r", request.uniqueid, trouble)
        except Exception as error:  # a fault of ours, and of this call only
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("Call %s: %s failed: %r\n%s", request.uniqueid, request.route, error, where)
        finally:
            self._calls.pop(cast("Task[None]", asyncio.current_task())).abort()


class _Arrival(asyncio.Protocol):
    """A connection that has not said its call yet: no task waits for it, only a clock."""

    def __init__(self, server: AgiServer) -> None:
        self._server = server
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(Transport, transport)
        seconds = self._server.limits.header_seconds
        self._deadline = self._server.loop.call_later(seconds, self.refuse, "too slow")
        self._server.let_wait(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            block = _whole_block(self._received, self._server.limits.header_bytes)
            if block is None:
                return
            request = AgiRequest.read(parse_headers(block))
        except AGIError as refused:
            self.refuse(str(refused))
            return
        self._leave()
        self._server.answer(request, self._transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.refuse(str(error or f"no header of Asterisk's: {self._received[:100]!r}"))

    def refuse(self, why: str) -> None:
        """Close it, whatever comes."""
        if not self._deadline.cancelled():
            log.info("Closed a connection that brought no call: %s", why)
        self._leave()
        self._transport.abort()

    def _leave(self) -> None:
        self._deadline.cancel()
        self._server.forget(self)


def _whole_block(received: bytes, most_bytes: int) -> str | None:
    """All that Asterisk says before it is asked, once it is there. Raises AGIUnknownError."""
    if not received.startswith(FIRST[: len(received)]):
        raise AGIUnknownError(f"no header of Asterisk's: {received[:100]!r}")
    if len(received) > most_bytes:
        raise AGIUnknownError(f"a header of more than {most_bytes} bytes")
    block, end, rest = received.partition(END)
    if rest:
        raise AGIUnknownError(f"more than a header: {rest[:100]!r}")
    return block.decode(errors="replace") if end else None
