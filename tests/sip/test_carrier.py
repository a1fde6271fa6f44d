"""The second Asterisk is a telephone network: it brings calls, takes calls, and notes them."""

from collections.abc import AsyncIterator

import pytest

from switchboard.pbx.installation import Installation
from tests.sip.carrier import Carried, Carrier
from tests.sip.exchange import ADDRESS, Exchange, secret
from tests.sip.fixtures import OpenPhone
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk

LISTEN = "127.0.0.2:5090"


@pytest.fixture
async def carrier(exchange: Exchange, installation: Installation) -> AsyncIterator[Carrier]:
    async with Carrier(installation, center=ADDRESS, listen=LISTEN) as carrier:
        yield carrier


async def test_it_brings_a_call_with_its_number_and_name(
    carrier: Carrier, open_phone: OpenPhone
) -> None:
    anna = await open_phone(at=ADDRESS, register="201", secret=secret("201"))
    subscriber = await open_phone(at=LISTEN, listen="127.0.0.9")
    call = await subscriber.dial("201", from_number="+79161112233", from_name="Иван Петров")
    ring = await anna.rings()
    assert (ring.from_number, ring.from_name) == ("+79161112233", "Иван Петров")
    answered = await ring.answer()
    await call.answered()
    await answered.say(tone(700))
    assert await call.hears_tone(700)


async def test_it_answers_what_the_center_sends_and_notes_it(
    carrier: Carrier, open_phone: OpenPhone
) -> None:
    anna = await open_phone(at=ADDRESS, register="201", secret=secret("201"))
    call = await anna.dial("+74951234567")
    await call.answered()
    assert await call.hears_tone(440)
    await call.say(tone(700))
    assert await call.hears_tone(700)
    await call.hangup()
    await (await anna.dial("112")).answered()
    assert await carrier.calls() == [
        Carried("+74951234567", "+74950000001", ""),
        Carried("112", "201", ""),
    ]


async def test_a_number_can_be_told_how_to_behave(carrier: Carrier, open_phone: OpenPhone) -> None:
    anna = await open_phone(at=ADDRESS, register="201", secret=secret("201"))
    await carrier.behaves("+74951234567", "busy")
    assert (await (await anna.dial("+74951234567")).ended()).code == 486
    await carrier.behaves("+74951234567", "missing")
    assert (await (await anna.dial("+74951234567")).ended()).code == 404
    await carrier.behaves("+74951234567", "congested")
    assert (await (await anna.dial("+74951234567")).ended()).code == 503
    await carrier.behaves("+74951234567", "ring")
    ringing = await anna.dial("+74951234567")
    await ringing.rings()
    assert not ringing.is_over
    assert len(await carrier.calls()) == 4
