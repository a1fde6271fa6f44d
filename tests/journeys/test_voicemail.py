"""A caller leaves a message: greeting, recording, and the lamps on the telephones."""

import asyncio
import re
import time
from pathlib import Path

import pytest

from tests.journeys.center import Center
from tests.sip import hearing, sipp
from tests.sip.phone import Phone
from tests.sip.sound import Sound, read_wav, tone

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
languages: [ru, en]
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers:
  "+74950000001": {voicemail: sales}
  "+74950000002": {voicemail: sales, language: en}
  "+74950000003": {voicemail: team}
  "+74950000004": {extension: "203"}
  "+74950000005": {voicemail: plain}
extensions: {"201": {}, "202": {}, "203": {ring_seconds: 2}}
voicemail:
  sales:
    pin: "83014"
    greeting: {ru: {say: "Оставьте сообщение."}, en: {say: "Please leave a message."}}
  team: {pin: "83015", lamps: ["201", "202"], greeting: {say: "Команда слушает."}}
  "203": {pin: "83016", greeting: {say: "Говорите после сигнала."}}
  plain: {pin: "83017"}
"""
SALES, ENGLISH, TEAM = "+74950000001", "+74950000002", "+74950000003"
TOLD = re.compile("Messages-Waiting: (yes|no)")
CHAI, PLAIN = "+74950000004", "+74950000005"


def messages(center: Center, box: str, folder: str = "INBOX") -> set[Path]:
    """The sound files of a box."""
    spool = center.running.state.asterisk / "spool" / "voicemail" / "center"
    return set((spool / box / folder).glob("msg*.wav"))


async def leave_message(center: Center, number: str, sound: Sound, greeting: str) -> None:
    """A caller hears the greeting and the tone, speaks, and hangs up."""
    call = await center.call(number, name="Иван")
    assert await call.hears(greeting)
    assert await call.hears(f"{greeting[:2]}/beep", within=15)
    await call.say(sound)
    await call.hangup()


async def lamp(phone: Phone, burns: bool) -> None:
    """The light for messages comes on, or goes off: the telephone is told so, unasked."""
    deadline = time.monotonic() + 10
    while TOLD.findall((phone.folder / "sip.log").read_text())[-1:] != ["yes" if burns else "no"]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(("number", "language"), [(SALES, "ru"), (ENGLISH, "en")])
async def test_a_message_is_kept_whole_after_the_greeting_in_the_callers_language(
    center: Center, number: str, language: str
) -> None:
    before = messages(center, "sales")
    await leave_message(center, number, tone(600, 4), f"{language}/sales-greeting")
    await center.running.becomes_quiet()
    [message] = messages(center, "sales") - before
    assert hearing.tone_seconds(read_wav(message), 600) == pytest.approx(4, abs=0.3)
    assert "+79260000001" in message.with_suffix(".txt").read_text()
    assert "voicemail-end sales SUCCESS" in center.events()


async def test_a_box_without_a_greeting_asks_in_asterisks_words(center: Center) -> None:
    await leave_message(center, PLAIN, tone(600, 3), "ru/vm-intro")
    await center.running.becomes_quiet()
    assert len(messages(center, "plain")) == 1


@pytest.mark.parametrize("hangs_up", ["in the greeting", "in the tone", "after a word"])
async def test_who_says_nothing_leaves_nothing(center: Center, hangs_up: str) -> None:
    before = messages(center, "sales")
    call = await center.call(SALES)
    assert await call.hears("ru/sales-greeting")
    if hangs_up != "in the greeting":
        assert await call.hears("ru/beep")
    if hangs_up == "after a word":
        await call.say(tone(600, 0.4))
    await call.hangup()
    await center.running.becomes_quiet()
    assert messages(center, "sales") == before


async def test_the_lamps_of_a_box_come_on(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await lamp(anna, burns=False)
    await leave_message(center, TEAM, tone(600, 3), "ru/team-greeting")
    await lamp(anna, burns=True)
    await lamp(boris, burns=True)


async def test_a_telephone_may_ask_for_its_lamp(center: Center) -> None:
    await center.phone("202")
    secret = center.running.secrets["202"]
    fields = {"number": "202", "secret": secret, "waiting": "(yes|no)"}
    asked = await sipp.run("lamp", at="127.0.0.1:5060", listen="127.0.0.1", fields=fields)
    assert asked.successful == 1, asked.errors


async def test_the_owner_hears_a_message_and_deletes_it_and_the_lamp_goes_off(
    center: Center,
) -> None:
    await leave_message(center, CHAI, tone(600, 3), "ru/203-greeting")
    chai = await center.phone("203")
    await lamp(chai, burns=True)
    call = await chai.dial("*97")
    assert await call.hears("ru/vm-youhave")
    await call.press("1")
    assert await call.hears_tone(600, within=20, seconds=2.5)
    await call.press("7")
    assert await call.hears("ru/vm-deleted")
    await call.hangup()
    await lamp(chai, burns=False)
    assert not messages(center, "203") | messages(center, "203", "Old")
