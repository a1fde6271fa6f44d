"""A mail server in the test's process that does as it is told, at every verb."""

import asyncio
import base64
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

HANG = "hang"
CLOSE = "close"  # after the final dot: the letter is taken, and nobody is told
NONSENSE = "no number at all"

GREETING, DOT = "greeting", "dot"
VERBS = (GREETING, "EHLO", "MAIL", "RCPT", "DATA", DOT)


@dataclass(frozen=True)
class Taken:
    """A letter that the server took."""

    sender: str
    to: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class PostOffice:
    """`says` maps a verb, or a verb and its address (`RCPT anna@x`), to what is answered there;
    what stands in `before` is done once before that answer."""

    says: dict[str, str] = field(default_factory=dict)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    secure_from_the_start: bool = False
    login: tuple[str, str] | None = None
    largest: int | None = None
    announces_largest: bool = True
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0

    async def __aenter__(self) -> Self:
        self._talks: set[asyncio.Task[None]] = set()
        tls = self.tls if self.secure_from_the_start else None
        self._server = await asyncio.start_server(
            self._welcome, "127.0.0.1", 0, ssl=tls, limit=1 << 20
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """End every connection from our side."""
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.create_task(_Talk(self, reader, writer).run())
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)


class _Closed(Exception):
    pass


def _nothing() -> None:
    pass


class _Talk:
    def __init__(
        self, post: PostOffice, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._post, self._reader, self._writer = post, reader, writer
        self._sender, self._to = "", list[str]()

    async def run(self) -> None:
        try:
            with suppress(_Closed, OSError, ssl.SSLError):
                await self._answer(GREETING, "220 post")
                while line := (await self._reader.readline()).decode().strip():
                    await self._command(*line.partition(" ")[::2])
        finally:
            self._writer.close()

    async def _command(self, verb: str, rest: str) -> None:
        verb = verb.upper()
        address = rest.partition("<")[2].partition(">")[0]
        match verb:
            case "EHLO":
                await self._answer(verb, "\r\n".join(self._extensions()))
            case "STARTTLS":
                await self._answer(verb, "220 go on")
                await self._writer.start_tls(self._post.tls)  # type: ignore[arg-type]
            case "AUTH":
                login = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")[1:]
                right = self._post.login is not None and login == [*self._post.login]
                await self._answer(verb, "235 welcome" if right else "535 5.7.8 wrong password")
            case "MAIL":
                self._sender, self._to = address, []
                await self._answer(verb, "250 ok")
            case "RCPT":
                if await self._answer(verb, "250 ok", address):
                    self._to.append(address)
            case "DATA":
                if await self._answer(verb, "354 go on"):
                    await self._letter()
            case "QUIT":
                await self._answer(verb, "221 bye")
                raise _Closed
            case _:
                await self._answer(verb, "250 ok")

    def _extensions(self) -> list[str]:
        lines = ["post"]
        if self._post.largest is not None and self._post.announces_largest:
            lines.append(f"SIZE {self._post.largest}")
        if self._post.tls and not self._writer.get_extra_info("sslcontext"):
            lines.append("STARTTLS")
        if self._post.login:
            lines.append("AUTH PLAIN")
        return [*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]

    async def _letter(self) -> None:
        lines = []
        while (line := await self._reader.readline()) != b".\r\n":
            if not line:
                raise _Closed
            lines.append(line.removeprefix(b"."))
        taken = Taken(self._sender, tuple(self._to), b"".join(lines))
        large = self._post.largest is not None and len(taken.content) > self._post.largest
        usual = "552 5.3.4 message too big" if large else "250 taken"
        if self._post.says.get(DOT, usual)[:3] in ("250", CLOSE[:3]):
            self._post.taken.append(taken)
        await self._answer(DOT, usual)

    async def _answer(self, verb: str, usual: str, address: str = "") -> bool:
        """Say what was ordered, else the usual; whether that was a yes."""
        self._post.before.pop(verb, _nothing)()
        said = self._post.says.get(f"{verb} {address}") or self._post.says.get(verb) or usual
        if said == HANG:
            await asyncio.Event().wait()
        if said == CLOSE:
            raise _Closed
        self._writer.write(f"{said}\r\n".encode())
        await self._writer.drain()
        return said[:1] in "23"
