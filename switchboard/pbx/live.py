"""The live view: never inferred from events, always what Asterisk answered when it was asked.

All of it is asked again every `pause_seconds`, and at once when the line is there again (RESYNC);
so it is right within that time whatever was lost, and nobody can forge it.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
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


class LiveView:
    """What goes on, as Asterisk said; `run` is the service that keeps it new.

    Only of its `parts` does `current` know anything.
    """

    def __init__(
        self, ami: Ami, parts: Iterable[Part] = Part, *, pause_seconds: float = 3.0
    ) -> None:
        self._ami = ami
        self._parts = tuple(parts)
        self._pause_seconds = pause_seconds
        self._again = asyncio.Event()
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
        for part in self._parts:
            await self._ask(part)
        return self.current

    async def _listen(self) -> None:
        async for event in self._ami.events():
            if event.name == RESYNC.name:
                self._again.set()

    async def _follow(self, ready: Ready) -> None:
        while True:
            self._again.clear()
            try:
                await self.refresh()
            except (AmiAway, AmiTimeout, AmiRefused) as trouble:
                self._known = replace(self._known, away=str(trouble))
            else:
                ready()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause_seconds):
                    await self._again.wait()

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
