"""Of a list of rules the first that holds is taken; what stands beside a destination happens."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import CLOSED, OPEN, Center, RunningCenter
from tests.sip.carrier import Behaviour, Carrier
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("carried_by")]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
languages: [en, ru]
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
callers:
  vip: ["+79161112233"]
  moscow: ["+7495*", "+7499*"]
hours:
  office: {weekly: {mon-fri: "09:00-18:00"}}
  lunch: {weekly: {mon-fri: "13:00-14:00"}}
numbers:
  "+74950000001":
    - hours: lunch
      from: vip
      # two texts: the Russian voice says the English one so that both can be heard in it
      goodbye: {en: {say: One of us eats later because of you.}, ru: {say: "Мы едим позже."}}
    - {hours: lunch, goodbye: {say: We are having lunch.}}
    - {hours: office, from: [vip, moscow], goodbye: {say: How nice that you call us.}}
    - {hours: office, menu: main, fax: office}
    - {goodbye: {en: {say: We are closed.}, ru: {say: "Мы уже не работаем."}}, language: ru}
  "+74950000002": {number: "+79031234567", announce: {say: We connect you to our partner.}}
  "+74950000003": {number: "+79037654321"}
fax: {office: {email: [fax@acme.example], station_id: "+7 495 000-00-09"}}
outbound: {trunk: [carrier], caller_id: "+74950000001", allow: ["+7903"]}
mail: {host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}
"""
MENU = """\
prompt: {en: {say: Please press one.}, ru: {say: "Нажмите один."}}
keys: {1: hangup}
otherwise: {goodbye: {en: {say: Goodbye.}, ru: {say: "До свидания."}}}
"""
RULES, PARTNER, AWAY = (f"+7495000000{last}" for last in "123")
VIP, MOSCOW, STRANGER = "+79161112233", "+74991234567", "+79260000001"
LUNCH = OPEN + timedelta(hours=1, minutes=30)
MENUS = {"main": MENU}


@pytest.fixture
async def carrier(running: RunningCenter, installation: Installation) -> AsyncIterator[Carrier]:
    """The telephone network on the other side of the trunk."""
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        # a trunk that was away is dialled again only when it has answered a qualify
        await running.cli("pjsip qualify carrier")
        deadline = time.monotonic() + 5
        while "Avail" not in await running.cli("pjsip show contacts"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        yield carrier


@pytest.mark.parametrize("carried_by", ["twin", "python"], indirect=True)
@pytest.mark.parametrize(
    ("at", "caller", "heard"),
    [
        (LUNCH, VIP, "en/74950000001-arrives-0-goodbye"),
        (LUNCH, MOSCOW, "en/74950000001-arrives-1-goodbye"),
        (OPEN, VIP, "en/74950000001-arrives-2-goodbye"),
        (OPEN, MOSCOW, "en/74950000001-arrives-2-goodbye"),
        (OPEN, STRANGER, "en/main-long"),
        (CLOSED, VIP, "ru/74950000001-arrives-4-goodbye"),
        (LUNCH.replace(hour=14), STRANGER, "en/main-long"),
        (LUNCH.replace(hour=18, minute=0), STRANGER, "ru/74950000001-arrives-4-goodbye"),
    ],
)
async def test_the_first_rule_that_holds_is_taken(
    center: Center, at: datetime, caller: str, heard: str
) -> None:
    await center.clock(at)
    call = await center.call(RULES, caller)
    assert await call.hears(heard, within=5)
    assert call.heard() == [heard]


async def test_a_fax_machine_that_calls_a_voice_number_is_heard_and_moved(center: Center) -> None:
    call = await center.call(RULES)
    await call.answered()
    calling_tone = asyncio.create_task(call.say(tone(1100, 0.5)))
    assert await call.hears_tone(2100, within=8)
    await calling_tone
    assert center.events()[-2:] == ["fax-tone office", "fax office"]


async def test_a_voice_is_not_taken_for_a_fax_machine(center: Center) -> None:
    call = await center.call(RULES)
    await call.answered()
    await call.say(tone(440, 1.0) + tone(620, 1.0))
    await call.press("1")
    await call.ended(within=3)
    assert center.events()[-1] == "hangup main"


async def test_an_outside_number_is_reached_over_the_trunk_with_our_own_number(
    center: Center, carrier: Carrier
) -> None:
    call = await center.call(PARTNER)
    assert await call.hears("en/74950000002-arrives-0-announce")
    assert await call.hears_tone(440, within=8)
    (carried,) = await carrier.calls()
    assert (carried.number, carried.caller_number) == ("+79031234567", "+74950000001")


@pytest.mark.parametrize("behaviour", ["busy", "congested"])
async def test_a_caller_is_told_when_the_outside_number_cannot_be_had(
    center: Center, carrier: Carrier, behaviour: Behaviour
) -> None:
    await carrier.behaves("+79037654321", behaviour)
    call = await center.call(AWAY)
    assert await call.hears("en/not-available", within=6)
    assert (await call.ended(within=10)).code is None
    assert [carried.number for carried in await carrier.calls()] == ["+79037654321"]
