"""Calls to one extension, from outside and from a colleague."""

import asyncio

import pytest

from tests.journeys.center import Center
from tests.journeys.recording.placing import ANNA, CHAI, Keep, speak_after_the_beep, taken, talk

pytestmark = pytest.mark.asterisk


async def test_extension_answered(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(ANNA)
    await keep(await talk(call, await taken(anna)))


async def test_extension_no_answer_to_voicemail(center: Center, keep: Keep) -> None:
    await center.phone("201")
    await speak_after_the_beep(await center.call(ANNA))
    await keep()


async def test_extension_away(center: Center, keep: Keep) -> None:
    call = await center.call(CHAI)
    await call.ended(within=10)
    await keep()


async def test_extension_abandoned(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(ANNA)
    await anna.rings()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_internal_answered(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await boris.dial("201")
    await keep(await talk(call, await taken(anna)))


async def test_internal_no_answer(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await anna.dial("202")
    await boris.rings()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_internal_busy(center: Center, keep: Keep) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    call = await anna.dial("203")
    await (await chai.rings()).refuse()
    await call.ended(within=10)
    await keep()


async def test_internal_unknown_number(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await anna.dial("999")
    await call.ended(within=10)
    await keep()
