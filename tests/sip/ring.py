"""A telephone that rings: who its display says is calling, and what one can do about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.sip.call import Call, Line

FROM = re.compile(
    r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^<"]*?))\s*<sips?:(?P<user>[^@>;]*)'
)


@dataclass(frozen=True)
class Ring:
    """Made by `Phone.rings`. `headers` are those of the INVITE that the worker knows of."""

    line: Line
    call: Call
    headers: Mapping[str, str]

    @property
    def from_number(self) -> str:
        return self._from["user"]

    @property
    def from_name(self) -> str:
        """The name on the display; empty without one."""
        quoted = self._from["quoted"]
        return re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else self._from["bare"]

    @property
    def _from(self) -> re.Match[str]:
        match = FROM.match(self.headers["From"])
        assert match, self.headers
        return match

    async def answer(self) -> Call:
        await self.line.order("answer", call=self.call.handle)
        await self.call.answered()
        return self.call

    async def refuse(self, answer: str = "486 Busy Here") -> None:
        """Not now; any other answer than this by UDP only."""
        await self.line.order("refuse", call=self.call.handle, answer=answer)

    async def redirect(self, number: str) -> None:
        """Moved temporarily, 302, to `number`. UDP only."""
        await self.line.order("redirect", call=self.call.handle, number=number)

    async def stops(self, within: float = 5.0) -> None:
        """The caller gave up, or another telephone was quicker."""
        await self.call.ended(within)
