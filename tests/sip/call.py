"""One call of a test's telephone: what it does, and what it hears."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tests.sip import hearing
from tests.sip.hearing import Heard
from tests.sip.sound import HZ, Sound, from_pcm, key_tones, to_pcm
from tests.sip.waiting import News, NotInTime

LISTEN_EVERY_SECONDS = 0.2


class Line(Protocol):
    """What a call needs of its telephone."""

    @property
    def dtmf(self) -> str: ...

    @property
    def prompts(self) -> Mapping[str, Path]: ...

    async def order(self, do: str, **facts: object) -> Any:
        """Has the telephone do something; errors are `phone.PhoneError`."""


@dataclass(frozen=True)
class Ended:
    """How a call ended. `code` is the SIP answer that refused it, None for a call that was up."""

    code: int | None
    reason: str
    by_us: bool


class Call:
    """Made by `Phone.dial` or `Ring.answer`.

    Sound is kept from the first packet on, which may be before the answer. `hears` remembers how
    far it has listened, so that asking twice for a prompt means hearing it twice.
    """

    def __init__(self, line: Line, handle: int) -> None:
        self.handle = handle
        self.keys = ""
        self.is_ringing = False
        self._line = line
        self._news = News()
        self._answered_at: float | None = None
        self._ended: Ended | None = None
        self._hung_up = False
        self._recording: Path | None = None
        self._hears_hz = self._says_hz = HZ
        self._listened_seconds = 0.0

    # what one does

    async def press(self, keys: str) -> None:
        """Presses keys the way the telephone was told to: RFC 4733, INFO or tones."""
        if self._line.dtmf == "in-band":
            await self.say(key_tones(keys))
        else:
            await self._order("press", keys=keys)

    async def say(self, sound: Sound) -> None:
        """Speaks, and returns when all is said (or the call is over)."""
        await self._until(lambda: self._recording is not None, 5.0, "sound")
        with tempfile.NamedTemporaryFile(suffix=".raw") as file:
            file.write(to_pcm(sound, self._says_hz))
            file.flush()
            await self._order("say", pcm=file.name)

    async def hold(self) -> None:
        await self._order("hold")

    async def resume(self) -> None:
        await self._order("resume")

    async def transfer(self, number: str) -> None:
        """Blind; returns when the other side reports that it was answered there."""
        await self._order("transfer", number=number)

    async def join(self, other: "Call") -> None:
        """Attended transfer: joins the far ends of this call and of `other`; both end here."""
        await self._order("join", other=other.handle)

    async def mix(self, other: "Call") -> None:
        """A three-way of the telephone's own: the far ends of both calls hear each other."""
        await self._order("mix", other=other.handle)

    async def hangup(self) -> None:
        self._hung_up = True
        await self._order("hangup")
        await self.ended(within=5.0)

    # what one waits for

    async def rings(self, within: float = 5.0) -> None:
        """The other side rings."""
        await self._until(lambda: self.is_ringing, within, "ringing")

    async def answered(self, within: float = 5.0) -> None:
        await self._until(lambda: self._answered_at is not None, within, "answer")

    async def ended(self, within: float = 5.0) -> Ended:
        await self._until(lambda: self.is_over, within, "end")
        assert self._ended
        return self._ended

    async def receives(self, keys: str, within: float = 5.0) -> None:
        """The other side pressed these keys (RFC 4733 or INFO)."""
        await self._until(lambda: self.keys.endswith(keys), within, f"keys {keys}")

    async def hears(self, prompt: str, within: float = 10.0) -> Heard | None:
        """The prompt of this name, as soon as it is certain; None when it did not come in time.

        A second of its beginning is enough, so that a test can press a key in the middle.
        """
        deadline = asyncio.get_running_loop().time() + within
        while True:
            over = self.is_over or asyncio.get_running_loop().time() > deadline
            heard = await asyncio.to_thread(
                hearing.next_heard,
                self.sound,
                prompt,
                self._line.prompts,
                since_seconds=self._listened_seconds,
                over=over,
            )
            if heard:
                self._listened_seconds = heard.end_seconds
            if heard or over:
                return heard
            await asyncio.sleep(LISTEN_EVERY_SECONDS)

    async def hears_tone(self, hz: float, within: float = 5.0, seconds: float = 0.3) -> bool:
        """Whether this tone, for so long in all, was heard since the call began."""
        deadline = asyncio.get_running_loop().time() + within
        while hearing.tone_seconds(self.sound, hz) < seconds:
            if self.is_over or asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(LISTEN_EVERY_SECONDS)
        return True

    # what one knows

    @property
    def is_over(self) -> bool:
        return self._ended is not None

    @property
    def sound(self) -> Sound:
        """All that was heard until now."""
        if self._recording is None:
            return np.zeros(0, np.float32)
        return from_pcm(self._recording.read_bytes(), self._hears_hz)

    def heard(self) -> list[str]:
        """The names of the known prompts in all that was heard, in order."""
        listening = hearing.Listening(self.sound)
        return [heard.name for heard in listening.prompts(self._line.prompts)]

    @property
    def first_heard_seconds(self) -> float:
        """From the answer to the first sound; infinite while there is none."""
        answered = int((self._answered_at or 0.0) * HZ)
        return hearing.first_sound_seconds(self.sound[answered:])

    @property
    def longest_silence_seconds(self) -> float:
        """The longest stretch, from the answer on, in which nothing was heard."""
        answered = int((self._answered_at or 0.0) * HZ)
        return hearing.longest_silence_seconds(self.sound[answered:])

    # what the telephone tells

    def happened(self, event: str, facts: Mapping[str, Any]) -> None:
        """Takes one event of the worker; those it does not know are none of a call's."""
        if event == "ringing":
            self.is_ringing = True
        elif event == "sound":
            self._recording = Path(facts["path"])
            self._hears_hz, self._says_hz = facts["hears_hz"], facts["says_hz"]
        elif event == "answered":
            self._answered_at = facts["at_seconds"]
        elif event == "key":
            self.keys += facts["key"]
        elif event == "ended":
            self._ended = _ended(facts["text"] or "", self._hung_up)
        self._news.arrived()

    async def _order(self, do: str, **facts: object) -> None:
        await self._line.order(do, call=self.handle, **facts)

    async def _until(self, holds: Callable[[], bool], within: float, what: str) -> None:
        """Raises NotInTime, also as soon as the call is over."""
        if not await self._news.until(lambda: holds() or self.is_over, within):
            raise NotInTime(f"no {what} within {within:g} s; {self}")
        if not holds():
            raise NotInTime(f"no {what}: the call is over, {self._ended}")

    def __repr__(self) -> str:
        state = "over" if self._ended else "up" if self._answered_at is not None else "calling"
        return f"<Call {state}, {len(self.sound) / HZ:.1f} s heard, keys received {self.keys!r}>"


def _ended(text: str, by_us: bool) -> Ended:
    code, _, reason = text.partition(" ")
    if len(code) == 3 and code.isdigit():
        return Ended(int(code), reason, by_us)
    return Ended(None, text, by_us)
