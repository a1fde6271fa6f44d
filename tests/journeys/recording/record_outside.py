"""Calls that go on to the outside, or begin inside and go there."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center
from tests.journeys.recording.placing import OFFICE, OUTSIDE, Keep, taken
from tests.sip.carrier import Carrier
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def carrier(center: Center, installation: Installation) -> AsyncIterator[Carrier]:
    """Where outside numbers are called; the center knows that it is there."""
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await center.finds("carrier")
        yield carrier


async def test_outside_number_answered(center: Center, carrier: Carrier, keep: Keep) -> None:
    await carrier.behaves(OFFICE, "answer")
    call = await center.call(OUTSIDE)
    await call.answered()
    await call.say(tone(500, 2))
    await call.hangup()
    await keep()


async def test_outside_number_busy(center: Center, carrier: Carrier, keep: Keep) -> None:
    await carrier.behaves(OFFICE, "busy")
    call = await center.call(OUTSIDE)
    await call.ended(within=15)
    await keep()


async def test_outbound_answered_and_barred(center: Center, carrier: Carrier, keep: Keep) -> None:
    await carrier.behaves(OFFICE, "answer")
    anna = await center.phone("201")
    call = await anna.dial("84951234567")
    await call.answered()
    await call.say(tone(500, 2))
    await call.hangup()
    await (await anna.dial("810442071838750")).ended(within=10)
    await keep()


async def test_outbound_held_and_handed_on(center: Center, carrier: Carrier, keep: Keep) -> None:
    await carrier.behaves(OFFICE, "answer")
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await anna.dial("84951234567")
    await call.answered()
    await call.say(tone(500, 2))
    await call.hold()
    asking = await anna.dial("202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await call.join(asking)
    await asyncio.sleep(1)
    await second.say(tone(700, 2))
    await second.hangup()
    await keep()


async def test_outbound_blind_transfer(center: Center, carrier: Carrier, keep: Keep) -> None:
    await carrier.behaves(OFFICE, "answer")
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await anna.dial("84951234567")
    await call.answered()
    await call.say(tone(500, 1))
    transferring = asyncio.create_task(call.transfer("202"))
    second = await taken(boris)
    await transferring
    await second.say(tone(700, 2))
    await second.hangup()
    await keep()
