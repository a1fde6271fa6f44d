"""How calls are placed that are to be recorded, and which numbers are there to call."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.journeys.center import Center
from tests.sip.call import Call
from tests.sip.phone import Phone
from tests.sip.sound import tone

MAIN, SALES, SUPPORT = "+74950000001", "+74950000002", "+74950000003"
MAILBOX, EVERYONE, STRICT, OUTSIDE = (f"+7495000000{last}" for last in (4, 5, 6, 7))
TURNS, FAX, ANNA, BORIS = "+74950000008", "+74950000009", "+74950000201", "+74950000202"
OFFICE = "+74951234567"

Keep = Callable[..., Awaitable[None]]


async def talk(caller: Call, agent: Call, seconds: float = 2.0) -> float:
    """They speak, the caller hangs up; how long they were connected, by the caller's clock."""
    await asyncio.gather(caller.answered(), agent.answered())
    began = time.monotonic()
    await asyncio.gather(caller.say(tone(500, seconds)), agent.say(tone(700, seconds)))
    lasted = time.monotonic() - began
    await caller.hangup()
    await agent.ended()
    return lasted


async def taken(phone: Phone) -> Call:
    return await (await phone.rings(within=12)).answer()


async def in_menu(center: Center, keys: str = "") -> Call:
    """A caller in the main menu, who presses keys one by one."""
    call = await center.call(MAIN, name="Ivan Petrov")
    await call.answered()
    for count, key in enumerate(keys):
        await asyncio.sleep(1.2 if count else 0.8)
        await call.press(key)
    return call


async def speak_after_the_beep(call: Call) -> None:
    assert await call.hears("en/beep", within=15)
    await call.say(tone(600, 3))
    await call.hangup()
