"""Asterisk's side of an AGI connection, byte by byte: as it speaks, or as it never would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from switchboard.pbx.agi_call import AgiCall
from switchboard.pbx.agi_server import AgiServer, Handler, Limits

# As it came from Asterisk 22.10.1 for `AGI(agi://127.0.0.1:4573/ivr,one,two words)`.
HEADER = b"""\
agi_network: yes
agi_network_script: ivr
agi_request: agi://127.0.0.1:4573/ivr
agi_channel: PJSIP/trunk-00000000
agi_language: ru
agi_type: PJSIP
agi_uniqueid: 1795305552.0
agi_version: 22.10.1+dfsg+~cs6.17.60671434-1
agi_callerid: +79161112233
agi_calleridname: Anna
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: unknown
agi_rdnis: unknown
agi_context: ivr
agi_extension: s
agi_priority: 5
agi_enhanced: 0.0
agi_accountcode: \n\
agi_threadid: 140488183273152
agi_arg_1: one
agi_arg_2: two words

"""

Question = Callable[[AgiCall], Awaitable[object]]


@asynccontextmanager
async def serving(handler: Handler, **limits: Any) -> AsyncIterator[int]:
    """A server whose only route is `ivr`, and its port."""
    server = AgiServer({"ivr": handler}, limits=Limits(**limits))
    yield await server.start("127.0.0.1", 0)
    await server.close()


class Peer:
    """An async context: one connection to the server at `port`."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    def says(self, data: bytes) -> None:
        self.writer.write(data)

    async def hears(self, within_seconds: float = 5) -> bytes:
        """What arrives next, in one piece as it was written; empty when the server closed."""
        async with asyncio.timeout(within_seconds):
            try:
                return await self.reader.read(65536)
            except ConnectionResetError:  # closed with something of ours unread
                return b""

    async def is_closed(self, within_seconds: float = 5) -> bool:
        """Whether the server closes without another word."""
        return await self.hears(within_seconds) == b""


class Exchange:
    """One call in which `question` is asked, and what came of it."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self.commands: list[bytes] = []
        self.result: object = None  # what the question returned or raised

    async def run(self, *answers: bytes, **limits: Any) -> object:
        """Asterisk answers the commands with `answers` in turn, then says nothing."""
        async with serving(self._handle, **limits) as port, Peer(port) as peer:
            peer.says(HEADER)
            waiting = iter(answers)
            while command := await peer.hears():
                self.commands.append(command)
                peer.says(next(waiting, b""))
        return self.result

    async def _handle(self, call: AgiCall) -> None:
        try:
            self.result = await self._question(call)
        except Exception as error:
            self.result = error
            raise


async def outcome(question: Question, *answers: bytes, **limits: Any) -> Any:
    """What `question` returns or raises in a call where Asterisk answers so."""
    return await Exchange(question).run(*answers, **limits)
