"""Calls that somebody moves: transfers, parking, pickup, forwards."""

import asyncio

import pytest

from tests.journeys.center import Center
from tests.journeys.recording.placing import (
    ANNA,
    SALES,
    Keep,
    moved_by_keys,
    moved_to,
    served,
    taken,
    talk,
)
from tests.sip.bare import BarePhone
from tests.sip.call import Call
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk


async def test_blind_transfer_to_an_extension(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, _ = await served(center)
    await talk(call, await moved_to(boris, agent.transfer("202")))
    await keep()


async def test_blind_transfer_to_a_department(center: Center, keep: Keep) -> None:
    chai = await center.phone("203")
    call, agent, _ = await served(center)
    await talk(call, await moved_to(chai, agent.transfer("502")))
    await keep()


async def test_blind_transfer_by_keys(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, _ = await served(center)
    await moved_by_keys(agent, "##", "202")
    await talk(call, await taken(boris))
    await keep()


async def test_attended_transfer(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, anna = await served(center)
    await agent.hold()
    asking = await anna.dial("202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await agent.join(asking)
    await asyncio.sleep(1)
    await talk(call, second)
    await keep()


async def test_attended_transfer_by_keys(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, _ = await served(center)
    await moved_by_keys(agent, "*2", "202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await agent.hangup()
    await asyncio.sleep(0.5)
    await talk(call, second)
    await keep()


async def test_semi_attended_transfer(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, _ = await served(center)
    await moved_by_keys(agent, "*2", "202")
    ring = await boris.rings(within=8)
    await agent.hangup()
    await asyncio.sleep(0.5)
    await talk(call, await ring.answer())
    await keep()


async def test_consulted_and_taken_back(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, anna = await served(center)
    await agent.hold()
    asking = await anna.dial("202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await asking.hangup()
    await agent.resume()
    await talk(call, agent)
    await keep()


async def test_two_callers_joined_by_an_agent(center: Center, keep: Keep) -> None:
    first, one, anna = await served(center)
    await one.hold()
    second = await center.call(ANNA, caller="+79260000002")
    other = await taken(anna)
    await other.say(tone(700, 1))
    await one.join(other)
    await asyncio.sleep(1)
    await talk(first, second)
    await keep()


async def test_semi_attended_transfer_by_refer(center: Center, keep: Keep) -> None:
    boris, secret = await center.phone("202"), center.running.secrets["201"]
    async with BarePhone(at=("127.0.0.1", 5060), user="201", secret=secret) as anna:
        call = await center.call(SALES)
        agent = await anna.takes_call()
        await asyncio.sleep(1)
        asking = await anna.dial("202")
        ring = await boris.rings()
        await asyncio.sleep(0.5)
        await agent.refer("202", replaces=asking)
        await agent.hangup()
        await asyncio.sleep(0.5)
        await talk(call, await ring.answer())
    await keep()


async def three_together(center: Center) -> tuple[Call, Call, Call]:
    """A caller of sales, the agent, and the colleague whom the agent asked and brought in."""
    boris = await center.phone("202")
    call, agent, _ = await served(center)
    await moved_by_keys(agent, "*2", "202")
    colleague = await taken(boris)
    await colleague.say(tone(800, 1))
    await agent.press("*3")
    await asyncio.sleep(0.5)
    await colleague.say(tone(800, 1))
    return call, agent, colleague


async def test_three_way_that_the_agent_leaves(center: Center, keep: Keep) -> None:
    call, agent, colleague = await three_together(center)
    await agent.hangup()
    await talk(call, colleague)
    await keep()


async def test_three_way_that_the_colleague_leaves(center: Center, keep: Keep) -> None:
    call, agent, colleague = await three_together(center)
    await colleague.hangup()
    await talk(call, agent)
    await keep()


async def test_three_way_mixed_by_the_phone(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, anna = await served(center)
    await agent.hold()
    asking = await anna.dial("202")
    second = await taken(boris)
    await second.say(tone(800, 1))
    await agent.resume()
    await agent.mix(asking)
    await second.say(tone(800, 1))
    await asking.hangup()
    await talk(call, agent)
    await keep()


async def test_parked_and_fetched(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call, agent, _ = await served(center)
    await agent.transfer("700")
    await asyncio.sleep(1.5)
    await talk(call, await boris.dial("701"))
    await keep()


async def test_parked_and_given_up(center: Center, keep: Keep) -> None:
    call, agent, _ = await served(center)
    await agent.transfer("700")
    await asyncio.sleep(1.5)
    await call.hangup()
    await keep()


async def test_picked_up_in_the_queue(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    await anna.rings()
    await asyncio.sleep(1)
    await keep(await talk(call, await boris.dial("**201")))


async def test_picked_up_from_a_phone(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(ANNA)
    await anna.rings()
    await asyncio.sleep(1)
    await keep(await talk(call, await boris.dial("**201")))


async def test_forwarded_to_a_colleague(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await (await anna.dial("*72202")).ended(within=10)
    call = await center.call(ANNA)
    await talk(call, await taken(boris))
    await (await anna.dial("*73")).ended(within=10)
    await keep()


async def test_moved_by_the_phone_to_a_colleague(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(ANNA)
    await (await anna.rings()).redirect("202")
    await keep(await talk(call, await taken(boris)))
