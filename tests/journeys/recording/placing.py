"""How calls are placed that are to be recorded, and which numbers are there to call."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from tests.journeys.center import Center
from tests.sip.call import Call
from tests.sip.phone import Phone
from tests.sip.sound import tone

MAIN, SALES, SUPPORT = "+74950000001", "+74950000002", "+74950000003"
MAILBOX, EVERYONE, STRICT, OUTSIDE = (f"+7495000000{last}" for last in (4, 5, 6, 7))
TURNS, FAX, MOBILE = "+74950000008", "+74950000009", "+74950000010"
ANNA, CHAI = "+74950000201", "+74950000203"
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


async def served(center: Center) -> tuple[Call, Call, Phone]:
    """A caller of sales, the agent who has taken the call and said something, and its phone."""
    anna = await center.phone("201")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    return call, agent, anna


async def moved_by_keys(agent: Call, key: str, number: str) -> None:
    """The agent sends the call on (`##`), or asks there first (`*2`)."""
    await agent.press(key)
    await asyncio.sleep(0.5)
    await agent.press(number)


async def moved_to(phone: Phone, transfer: Coroutine[Any, Any, None]) -> Call:
    """What rings there by a transfer and is taken."""
    moving = asyncio.create_task(transfer)
    call = await taken(phone)
    await moving
    return call


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
