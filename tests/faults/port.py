"""The AGI port as a call may find it: swallowing, silent, lying, or with an engine that is lost."""

import asyncio
import re
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from callrouter.agi import callrouter_handler
from center.snapshots import Snapshots
from center.state import State
from ivr.agi import ivr_handler
from switchboard.pbx.agi_server import AgiServer

HOST, PORT = "127.0.0.1", 4573  # where the dialplan looks for Python
CALLER = re.compile(rb"agi_arg_1: \S*\|(\+7926\d{7})[|\n]")

Answer = Callable[[StreamReader, StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def port(answer: Answer) -> AsyncIterator[None]:
    """Another program on the AGI port."""
    meetings: list[asyncio.Task[None]] = []

    async def meet(reader: StreamReader, writer: StreamWriter) -> None:
        meeting = asyncio.create_task(answer(reader, writer))
        meetings.append(meeting)
        with closing(writer), suppress(ConnectionError, EOFError, asyncio.CancelledError):
            await meeting

    server = await asyncio.start_server(meet, HOST, PORT)
    try:
        yield
    finally:
        server.close()
        for meeting in meetings:
            meeting.cancel()
        await asyncio.wait(meetings)


@contextmanager
def swallowing_port() -> Iterator[None]:
    """It listens, and the kernel drops whoever knocks: as many as it keeps are there already."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, PORT))
        listening.listen(0)
        waiting = []
        for _ in range(3):
            knocking = socket.socket()
            knocking.setblocking(False)
            knocking.connect_ex((HOST, PORT))
            waiting.append(knocking)
        try:
            yield
        finally:
            for knocking in waiting:
                knocking.close()


def says(data: bytes, seconds: float = 30) -> Answer:
    """Hears the header, says something, and keeps the connection for so long."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        writer.write(data)
        await asyncio.sleep(seconds)

    return answer


async def caller_of(reader: StreamReader) -> str:
    """The caller for whom Asterisk asks."""
    return _caller(await reader.readuntil(b"\n\n"))


def _caller(header: bytes) -> str:
    found = CALLER.search(header)
    assert found is not None, header
    return found[1].decode()


class How(Enum):
    """How an engine is lost at a command."""

    KILLED_BEFORE = "killed before it"
    KILLED_AFTER = "killed right after it"
    STOPPED = "stopped before it"


@dataclass(frozen=True)
class Loss:
    """The engine is lost at its Nth command (from 1) to one call."""

    command: int
    how: How

    def __str__(self) -> str:
        return f"{self.how.value}, {self.command}"


@asynccontextmanager
async def losing_port(state: State, losses: Mapping[str, Loss]) -> AsyncIterator[set[Loss]]:
    """The engine's own handlers, lost to each caller in a way of his own; gives those that were."""
    lost: set[Loss] = set()
    snapshots = Snapshots(state)
    snapshots.refresh()
    routes = {
        "ivr": ivr_handler(snapshots.get, lambda: datetime.now(UTC)),
        "callrouter": callrouter_handler(snapshots.get, lambda: datetime.now(UTC)),
    }
    engine = AgiServer(routes)
    behind = await engine.start(HOST, 0)

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        header = await reader.readuntil(b"\n\n")
        from_engine, to_engine = await asyncio.open_connection(HOST, behind)
        to_engine.write(header)
        with closing(to_engine):
            replies = asyncio.create_task(_pass_on(reader, to_engine))
            try:
                loss = losses[_caller(header)]
                await _until_lost(loss, from_engine, writer, lost)
            finally:
                replies.cancel()

    async with port(answer):
        yield lost
    await engine.close()


async def _until_lost(
    loss: Loss, from_engine: StreamReader, writer: StreamWriter, lost: set[Loss]
) -> None:
    """Pass the engine's commands on until it is lost, which is noted in `lost`."""
    for _ in range(loss.command - 1):
        writer.write(await from_engine.readline())
    last = await from_engine.readline()
    if last:
        lost.add(loss)
    if loss.how is How.STOPPED:
        await asyncio.sleep(30)
    if loss.how is How.KILLED_AFTER:
        writer.write(last)
        await writer.drain()


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
