"""The live view: never inferred from events, always what Asterisk answered when it was asked.

Events only say which part is old; it is then asked again, not more often than every
`pause_seconds`. All is asked again at a RESYNC and every `resync_seconds` (Asterisk drops events
without a word), so the view is right within that time whatever was lost, and a forged event can
do no more than cause a question.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum, auto

from switchboard.pbx.ami import RESYNC, Ami, AmiAway, AmiRefused, AmiTimeout, Event
from switchboard.pbx.snapshot import (
    Live,
    read_calls,
    read_departments,
    read_extensions,
    read_trunks,
)
from switchboard.supervisor import Ready


class Part(Enum):
    """What is asked in one go."""

    EXTENSIONS = auto()
    DEPARTMENTS = auto()
    CALLS = auto()


ALL = frozenset(Part)
# What an event makes old: the first of these that its name begins with.
STALE: dict[str, frozenset[Part]] = {
    RESYNC.name: ALL,
    "FullyBooted": ALL,
    "Reload": ALL,
    "Contact": frozenset({Part.EXTENSIONS}),
    "DeviceState": frozenset({Part.EXTENSIONS, Part.DEPARTMENTS}),
    "QueueCaller": frozenset({Part.DEPARTMENTS, Part.CALLS}),
    "Queue": frozenset({Part.DEPARTMENTS}),
    "Attended": frozenset({Part.CALLS}),
    "Blind": frozenset({Part.CALLS}),
    "Bridge": frozenset({Part.CALLS}),
    "Dial": frozenset({Part.CALLS}),
    "Hangup": frozenset({Part.CALLS}),
    "New": frozenset({Part.CALLS}),
    "Rename": frozenset({Part.CALLS}),
}


class LiveView:
    """What goes on, as Asterisk said; `run` is the service that keeps it new."""

    def __init__(
        self, ami: Ami, *, pause_seconds: float = 0.5, resync_seconds: float = 3.0
    ) -> None:
        self._ami = ami
        self._pause_seconds = pause_seconds
        self._resync_seconds = resync_seconds
        self._stale: set[Part] = set(ALL)
        self._awake = asyncio.Event()
        self._known = Live(away="Asterisk was not asked yet.")

    @property
    def current(self) -> Live:
        """The newest snapshot."""
        return replace(self._known, away=self._ami.away or self._known.away)

    async def run(self, ready: Ready = lambda: None) -> None:
        """Keep `current` until cancelled; `ready` once it holds what Asterisk said."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._follow(ready))

    async def refresh(self) -> Live:
        """Ask for all parts now. Raises AmiAway, AmiTimeout, AmiRefused."""
        for part in Part:
            await self._ask(part)
        return self.current

    async def _listen(self) -> None:
        async for event in self._ami.events():
            self._mark(stale_parts(event))

    async def _follow(self, ready: Ready) -> None:
        while True:
            if await self._asked():
                ready()
            await asyncio.sleep(self._pause_seconds)
            try:
                async with asyncio.timeout(self._resync_seconds):
                    await self._awake.wait()
            except TimeoutError:
                self._mark(ALL)

    async def _asked(self) -> bool:
        """Ask for what is old; what could not be asked stays old."""
        parts = set(self._stale)
        self._stale.clear()
        self._awake.clear()
        try:
            for part in parts:
                await self._ask(part)
        except (AmiAway, AmiTimeout, AmiRefused) as trouble:
            self._mark(parts)
            self._known = replace(self._known, away=str(trouble))
            return False
        return True

    async def _ask(self, part: Part) -> None:
        now = datetime.now(UTC)
        live = self._known
        match part:
            case Part.EXTENSIONS:
                endpoints = await self._list("PJSIPShowEndpoints")
                contacts = await self._list("PJSIPShowContacts")
                live = replace(
                    live,
                    extensions=read_extensions(endpoints, contacts),
                    trunks=read_trunks(endpoints),
                )
            case Part.DEPARTMENTS:
                answers = await self._list("QueueStatus")
                live = replace(live, departments=read_departments(answers, now))
            case Part.CALLS:
                live = replace(live, calls=read_calls(await self._list("CoreShowChannels")))
        self._known = replace(live, asked_at=now, away="")

    async def _list(self, action: str) -> list[Event]:
        try:
            return await self._ami.action(action)
        except AmiRefused as refused:
            if "found" in str(refused):  # "No Contacts found": for PJSIP an empty list is an error
                return []
            raise

    def _mark(self, parts: frozenset[Part] | set[Part]) -> None:
        if parts:
            self._stale |= parts
            self._awake.set()


def stale_parts(event: Event) -> frozenset[Part]:
    """What is no longer sure after `event`."""
    for beginning, parts in STALE.items():
        if event.name.startswith(beginning):
            return parts
    return frozenset()
