"""The watch over emergency calls in `run`: letter, phones and alarm within a second or two."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from callrouter.emergency import (
    RINGS,
    STANDS,
    EmergencyCall,
    emergency_letter,
    emergency_trouble,
    forget,
    read_calls,
    ring,
)
from callrouter.house import member_interface
from center.line import NotRunning, open_line
from center.load import Center
from console.wiring import AGAIN_SECONDS, Wiring
from switchboard.outbox import enqueue
from switchboard.pbx.ami import Ami, AmiAway, AmiRefused, AmiTimeout
from switchboard.supervisor import Ready, Service

LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


def emergency_service(wiring: Wiring) -> Service:
    """Tells each call once; what could not be told yet is tried again."""

    async def serve(ready: Ready) -> None:
        ready()
        teller = Teller(wiring)
        while True:
            try:
                async with open_line(wiring.state) as ami:
                    while True:
                        await teller.look(ami)
                        await asyncio.sleep(LOOK_SECONDS)
            except NotRunning:
                await asyncio.sleep(AGAIN_SECONDS)

    return Service("emergency calls", serve)


class Teller:
    """Remembers whom it has told; after a restart the letter's Message-ID does."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._rung: set[str] = set()
        self._posted: set[str] = set()

    async def look(self, ami: Ami) -> None:
        """Look once. A line that is away is looked at again."""
        center = await self._wiring.current.center()
        if center is None:
            return
        try:
            calls = await read_calls(ami)
            self._wiring.seen["emergency"] = [emergency_trouble(call) for call in calls]
            for call in calls:
                await self._tell(ami, call, center)
        except (AmiAway, AmiRefused, AmiTimeout) as trouble:
            log.warning("emergency calls are told later: %s", trouble)

    async def _tell(self, ami: Ami, call: EmergencyCall, center: Center) -> None:
        age = self._wiring.clock() - call.at
        if call.uniqueid not in self._rung and age < RINGS:
            self._rung.add(call.uniqueid)
            router = center.router
            for extension in router.emergency.ring:
                if extension != call.extension:
                    interface = member_interface(extension, router.extensions[extension])
                    await ring(ami, call, interface)
        if call.uniqueid not in self._posted and await self._post(call, center):
            self._posted.add(call.uniqueid)
        if call.uniqueid in self._posted and age > STANDS:
            await forget(ami, call)

    async def _post(self, call: EmergencyCall, center: Center) -> bool:
        letter = emergency_letter(call, center.ground, center.router)
        if letter is None:
            return True
        if not self._wiring.migrated.is_set():
            return False
        try:
            async with self._wiring.database.begin() as session:
                await enqueue(session, letter, self._wiring.clock())
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("the letter of an emergency call is written later: %s", trouble)
            return False
        return True
