"""What telephones say to each other, and what lamps tell of them."""

import asyncio
import re

from tests.journeys.center import Center
from tests.sip.call import Call
from tests.sip.phone import Phone
from tests.sip.sound import tone


async def taken(phone: Phone) -> Call:
    return await (await phone.rings(within=8)).answer()


async def speak(one: Call, other: Call, hz: int) -> None:
    """What either says from now on the other hears; each time in tones of its own."""
    await asyncio.gather(one.answered(), other.answered())
    await asyncio.gather(one.say(tone(hz)), other.say(tone(hz + 170)))
    assert await one.hears_tone(hz + 170)
    assert await other.hears_tone(hz)


async def lamp(center: Center, watched: str) -> str:
    """What a phone that watches this is told: `Idle`, `InUse`, `Ringing`, ..."""
    await asyncio.sleep(0.5)
    shown = await center.cli("core show hints")
    [state] = re.findall(rf"^ *{re.escape(watched)}@lamps .*State:(\w+)", shown, re.MULTILINE)
    return str(state)
