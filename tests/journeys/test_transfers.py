"""What agents do with a call: transfer, hold, park, pick up, forward; sound on both ways."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center
from tests.journeys.talking import lamp, speak, taken
from tests.sip.carrier import Carrier
from tests.sip.phone import Phone
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers:
  "+74950000001": {extension: "201"}
  "+74950000002": {department: sales}
extensions:
  "201": {otherwise: {goodbye: {say: Anna is away.}}, ring_seconds: 4}
  "202": {ring_seconds: 3}
  "203": {}
departments: {sales: {members: ["203", "202"], otherwise: {goodbye: {say: Later.}}}}
outbound: {trunk: [carrier], caller_id: "+74950000001", allow: ["+7495"], hours: always}
parking_seconds: 5
hours: {always: {weekly: {mon-sun: "00:00-24:00"}, switch: "*28"}}
"""
ANNA, SALES, OFFICE, ABROAD = "+74950000001", "+74950000002", "84957777777", "810442071838750"


@pytest.fixture
async def carrier(center: Center, installation: Installation) -> AsyncIterator[Carrier]:
    for family in ("stopped", "refusals", "forward"):
        await center.cli(f"database deltree {family}")
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await center.finds("carrier")
        yield carrier


@pytest.mark.long
async def test_a_caller_is_transferred_by_the_phone_and_by_keys(
    center: Center, carrier: Carrier
) -> None:
    anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await speak(caller, talk, 500)
    sending = asyncio.create_task(talk.transfer("202"))
    at_boris = await taken(boris)
    await sending
    await speak(caller, at_boris, 900)
    await at_boris.press("##")
    await asyncio.sleep(0.5)
    await at_boris.press("203")
    at_chai = await taken(chai)
    await speak(caller, at_chai, 1300)
    await at_chai.press("*2")
    await asyncio.sleep(0.5)
    await at_chai.press("201")
    again = await taken(anna)
    await speak(at_chai, again, 1700)
    await at_chai.hangup()
    await speak(caller, again, 2100)
    await caller.hangup()
    assert [event for event in center.events() if event.startswith("transferred")] == [
        "transferred 202 201 ",
        "transferred 203 202 ",
        "transferred 201 203 ",
    ]


