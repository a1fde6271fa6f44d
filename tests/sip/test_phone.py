"""Telephones register, ring, talk, press keys and hear, over a real Asterisk."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.sip.call import Ended
from tests.sip.exchange import ADDRESS, TRUNK, Exchange, secret
from tests.sip.fixtures import OpenPhone
from tests.sip.phone import Phone, PhoneError
from tests.sip.sound import tone
from tests.sip.waiting import NotInTime

pytestmark = pytest.mark.asterisk


def extension(number: str, **more: Any) -> dict[str, Any]:
    return {"at": ADDRESS, "register": number, "secret": secret(number), **more}


@pytest.mark.parametrize(
    "line",
    [{}, {"codecs": ("g722/16000/1",)}, {"transport": "tcp"}, {"listen": "127.0.0.5"}],
    ids=["plain", "wideband", "tcp", "other-address"],
)
async def test_two_telephones_register_and_hear_each_other(
    exchange: Exchange, open_phone: OpenPhone, line: dict[str, Any]
) -> None:
    anna, boris = await open_phone(**extension("201", **line)), await open_phone(**extension("202"))
    call = await boris.dial("201")
    ring = await anna.rings()
    assert (ring.from_number, ring.from_name) == ("202", "")
    await call.rings()
    answered = await ring.answer()
    await call.answered()
    await asyncio.gather(answered.say(tone(700)), call.say(tone(500)))
    assert await call.hears_tone(700)
    assert await answered.hears_tone(500)
    assert not await call.hears_tone(500, within=0.1)
    await call.hangup()
    assert await answered.ended() == Ended(None, "Connection reset by peer [104]", by_us=False)


async def test_a_wrong_secret_does_not_register(exchange: Exchange, open_phone: OpenPhone) -> None:
    with pytest.raises(PhoneError, match=r"40[13]"):
        await open_phone(at=ADDRESS, register="201", secret="a-wrong-one")


async def test_a_line_calls_from_its_address_with_any_number_and_name(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna = await open_phone(**extension("201"))
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    await carrier.dial("201", from_number="+79161112233", from_name="Иван, Петров")
    ring = await anna.rings()
    assert (ring.from_number, ring.from_name) == ("+79161112233", "Иван, Петров")
    stranger = await open_phone(at=ADDRESS, listen="127.0.0.3")
    refused = await stranger.dial("201", from_number="+79161112233")
    assert (await refused.ended()).code == 401


async def test_a_line_carries_the_headers_it_is_given(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    diversion = {"Diversion": "<sip:+74950000009@carrier>;reason=no-answer"}
    call = await carrier.dial("who", from_number="+79161112233", headers=diversion)
    await call.ended()
    assert diversion["Diversion"] in await exchange.rx("database get who +79161112233")


@pytest.mark.parametrize("dtmf", ["rfc4733", "info", "in-band"])
async def test_a_key_pressed_in_the_middle_of_a_prompt_arrives(
    exchange: Exchange, open_phone: OpenPhone, prompts: Mapping[str, Path], dtmf: str
) -> None:
    carrier = await open_phone(at=ADDRESS, listen=TRUNK, prompts=prompts, dtmf=dtmf)
    call = await carrier.dial("menu")
    await call.answered()
    assert await call.hears("main")
    await call.press("2")
    assert await call.hears("key-2", within=3)
    assert await call.hears("goodbye", within=5)
    assert not await call.hears("main", within=0)
    assert (await call.ended()).code is None
    assert call.heard() == ["main", "key-2", "goodbye"]


async def test_a_telephone_hears_the_keys_the_other_presses(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna, boris = await open_phone(**extension("201")), await open_phone(**extension("202"))
    call = await boris.dial("201")
    answered = await (await anna.rings()).answer()
    await call.answered()
    await call.press("17#")
    await answered.receives("17#")


async def test_silence_is_measured_where_nothing_at_all_is_sent(
    exchange: Exchange, open_phone: OpenPhone, prompts: Mapping[str, Path]
) -> None:
    carrier = await open_phone(at=ADDRESS, listen=TRUNK, prompts=prompts)
    call = await carrier.dial("quiet")
    await call.ended(within=15)
    assert call.heard() == ["goodbye", "goodbye"]
    assert call.longest_silence_seconds == pytest.approx(3.3, abs=0.5)


async def test_a_telephone_that_a_busy_machine_stalls_misses_nothing(
    exchange: Exchange, open_phone: OpenPhone, prompts: Mapping[str, Path]
) -> None:
    carrier = await open_phone(at=ADDRESS, listen=TRUNK, prompts=prompts)
    call = await carrier.dial("menu")
    await call.answered()
    for _ in range(5):
        await asyncio.sleep(0.3)
        os.kill(carrier.process_id, signal.SIGSTOP)
        await asyncio.sleep(0.3)
        os.kill(carrier.process_id, signal.SIGCONT)
    heard = await call.hears("main")
    assert heard and heard.fitting_seconds >= 2.25
    await call.hangup()


async def test_a_refused_call_says_with_which_answer(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna = await open_phone(**extension("201"))
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    assert (await (await carrier.dial("busy")).ended()).code == 486
    assert (await (await carrier.dial("999")).ended()).code == 404
    call = await carrier.dial("201")
    await (await anna.rings()).refuse()
    assert (await call.ended()).code == 486


async def test_a_telephone_sends_its_calls_on_to_another(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna, chai = await open_phone(**extension("201")), await open_phone(**extension("203"))
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    call = await carrier.dial("201", from_number="+79161112233")
    await (await anna.rings()).redirect("203")
    assert (await chai.rings()).from_number == "+79161112233"
    assert not call.is_over


async def test_ringing_stops_when_the_caller_gives_up(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna = await open_phone(**extension("201"))
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    call = await carrier.dial("201")
    ring = await anna.rings()
    await call.rings()
    await call.hangup()
    await ring.stops()
    assert (await call.ended()).by_us


async def test_a_held_call_hears_nothing_until_it_is_resumed(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna, boris = await open_phone(**extension("201")), await open_phone(**extension("202"))
    call = await boris.dial("201")
    answered = await (await anna.rings()).answer()
    await call.answered()
    await answered.hold()
    await answered.say(tone(700))
    assert not await call.hears_tone(700, within=0.5)
    await answered.resume()
    await answered.say(tone(500))
    assert await call.hears_tone(500)


async def test_a_blind_transfer_joins_the_other_two(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna, boris = await open_phone(**extension("201")), await open_phone(**extension("202"))
    chai = await open_phone(**extension("203"))
    call = await boris.dial("201")
    answered = await (await anna.rings()).answer()
    await call.answered()
    transferring = asyncio.create_task(answered.transfer("203"))
    last = await (await chai.rings()).answer()
    await transferring
    await asyncio.gather(call.say(tone(500)), last.say(tone(700)))
    assert await call.hears_tone(700)
    assert await last.hears_tone(500)


async def test_what_did_not_happen_is_told(exchange: Exchange, open_phone: OpenPhone) -> None:
    anna = await open_phone(**extension("201"))
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    with pytest.raises(NotInTime, match="did not ring within"):
        await anna.rings(within=0.2)
    call = await carrier.dial("201")
    with pytest.raises(NotInTime, match="no answer within"):
        await call.answered(within=0.2)
    busy = await carrier.dial("busy")
    with pytest.raises(NotInTime, match=r"the call is over, .*486"):
        await busy.answered()


async def test_a_telephone_that_dies_in_talk_is_just_gone(
    exchange: Exchange, open_phone: OpenPhone
) -> None:
    anna = await open_phone(**extension("201"))
    carrier = await open_phone(at=ADDRESS, listen=TRUNK)
    call = await carrier.dial("201")
    await (await anna.rings()).answer()
    await call.answered()
    await anna.die()
    with pytest.raises(PhoneError, match="is gone"):
        await anna.dial("202")
    assert not call.is_over


async def test_nothing_is_left_of_a_telephone(exchange: Exchange, tmp_path: Path) -> None:
    async with Phone(**extension("201")) as anna:
        folder = anna.folder
        os.kill(anna.process_id, 0)
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(anna.process_id, 0)
