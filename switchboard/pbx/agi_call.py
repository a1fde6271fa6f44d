"""What a handler holds of its call: the request Asterisk made, and the few questions it may ask.

pyst2's exceptions are what they raise: `AGIHangup` (CallEnded) when the call is over, and of the
others `AGIAppError`, `AGIInvalidCommand` and `AGIUsageError` for a refusal, `AGIUnknownError` and
AGITimeout when Asterisk can no longer be understood. A handler that catches none of them ends, and
the dialplan goes on with what was set until then.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from asterisk.agi import (
    AGIAppError,
    AGIError,
    AGIHangup,
    AGIInvalidCommand,
    AGIUnknownError,
    AGIUsageError,
)

from switchboard.pbx.agi_line import AGITimeout, CallEnded, Line, Reply, written

__all__ = [
    "AGIAppError",
    "AGIError",
    "AGIHangup",
    "AGIInvalidCommand",
    "AGITimeout",
    "AGIUnknownError",
    "AGIUsageError",
    "AgiCall",
    "AgiRequest",
    "CallEnded",
    "parse_headers",
]

LAST = "agi_threadid"  # the last header; only the arguments of AGI() follow
ARGUMENT = "agi_arg_"
MOST_HEADERS = 100
UNIQUEID = re.compile(r"[!-~]+")
# what handlers name; a global, a variable, or one of a few functions
_NAME = re.compile(r"[A-Z_]+|CHANNEL\(language\)|FAXOPT\(faxdetect\)|DB\(switch/[a-z0-9_-]+\)")
TO_BE_QUOTED = re.compile(r'[,"\\()\[\]]')  # they do not end up in the ARG they were meant for


@dataclass(frozen=True)
class AgiRequest:
    """One `AGI(agi://.../ROUTE,ARG,...)`; what Asterisk does not know is "".

    `number`, `name` and `dnid` are the caller's words and may say anything.
    """

    route: str
    args: tuple[str, ...]
    uniqueid: str
    channel: str
    language: str
    context: str
    extension: str
    number: str
    name: str
    dnid: str

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> Self:
        """Raises AGIUnknownError where a header is missing."""
        try:
            request = cls(
                route=headers["agi_network_script"],
                args=tuple(headers[name] for name in headers if name.startswith(ARGUMENT)),
                uniqueid=headers["agi_uniqueid"],
                channel=headers["agi_channel"],
                language=headers["agi_language"],
                context=headers["agi_context"],
                extension=headers["agi_extension"],
                number=_known(headers["agi_callerid"]),
                name=_known(headers["agi_calleridname"]),
                dnid=_known(headers["agi_dnid"]),
            )
        except KeyError as missing:
            raise AGIUnknownError(f"a header without {missing}") from None
        if not UNIQUEID.fullmatch(request.uniqueid):
            raise AGIUnknownError(f"no uniqueid: {request.uniqueid!r}")
        return request

    def words(self, count: int) -> list[str]:
        """What the dialplan wrote into one argument, `ONE|TWO|...`, and an empty one may be among
        them: Asterisk sends each argument as a packet of its own.

        Raises AGIUnknownError where there are not so many: another Switchboard wrote that dialplan.
        """
        words = self.args[0].split("|") if len(self.args) == 1 else []
        if len(words) != count:
            raise AGIUnknownError("its dialplan is of another Switchboard: `switchboard apply`")
        return words


def _harmless(name: str) -> str:
    """AGI may name any function of the dialplan, those that read and write files too: we do not."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is neither a variable nor a function that we use")
    return name


class AgiCall:
    """The questions wait for each other: Asterisk answers one at a time.

    ValueError means that an argument cannot be sent; nothing was.
    """

    def __init__(
        self, request: AgiRequest, line: Line, *, command_seconds: float, gosub_seconds: float
    ) -> None:
        self.request = request
        self._line = line
        self._command_seconds = command_seconds
        self._gosub_seconds = gosub_seconds

    async def get_variable(self, name: str) -> str:
        """At most its first 1023 bytes; "" where it is not set."""
        reply = await self._send(written("GET VARIABLE", _harmless(name)))
        return reply.text[1:-1]

    async def set_variable(self, name: str, value: str) -> None:
        """`name` may be a function that can be set: `CHANNEL(language)`."""
        await self._send(written("SET VARIABLE", _harmless(name), value))

    async def execute(self, application: str, options: str) -> None:
        """Run an application of the dialplan that neither plays nor waits."""
        await self._send(written("EXEC", application, options))

    async def verbose(self, text: str) -> None:
        """A line in Asterisk's log."""
        await self._send(written("VERBOSE", text, "1"))

    async def gosub(self, context: str, extension: str, priority: int | str, *args: str) -> bool:
        """Run a subroutine of the dialplan: True when it came back with Return, False when the
        call left it in another way (a fax tone, a timeout, its end).

        Raises AGIAppError where there is no such place.
        """
        for one in args:
            if TO_BE_QUOTED.search(one):
                raise ValueError(f"{context}: an argument of a subroutine cannot be {one!r}")
        command = written("GOSUB", context, extension, str(priority), ",".join(args))
        reply = await self._line.send_command(command, self._gosub_seconds)
        return reply.text == "Gosub complete"

    async def _send(self, command: bytes) -> Reply:
        return await self._line.send_command(command, self._command_seconds)


def parse_headers(block: str) -> dict[str, str]:
    """The headers by their names, in Asterisk's order. Raises AGIUnknownError.

    What callers send stands in between, line breaks included: so none may come twice, and what
    should be an argument of AGI() may not come before the last.
    """
    headers: dict[str, str] = {}
    for line in block.split("\n"):
        name, colon, value = line.partition(": ")
        if not colon or name in headers or len(headers) == MOST_HEADERS:
            raise AGIUnknownError(f"a header that Asterisk would not send: {line[:100]!r}")
        if (LAST in headers) != name.startswith(ARGUMENT):
            raise AGIUnknownError(f"a header out of its place: {line[:100]!r}")
        headers[name] = value
    return headers


def _known(value: str) -> str:
    return "" if value == "unknown" else value