@pytest.mark.long
async def test_attended_and_semi_attended_by_the_phone_and_outside(
    center: Center, carrier: Carrier
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await speak(caller, talk, 500)
    await talk.hold()
    asked = await anna.dial("202")
    at_boris = await taken(boris)
    await speak(asked, at_boris, 900)
    await talk.join(asked)
    await speak(caller, at_boris, 1300)
    await caller.hangup()
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await speak(caller, talk, 500)
    asked = await anna.dial("202")
    ring = await boris.rings()
    await asked.hangup()
    await ring.stops()
    sending = asyncio.create_task(talk.transfer("202"))
    at_boris = await taken(boris)
    await sending
    await speak(caller, at_boris, 900)
    await at_boris.hangup()
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await speak(caller, talk, 1700)
    await talk.hold()
    asked = await anna.dial(OFFICE)
    assert await asked.hears_tone(440)
    await talk.join(asked)
    await asyncio.sleep(1)  # the carrier's far end is a tone for a second, then an echo
    await caller.say(tone(1300))
    assert await caller.hears_tone(1300)
    await caller.hangup()


@pytest.mark.long
async def test_those_whom_a_phone_joins_hear_each_other_whatever_codecs_they_speak(
    center: Center,
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202", codecs=("g722/16000/1",))
    for _ in range(8):  # sequence numbers begin anywhere: every third time he was taken for late
        caller = await center.call(ANNA)
        talk = await taken(anna)
        await talk.answered()
        asked = await anna.dial("202")
        at_boris = await taken(boris)
        await speak(asked, at_boris, 900)
        await talk.join(asked)
        await asyncio.sleep(0.5)
        await speak(caller, at_boris, 1300)
        await caller.hangup()


@pytest.mark.long
async def test_parked_calls_are_fetched_or_come_back(center: Center, carrier: Carrier) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await speak(caller, talk, 500)
    await talk.transfer("700")
    fetched = await boris.dial("701")
    await speak(caller, fetched, 900)
    await caller.hangup()
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await caller.answered()
    await talk.transfer("700")
    back = await (await anna.rings(within=10)).answer()
    await speak(caller, back, 1300)


async def test_a_ringing_phone_is_picked_up(center: Center, carrier: Carrier) -> None:
    anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
    caller = await center.call(SALES)
    ringing = await next_ring(boris, chai)
    other = chai if ringing is boris else boris
    await speak(caller, await other.dial("*8"), 500)
    await caller.hangup()
    caller = await center.call(ANNA)
    await anna.rings()
    await speak(caller, await boris.dial("**201"), 900)
    await caller.hangup()
    nobody = await boris.dial("**201")
    assert await nobody.hears("en/nobody-rings")


async def refuse_all(phone: Phone, answer: str) -> None:
    while True:
        await (await phone.rings(within=60)).refuse(answer)


async def next_ring(*phones: Phone) -> Phone:
    rings = {asyncio.create_task(phone.rings(within=8)): phone for phone in phones}
    done, _ = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
    for task in rings.keys() - done:
        task.cancel()
    return rings[done.pop()]


@pytest.mark.long
async def test_calls_are_forwarded_under_the_rules_of_the_phone(
    center: Center, carrier: Carrier
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    for dialled, said in (
        (f"*72{ABROAD}", "not-allowed"),
        ("*72", "do-not-disturb"),
    ):
        assert await (await anna.dial(dialled)).hears(f"en/{said}")
    assert await (await center.call(ANNA)).hears("en/201-otherwise-0-goodbye")
    assert anna.is_quiet
    assert await (await anna.dial("*72202")).hears("en/calls-forwarded")
    caller = await center.call(ANNA)
    await speak(caller, await taken(boris), 500)
    await caller.hangup()
    assert await (await anna.dial(f"*72{OFFICE}")).hears("en/calls-forwarded")
    caller = await center.call(ANNA)
    assert await caller.hears_tone(440)
    await caller.hangup()
    assert await (await anna.dial("*73")).hears("en/not-forwarded")
    caller = await center.call(ANNA)
    await (await anna.rings()).redirect(OFFICE)
    assert await caller.hears_tone(440)
    await caller.hangup()
    assert [one.caller_number for one in await carrier.calls()] == [ANNA, ANNA]


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        ("486 Busy Here", "BUSY"),
        ("480 Temporarily Unavailable", "NOANSWER"),
        ("603 Decline", "BUSY"),
    ],
)
async def test_a_phone_that_is_not_to_be_disturbed_sends_callers_on(
    center: Center, carrier: Carrier, answer: str, noted: str
) -> None:
    phones = [await center.phone(number) for number in ("201", "202", "203")]
    anna, boris, chai = phones
    caller = await center.call(ANNA)
    await (await anna.rings()).refuse(answer)
    assert await caller.hears("en/201-otherwise-0-goodbye", within=3)
    asked = await boris.dial("201")
    await (await anna.rings()).refuse(answer)
    assert await asked.hears("en/201-otherwise-0-goodbye", within=3)
    refusing = asyncio.create_task(refuse_all(chai, answer))
    for hz in (500, 1300):  # the members take turns: one of the two calls is offered to Chai first
        caller = await center.call(SALES)
        await speak(caller, await taken(boris), hz)
        await caller.hangup()
    refusing.cancel()
    assert center.events().count(f"untaken 201 {noted}") == 2
    assert any(row.type == "HANGUP" and "PJSIP/203" in row.channel for row in center.cel())


@pytest.mark.long
async def test_whose_phone_dies_in_talk_sends_the_caller_on(
    center: Center, carrier: Carrier
) -> None:
    """F23: after 20 s without sound from it; nobody who ends or moves a call hears of that."""
    anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
    for dialled in (center.call(ANNA), boris.dial("201")):
        caller = await dialled
        talk = await taken(anna)
        await speak(caller, talk, 500)
        await talk.hangup()
        await caller.ended()
    asking = await boris.dial("201")
    talk = await taken(anna)
    await speak(asking, talk, 500)
    await asking.press("##")
    await asyncio.sleep(0.5)
    await asking.press("203")
    await speak(talk, await taken(chai), 900)
    await asking.ended()
    await talk.hangup()
    caller = await center.call(ANNA)
    await speak(caller, await taken(anna), 500)
    await anna.die()
    assert await caller.hears("en/connection-cut", within=30)
    assert await caller.hears("en/201-otherwise-0-goodbye")
    assert center.events().count("phone-lost 201") == 1
    assert asking.heard() == []


@pytest.mark.long
async def test_lamps_show_who_talks_what_is_parked_and_what_was_switched(
    center: Center, carrier: Carrier
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    caller = await center.call(ANNA)
    talk = await taken(anna)
    await caller.answered()
    assert await lamp(center, "201") == "Busy"
    await talk.transfer("700")
    assert await lamp(center, "701") == "InUse"
    await (await boris.dial("701")).answered()
    assert await lamp(center, "701") == "Idle"
    assert await lamp(center, "202") == "Busy"
    assert await lamp(center, "*28") == "Idle"
    assert await (await anna.dial("*28")).hears("en/closed-now")
    assert await lamp(center, "*28") == "InUse"
    await center.cli("database del switch always")
