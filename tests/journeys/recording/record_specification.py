"""Those calls of Asterisk's CDR specification that are not placed for another reason already."""

import asyncio

import pytest

from center.line import open_line
from tests.journeys.center import Center
from tests.journeys.recording.placing import (
    ANNA,
    EVERYONE,
    TURNS,
    Keep,
    moved_by_keys,
    served,
    taken,
    talk,
)
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk


async def originated(center: Center, channel: str, **to: str) -> None:
    """Asterisk calls a channel by itself, as a program of the house could ask it to."""
    async with open_line(center.running.state) as ami:
        await ami.ask("Originate", Channel=channel, Async="true", **to)


async def test_rung_by_the_center_in_vain(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    await originated(center, "PJSIP/202", Application="Playback", Data="beep", Timeout="2000")
    await (await boris.rings()).stops()
    await keep()


async def test_own_mailbox_heard(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call = await boris.dial("*97")
    await call.answered()
    await asyncio.sleep(2)
    await call.hangup()
    await keep()


async def test_internal_answered_and_hung_up_there(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await boris.dial("201")
    agent = await taken(anna)
    await asyncio.gather(call.answered(), agent.say(tone(700, 2)))
    await agent.hangup()
    await call.ended()
    await keep()


async def test_internal_rung_to_the_end(center: Center, keep: Keep) -> None:
    _chai, boris = await center.phone("203"), await center.phone("202")
    call = await boris.dial("203")
    await call.ended(within=15)
    await keep()


async def test_two_phones_of_an_extension(center: Center, keep: Keep) -> None:
    desk, mobile = await center.phone("205"), await center.phone("205")
    boris = await center.phone("202")
    call = await boris.dial("205")
    _, ring = await desk.rings(), await mobile.rings()
    await asyncio.sleep(1)
    await keep(await talk(call, await ring.answer()))


async def test_attended_transfer_to_a_mailbox(center: Center, keep: Keep) -> None:
    call, agent, _ = await served(center)
    await moved_by_keys(agent, "*2", "204")  # whose phone is away: the mailbox answers
    assert await agent.hears("en/sales-greeting", within=15)
    await agent.hangup()
    await call.say(tone(600, 3))
    await call.hangup()
    await keep()


async def test_attended_transfer_by_the_caller(center: Center, keep: Keep) -> None:
    anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
    call = await boris.dial("201")
    first = await taken(anna)
    await first.say(tone(700, 1))
    await call.hold()
    asking = await boris.dial("203")
    second = await taken(chai)
    await second.say(tone(700, 1))
    await call.join(asking)
    await asyncio.sleep(1)
    await talk(first, second)
    await keep()


async def test_local_channel_to_an_application(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    mailbox = {"Application": "VoiceMailMain", "Data": "202@center,s"}
    await originated(center, "Local/202@from-phones/n", **mailbox)
    call = await taken(boris)
    await asyncio.sleep(2)
    await call.hangup()
    await keep()


async def test_local_channel_between_two_phones(center: Center, keep: Keep) -> None:
    await center_rings_both(center, keep, "Local/202@from-phones/n")


async def test_local_channel_that_is_optimized_away(center: Center, keep: Keep) -> None:
    await center_rings_both(center, keep, "Local/202@from-phones")


async def center_rings_both(center: Center, keep: Keep, channel: str) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await originated(center, channel, Context="from-phones", Exten="201", Priority="1")
    caller = await taken(boris)
    await keep(await talk(caller, await taken(anna)))


async def test_one_of_two_is_busy(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(EVERYONE)
    refused, ring = await anna.rings(), await boris.rings()
    await refused.refuse()
    await asyncio.sleep(1)
    await keep(await talk(call, await ring.answer()))


async def test_one_after_the_other(center: Center, keep: Keep) -> None:
    phones = await center.phone("202"), await center.phone("203")
    call = await center.call(TURNS)
    ringing = [asyncio.create_task(phone.rings(within=20)) for phone in phones]
    await asyncio.wait(ringing, return_when=asyncio.FIRST_COMPLETED)
    [ring] = [await one for one in ringing if not one.done()]
    await keep(await talk(call, await ring.answer()))


async def test_a_complex_example(center: Center, keep: Keep) -> None:
    anna, boris, chai, dina = [
        await center.phone(number) for number in ("201", "202", "203", "204")
    ]
    caller = await center.call(ANNA)
    await (first := await taken(anna)).say(tone(700, 1))
    moving = asyncio.create_task(first.transfer("502"))  # whose only member is Chai
    ring = await chai.rings(within=12)
    await moving
    aside = await anna.dial("204")
    await (await taken(dina)).say(tone(900, 1))
    agent = await ring.answer()
    await agent.say(tone(700, 1))
    await moved_by_keys(agent, "*2", "202")
    third = await taken(boris)
    await third.say(tone(800, 1))
    await agent.press("*3")
    await asyncio.sleep(0.5)
    await third.say(tone(800, 1))
    await caller.hangup()
    await third.hangup()
    await aside.hangup()
    await keep()
