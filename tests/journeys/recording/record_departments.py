"""Calls in queues: answered, given up, closed, overflowing, cut off."""

import asyncio

import pytest

from tests.journeys.center import CLOSED, Center, RunningCenter
from tests.journeys.recording.placing import (
    EVERYONE,
    MAILBOX,
    MAIN,
    MOBILE,
    SALES,
    STRICT,
    SUPPORT,
    Keep,
    in_menu,
    served,
    speak_after_the_beep,
    taken,
    talk,
)
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk


async def test_answered_in_sales(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await in_menu(center, "1")
    ring = await anna.rings()
    await asyncio.sleep(1.5)
    await keep(await talk(call, await ring.answer()))


async def test_answered_without_python(center: Center, running: RunningCenter, keep: Keep) -> None:
    anna = await center.phone("201")
    with running.without_python():
        call = await in_menu(center, "1")
        await keep(await talk(call, await taken(anna)))


async def test_abandoned_in_queue(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await in_menu(center, "1")
    await anna.rings()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_queue_timeout_to_voicemail(center: Center, keep: Keep) -> None:
    await center.phone("201")
    call = await center.call(SALES)
    await speak_after_the_beep(call)
    await keep()


async def test_closed_and_left_in_the_greeting(center: Center, keep: Keep) -> None:
    await center.clock(CLOSED)
    call = await center.call(SALES)
    assert await call.hears("en/sales-greeting")
    await call.hangup()
    await keep()


async def test_closed_says_goodbye(center: Center, keep: Keep) -> None:
    await center.clock(CLOSED)
    call = await center.call(STRICT)
    await call.ended(within=10)
    await keep()


async def test_nobody_there_says_goodbye(center: Center, keep: Keep) -> None:
    call = await center.call(STRICT)
    await call.ended(within=10)
    await keep()


async def test_overflow_support_to_sales(center: Center, keep: Keep) -> None:
    anna, _chai = await center.phone("201"), await center.phone("203")
    call = await center.call(SUPPORT)
    await keep(await talk(call, await taken(anna)))


async def test_queue_to_queue_by_key(center: Center, keep: Keep) -> None:
    await center.phone("201")
    boris = await center.phone("202")
    call = await center.call(SALES)
    await call.answered()
    await asyncio.sleep(1.5)
    await call.press("1")
    await keep(await talk(call, await taken(boris)))


async def test_all_of_three_ring(center: Center, keep: Keep) -> None:
    phones = [await center.phone(number) for number in ("201", "202", "203")]
    call = await center.call(EVERYONE)
    rings = [await phone.rings() for phone in phones]
    await asyncio.sleep(1)
    await keep(await talk(call, await rings[1].answer()))


async def test_two_phones_of_a_member(center: Center, keep: Keep) -> None:
    desk, mobile = await center.phone("205"), await center.phone("205")
    call = await center.call(MOBILE)
    _, ring = await desk.rings(), await mobile.rings()
    await asyncio.sleep(1)
    await keep(await talk(call, await ring.answer()))


async def test_two_phones_of_a_member_of_which_one_refuses(center: Center, keep: Keep) -> None:
    desk, mobile = await center.phone("205"), await center.phone("205")
    call = await center.call(MOBILE)
    ring, _ = await desk.rings(), await mobile.rings()
    await ring.refuse()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_refused_then_answered(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    await (await anna.rings()).refuse()
    await keep(await talk(call, await taken(anna)))


async def test_held_by_the_agent(center: Center, keep: Keep) -> None:
    call, agent, _ = await served(center)
    await agent.hold()
    await asyncio.sleep(2)
    await agent.resume()
    await talk(call, agent, 1.0)
    await keep()


async def test_agent_hangs_up(center: Center, keep: Keep) -> None:
    call, agent, _ = await served(center)
    await agent.hangup()
    await call.ended()
    await keep()


async def test_signed_out_paused_and_back(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    for code in ("*45", "*45", "*461", "*46"):
        await (await anna.dial(code)).ended(within=10)
    await keep()


async def test_asterisk_killed_in_menu_queue_talk_and_voicemail(
    center: Center, running: RunningCenter, keep: Keep
) -> None:
    anna = await center.phone("201")
    talking = await center.call(SALES, caller="+79260000001")
    await taken(anna)
    recording = await center.call(MAILBOX, caller="+79260000004")
    assert await recording.hears("en/beep", within=15)
    speaking = asyncio.create_task(recording.say(tone(600, 3)))
    await center.call(SALES, caller="+79260000002")
    await (await center.call(MAIN, caller="+79260000003")).answered()
    await asyncio.sleep(1)
    await running.loses_asterisk()
    await speaking
    assert talking is not None
    after = await center.call(MAILBOX, caller="+79260000005")
    assert await after.hears("en/sales-greeting")
    await after.hangup()
    await keep()
