"""One call's AGI connection, safe for what Asterisk and callers send over it.

panoramisk waits for ever for an answer, quotes nothing, lets two commands overlap, and takes a
second line of an answer, or the line HANGUP, for the answer to the next command. Here a reply that
is not exactly what the command can have ends the connection: the call goes on in the dialplan.
"""

import asyncio
import re
import socket
from dataclasses import dataclass
from unicodedata import category

from asterisk.agi import (
    AGIAppError,
    AGIError,
    AGIHangup,
    AGIInvalidCommand,
    AGIUnknownError,
    AGIUsageError,
)

COMMAND_BYTES = 2048  # Asterisk's own buffer
LINE_BYTES = 4096  # a variable has at most 1023
UNREAD_BYTES = 65_536  # more than all of an answer: whoever sends it is not read any further
USAGE_LINES = 50  # of Asterisk's help for a command that was written wrongly

TRYING = "100 result=0 Trying..."  # before the answer to GOSUB
# A value ends with the line: one that holds a line break would go on as the next answer.
REPLY = re.compile(r"200 result=(-?[0-9]{1,9})(?: (\(.*\)|[^(].*))?|(503|510|511|520) (.*)")


class CallEnded(AGIHangup):  # type: ignore[misc]
    """The call, or the connection to it, is over: an ending like others, and no failure."""


class AGITimeout(AGIError):  # type: ignore[misc]
    """Asterisk did not answer a command in time; the connection is of no more use."""


ERRORS = {503: AGIAppError, 510: AGIInvalidCommand, 511: CallEnded, 520: AGIUsageError}


@dataclass(frozen=True)
class Reply:
    """`code` 200 with a `result`, or one of ERRORS; `text` is the rest of the line."""

    code: int
    result: int
    text: str


class Line(asyncio.Protocol):
    """A command, its reply, and nothing of another command between.

    Whatever disturbs this order (also a command that was cancelled) is raised again for each later
    command: nobody can tell any more whose reply comes next. It is a protocol of asyncio's, since a
    stream's reader, writer and timeouts cost a call 0.3 ms.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._received = b""  # and not yet part of a reply
        self._more: asyncio.Future[None] | None = None  # who waits for the next bytes
        self._broken: AGIError | None = None  # why none will come
        self._ending: AGIError | None = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > UNREAD_BYTES:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        what = f"the connection was lost: {error}" if error else "the connection was closed"
        self._break(CallEnded(what))

    async def send_command(self, command: bytes, deadline_seconds: float) -> Reply:
        """Send a `written` command. Raises CallEnded, AGITimeout, AGIUnknownError, which end the
        connection; ERRORS and AGIAppError (a result below 0), which do not."""
        async with self._lock:
            if self._ending is not None:
                raise self._ending
            self._ending = AGIUnknownError("the command before was left without its answer")
            deadline = self._loop.call_later(deadline_seconds, self._give_up, deadline_seconds)
            try:
                reply = await self._exchange(command)
            except AGIError as ending:
                self._ending = ending
                raise
            finally:
                deadline.cancel()
            self._ending = None
        if reply.code != 200:
            raise ERRORS[reply.code](reply.text)
        if reply.result < 0:
            raise AGIAppError(reply.text or f"result {reply.result}")
        return reply

    async def _exchange(self, command: bytes) -> Reply:
        if self._received:
            raise _unexpected(await self._next_line())
        self._transport.write(command)
        line = await self._next_line()
        if line == TRYING:
            self._acknowledge()
            line = await self._next_line()
        if line.startswith("520-"):
            return Reply(520, 0, await self._usage(line))
        found = REPLY.fullmatch(line)
        if found is None:
            raise _unexpected(line)
        result, text, code, error = found.groups()
        return Reply(int(code or 200), int(result or 0), error or text or "")

    async def _usage(self, line: str) -> str:
        lines = [line]
        while not lines[-1].startswith("520 "):
            if len(lines) > USAGE_LINES:
                raise _unexpected(lines[-1])
            lines.append(await self._next_line())
        return "\n".join(lines)

    async def _next_line(self) -> str:
        while b"\n" not in self._received:
            if len(self._received) > LINE_BYTES:
                raise _unexpected(self._received.decode(errors="replace"))
            if self._broken is not None:
                raise self._broken
            self._more = self._loop.create_future()
            await self._more
        line, _, self._received = self._received.partition(b"\n")
        if line == b"HANGUP":
            raise CallEnded("hung up")
        return line.decode(errors="replace")

    def _give_up(self, seconds: float) -> None:
        self._break(AGITimeout(f"no answer within {seconds:g} seconds"))

    def _break(self, why: AGIError) -> None:
        self._broken = self._broken or why
        self._wake()

    def _wake(self) -> None:
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

    def _acknowledge(self) -> None:
        # Asterisk's next line waits for our kernel's acknowledgement of this one, which our kernel
        # would hold back for 40 ms.
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def written(command: str, *arguments: str) -> bytes:
    """A command as it is sent. Raises ValueError for control characters in an argument and for
    more than COMMAND_BYTES: half a line, or a NUL, takes a whole core of Asterisk's."""
    quoted = ['"' + one.replace("\\", r"\\").replace('"', r"\"") + '"' for one in arguments]
    text = " ".join([command, *quoted])
    if not text.isprintable() and any(category(one) in ("Cc", "Cs") for one in text):
        raise ValueError(f"{command}: a control character in {arguments!r}")
    data = text.encode() + b"\n"
    if len(data) > COMMAND_BYTES:
        raise ValueError(f"{command}: {len(data)} bytes, more than {COMMAND_BYTES}")
    return data


def _unexpected(line: str) -> AGIError:
    return AGIUnknownError(f"Asterisk would not say {line[:100]!r} here")
