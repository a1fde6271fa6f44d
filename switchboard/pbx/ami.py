"""The line to Asterisk's manager interface that comes back by itself.

Every action has an end: an answer, a refusal, a timeout, or the line was lost; nothing is ever
sent twice. A peer that went silent is noticed by awaited pings. Whoever listens is told RESYNC
whenever events may have been missed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

from switchboard.pbx.link import AmiAway, AmiRefused, AmiTimeout, Event, Link, Query

__all__ = ["RESYNC", "Ami", "AmiAway", "AmiRefused", "AmiTimeout", "Event"]

RESYNC = Event("Resync", {})  # what you know may be old: ask again


class Ami:
    """An async context, connected when entered. Raises AmiAway, AmiRefused for a wrong secret.

    From then on `away` is empty, or says why there is no line; it is tried again every
    `retry_seconds`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        answer_seconds: float = 3.0,
        ping_seconds: float = 1.0,
        retry_seconds: float = 0.5,
        backlog: int = 10_000,
        events: str = "on",  # or "off", or classes of the account's: "security,agent"
    ) -> None:
        account = {"username": user, "secret": secret, "events": events}
        self._where = {"host": host, "port": port, **account}
        self._answer_seconds = answer_seconds
        self._ping_seconds = ping_seconds
        self._retry_seconds = retry_seconds
        self._backlog = backlog
        self._listeners: set[asyncio.Queue[Event]] = set()
        self._link: Link | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.away = "There is no line to Asterisk yet."

    async def __aenter__(self) -> Self:
        await self._connect()
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        self._disconnect("The line to Asterisk was closed.")

    async def ask(self, action: str, **headers: str) -> Event:
        """Send an action that has one answer, e.g. `ask("QueueAdd", Queue="sales", ...)`.

        Raises AmiRefused, AmiTimeout, AmiAway, and ValueError for control characters in a value.
        """
        return (await self._send(Query(action, headers, many=False)))[0]

    async def action(self, action: str, **headers: str) -> list[Event]:
        """Send an action that is answered with a list of events, and return these.

        Raises as `ask`.
        """
        return (await self._send(Query(action, headers, many=True)))[1:-1]

    async def events(self) -> AsyncIterator[Event]:
        """All events in their order, beginning with RESYNC.

        RESYNC comes again when the line was lost and is back, and when the listener is so slow
        that more than `backlog` events wait: these are then dropped.
        """
        waiting: asyncio.Queue[Event] = asyncio.Queue(self._backlog)
        waiting.put_nowait(RESYNC)
        self._listeners.add(waiting)
        try:
            while True:
                yield await waiting.get()
        finally:
            self._listeners.discard(waiting)

    async def _send(self, query: Query) -> list[Event]:
        if self._link is None:
            raise AmiAway(self.away)
        return await self._link.ask(query, self._answer_seconds)

    async def _keep(self) -> None:
        while True:
            with suppress(AmiAway, AmiRefused, AmiTimeout):
                if self._link is None:
                    await self._connect()
                else:
                    await self._watch(self._link)
            if self._link is None:
                await asyncio.sleep(self._retry_seconds)

    async def _connect(self) -> None:
        link = Link(self._tell, **self._where)
        try:
            await link.open(self._answer_seconds)
        except BaseException as trouble:
            self.away = str(trouble)
            link.close()
            raise
        self._link, self.away = link, ""
        self._tell(RESYNC)

    async def _watch(self, link: Link) -> None:
        """Ping until `link` is lost, or half-open: then nothing would come and nothing fail."""
        try:
            while True:
                await asyncio.wait({link.lost}, timeout=self._ping_seconds)
                await self.ask("Ping")
        except (AmiAway, AmiTimeout) as trouble:
            self._disconnect(str(trouble))

    def _disconnect(self, why: str) -> None:
        self.away = why
        if self._link is not None:
            self._link.close()
            self._link = None

    def _tell(self, event: Event) -> None:
        for waiting in self._listeners:
            if not waiting.full():
                waiting.put_nowait(event)
                continue
            while not waiting.empty():
                waiting.get_nowait()
            waiting.put_nowait(RESYNC)
