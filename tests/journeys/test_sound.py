"""Whatever a telephone speaks, keys arrive, sound is heard, and nobody is left in silence."""

import asyncio

import pytest

from tests.journeys.center import Center, they_hear_each_other
from tests.sip.phone import Dtmf

pytestmark = pytest.mark.asterisk

RUSSIAN, ENGLISH = "+74950000001", "+74950000002"
LONGEST_SILENCE_SECONDS = 4.0  # "never left in silence for more than 4 s outside a recording"


@pytest.mark.parametrize("dtmf", ["rfc4733", "info", "in-band"])
@pytest.mark.parametrize("codec", ["pcmu", "pcma"])
async def test_a_key_is_understood_however_it_is_sent(
    center: Center, dtmf: Dtmf, codec: str
) -> None:
    boris = await center.phone("202")
    call = await center.call(RUSSIAN, dtmf=dtmf, codecs=(codec,))
    assert await call.hears("ru/main-long")
    await call.press("202")
    await boris.rings(within=3)
    assert "key main 202 OK" in center.events()


@pytest.mark.parametrize("codec", ["pcmu", "pcma", "g722/16000/1", "opus/48000/2"])
async def test_callers_and_agents_hear_each_other_in_every_codec(
    center: Center, codec: str
) -> None:
    anna = await center.phone("201", codecs=(codec,))
    call = await center.call("+74950000201", codecs=(codec,))
    await they_hear_each_other(call, await (await anna.rings()).answer())


@pytest.mark.parametrize("codec", ["g722/16000/1", "opus/48000/2"])
async def test_a_menu_is_heard_in_wideband(center: Center, codec: str) -> None:
    call = await center.call(RUSSIAN, codecs=(codec,))
    assert await call.hears("ru/main-long")
    begin = next(row for row in center.cel() if row.type == "STREAM_BEGIN")
    assert '"format":"slin16"' in begin.text


async def test_a_narrow_caller_and_a_wideband_agent_hear_each_other(center: Center) -> None:
    anna = await center.phone("201", codecs=("opus/48000/2",))
    call = await center.call("+74950000201", codecs=("pcma",))
    await they_hear_each_other(call, await (await anna.rings()).answer())


@pytest.mark.parametrize(("number", "language"), [(RUSSIAN, "ru"), (ENGLISH, "en")])
async def test_an_answered_caller_hears_something_within_two_seconds(
    center: Center, number: str, language: str
) -> None:
    call = await center.call(number)
    await call.answered(within=2)
    heard = await call.hears(f"{language}/main-long", within=4)
    assert heard and heard.start_seconds < 2


@pytest.mark.parametrize("keys", ["1", "201"], ids=["queue", "ringing"])
async def test_nobody_waits_for_a_person_in_silence(center: Center, keys: str) -> None:
    anna = await center.phone("201")
    call = await center.call(RUSSIAN)
    await call.answered()
    await call.press(keys)
    await anna.rings()
    await asyncio.sleep(LONGEST_SILENCE_SECONDS + 2.5)  # a ring, its pause, and the next ring
    assert call.longest_silence_seconds <= LONGEST_SILENCE_SECONDS + 0.2
