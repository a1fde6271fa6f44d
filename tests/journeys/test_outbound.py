"""Extensions dial outside, a second Asterisk is the carrier: what goes out, and what never does."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import OPEN, Center
from tests.sip.carrier import Carrier

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks:
  away: {host: "127.0.0.4:5090", accept_from: ["127.0.0.4"]}
  carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}
numbers:
  "+74950000001": {extension: "201"}
  "+74950000002": {department: sales}
  "+74950000007": {number: "+74951234567"}
  "+74950000008": {number: "84957654321"}
extensions: {"201": {}, "202": {caller_id: "+74950000002"}, "203": {}, "204": {}, "205": {}}
departments:
  sales: {members: ["203"], caller_id: "84950000007", otherwise: {goodbye: {say: Later.}}}
outbound:
  trunk: [away, carrier]
  caller_id: "+74950000001"
  allow: ["+7495", "+7809", "+49"]
  max_calls: 2
  max_call_minutes: 30
  max_minutes_a_day: 60
  numbers:
    "+74951234567": {ring_seconds: 2, otherwise: {goodbye: {say: "The boss is not there."}}}
"""
OFFICE = "+74957777777"
NIGHT = OPEN.replace(hour=23)


@pytest.fixture
async def carrier(center: Center, installation: Installation) -> AsyncIterator[Carrier]:
    for family in ("stopped", "released", "refusals", "outbound", "called"):
        await center.cli(f"database deltree {family}")
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await asyncio.gather(center.finds("carrier"), center.finds("away", "Unavail"))
        yield carrier


async def stopped(center: Center) -> list[str]:
    lines = (await center.cli("database show stopped")).splitlines()
    return [line.split(":")[0].split("/")[2].strip() for line in lines if line.startswith("/")]


async def is_told(center: Center, alarm: str) -> None:
    deadline = time.monotonic() + 10
    while f'"{alarm}"' not in (await center.running.switchboard("alarms", "--json"))[1]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.5)


async def test_extensions_call_outside_over_the_trunk_that_is_there_and_show_a_number_of_ours(
    center: Center, carrier: Carrier
) -> None:
    anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
    for phone, dialled in ((anna, "84957777777"), (boris, OFFICE), (chai, "8104915112345678")):
        call = await phone.dial(dialled)
        await call.answered()
        assert await call.hears_tone(440)
        await call.hangup()
    assert [(one.number, one.caller_number, one.caller_name) for one in await carrier.calls()] == [
        (OFFICE, "+74950000001", ""),
        (OFFICE, "+74950000002", ""),
        ("+4915112345678", "+74950000007", ""),
    ]
    assert f"outside {OFFICE} carrier" in center.events()


@pytest.mark.long
async def test_what_may_not_be_dialled_is_refused_in_words_and_five_times_stop_the_extension(
    center: Center, carrier: Carrier
) -> None:
    anna = await center.phone("201")
    for dialled, said in (
        ("84991234567", "not-allowed"),
        ("88091234567", "costly"),
        ("+88091234567", "not-allowed"),
        ("810442071838750", "not-allowed"),
        ("8809123456789", "no-such-number"),
        ("1234", "no-such-number"),
        ("+780912345678", "costly"),
        ("84957777777", "stopped"),
    ):
        call = await anna.dial(dialled)
        assert await call.hears(f"en/{said}"), (dialled, center.events())
        await call.hangup()
    assert not await carrier.calls()
    assert await stopped(center) == ["201"]


@pytest.mark.long
async def test_a_stopped_extension_is_told_and_calls_again_once_it_is_released(
    center: Center, carrier: Carrier
) -> None:
    anna = await center.phone("201")
    call = await anna.dial("810493012345678")
    assert await call.hears_tone(440)  # a first call to a country goes out, and is the last
    await call.hangup()
    assert await (await anna.dial(OFFICE)).hears("en/stopped")
    assert f"barred stopped {OFFICE} 201" in center.events()
    code, listed = await center.running.switchboard("outbound", "--json")
    [told] = json.loads(listed)
    assert (code, told["extension"], told["reason"]) == (0, "201", "country")
    await is_told(center, "outbound:201")
    assert (await center.running.switchboard("outbound", "release", "201"))[0] == 0
    assert (await center.running.switchboard("outbound", "release", "202"))[0] == 1
    call = await anna.dial("810493012345678")
    assert await call.hears_tone(440)
    assert not await stopped(center)


@pytest.mark.long
async def test_a_call_at_night_is_the_last_until_the_extension_is_released(
    center: Center, carrier: Carrier
) -> None:
    await center.clock(NIGHT)
    anna = await center.phone("201")
    call = await anna.dial(OFFICE)
    assert await call.hears_tone(440)
    await call.hangup()
    assert await stopped(center) == ["201"]
    await center.running.switchboard("outbound", "release", "201")
    call = await anna.dial(OFFICE)
    assert await call.hears_tone(440)
    assert not await stopped(center)


@pytest.mark.long
async def test_no_more_calls_than_allowed_go_out_whoever_makes_them(
    center: Center, carrier: Carrier
) -> None:
    phones = [await center.phone(number) for number in ("201", "202", "203", "204")]
    calls = await asyncio.gather(*(phone.dial(OFFICE) for phone in phones))
    await asyncio.gather(*(call.answered() for call in calls))
    heard = await asyncio.gather(*(call.hears_tone(440, within=2) for call in calls))
    assert sum(heard) == 2 == len(await carrier.calls())
    assert sum(event.startswith("barred lines-busy") for event in center.events()) == 2
    outside = await center.call("+74950000007")  # a destination is under the same cap
    assert await outside.hears("en/74951234567-otherwise-0-goodbye")
    for call in calls:
        await call.hangup()
    outside = await center.call("+74950000007")
    assert await outside.hears_tone(440)


@pytest.mark.long
async def test_the_minutes_of_a_day_end_a_call_and_refuse_the_next(
    center: Center, carrier: Carrier
) -> None:
    day = OPEN.date().isoformat()
    await center.cli(f"database put outbound spent {day}:{60 * 60 - 2}")
    anna = await center.phone("201")
    call = await anna.dial(OFFICE)
    assert await call.hears_tone(440)
    await call.ended(within=6)
    assert await (await anna.dial(OFFICE)).hears("en/spent")
    await center.clock(OPEN + timedelta(days=1))
    call = await anna.dial(OFFICE)
    await call.answered()
    [channel] = [
        line.split()[0]
        for line in (await center.cli("core show channels")).splitlines()
        if line.startswith("PJSIP/carrier")
    ]
    shown = await center.cli(f"core show channel {channel}")
    [until] = re.findall(r"Time to Hangup: (\d+)", shown)
    assert 1795 < int(until) - time.time() < 1801  # half an hour from the answer


async def test_a_named_outside_number_rings_for_so_long_and_leads_on(
    center: Center, carrier: Carrier
) -> None:
    await carrier.behaves("+74951234567", "ring")
    waiting = await center.call("+74950000007", caller="+79260000001", name="Ivan")
    await carrier.behaves("+74957654321", "busy")
    busy = await center.call("+74950000008")
    await busy.answered()
    assert await waiting.hears("en/74951234567-otherwise-0-goodbye")
    assert {(one.number, one.caller_number) for one in await carrier.calls()} == {
        ("+74951234567", "+74950000001"),
        ("+74957654321", "+74950000001"),
    }
    assert "untaken 84957654321 BUSY" in center.events()
