"""Three in one call, by `*3` or by a phone that mixes; sound between all of them."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from tests.journeys.center import Center
from tests.sip.call import Call
from tests.sip.phone import Phone
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.long]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000001": {extension: "201"}, "+74950000002": {department: sales}}
extensions: {"201": {}, "202": {}}
departments: {sales: {members: ["201"]}}
"""
ANNA, SALES = "+74950000001", "+74950000002"


@pytest.fixture
def pitch() -> Iterator[int]:
    """Each word of a test is a tone of its own."""
    return count(400, 90)


async def taken(phone: Phone) -> Call:
    return await (await phone.rings(within=8)).answer()


async def speak(pitch: Iterator[int], *calls: Call, unheard: tuple[Call, ...] = ()) -> None:
    """Whatever one of the calls says all the others hear, and those `unheard` do not."""
    for speaker in calls:
        hz = next(pitch)
        await speaker.say(tone(hz, 0.8))
        for other in calls:
            if other is not speaker:
                assert await other.hears_tone(hz), f"{speaker} is not heard by {other}"
        for other in unheard:
            assert not await other.hears_tone(hz, within=0.1, seconds=0.1)


async def consulted(center: Center, number: str, pitch: Iterator[int]) -> tuple[Call, Call, Call]:
    """A caller, who waits, the agent and the colleague whom the agent asks by `*2`."""
    anna, boris = await center.phone("201"), await center.phone("202")
    caller = await center.call(number)
    agent = await taken(anna)
    await speak(pitch, caller, agent)
    await agent.press("*2")
    await asyncio.sleep(0.5)
    await agent.press("202")
    colleague = await taken(boris)
    await speak(pitch, agent, colleague, unheard=(caller,))
    return caller, agent, colleague


@pytest.mark.parametrize(
    ("number", "leaver"), [(ANNA, "caller"), (SALES, "agent"), (SALES, "colleague")]
)
async def test_three_talk_by_a_key_and_two_go_on_whoever_leaves(
    center: Center, pitch: Iterator[int], number: str, leaver: str
) -> None:
    calls = dict(
        zip(("caller", "agent", "colleague"), await consulted(center, number, pitch), strict=True)
    )
    await calls["agent"].press("*3")
    await asyncio.sleep(1)
    await speak(pitch, *calls.values())
    await calls.pop(leaver).hangup()
    await speak(pitch, *calls.values())
    last, other = calls.values()
    await other.hangup()
    await last.ended()


async def test_only_who_asks_changes_sides_and_neither_of_the_others_can_start_it(
    center: Center, pitch: Iterator[int]
) -> None:
    caller, agent, colleague = await consulted(center, ANNA, pitch)
    for keys in ("*3", "*2", "*1", "*4", "##"):
        await caller.press(keys)
        await asyncio.sleep(0.3)
    await colleague.press("*3")
    await asyncio.sleep(1)
    await speak(pitch, agent, colleague, unheard=(caller,))
    await agent.press("*4")
    await asyncio.sleep(0.5)
    await speak(pitch, caller, agent, unheard=(colleague,))
    await agent.press("*4")
    await asyncio.sleep(0.5)
    await speak(pitch, agent, colleague, unheard=(caller,))
    await agent.press("*1")
    await colleague.ended()
    await speak(pitch, caller, agent)
    await caller.press("*3")
    await agent.press("*3")
    await asyncio.sleep(0.5)
    await speak(pitch, caller, agent)
    assert [event for event in center.events() if event.startswith("transferred")] == [
        "transferred 202 201 "
    ]


async def test_a_phone_that_mixes_by_itself_brings_three_together(
    center: Center, pitch: Iterator[int]
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    caller = await center.call(ANNA)
    agent = await taken(anna)
    await speak(pitch, caller, agent)
    await agent.hold()
    asking = await anna.dial("202")
    colleague = await taken(boris)
    await speak(pitch, asking, colleague, unheard=(caller,))
    await agent.resume()
    await agent.mix(asking)
    await speak(pitch, caller, colleague)
    await asking.hangup()
    await colleague.ended()
    await speak(pitch, caller, agent)
