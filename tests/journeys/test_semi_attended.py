"""A phone transfers while the colleague's phone still rings, in every way that SIP knows."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.journeys.center import Center, they_hear_each_other
from tests.sip.bare import BarePhone, Dialog
from tests.sip.call import Call

pytestmark = [pytest.mark.asterisk, pytest.mark.long]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000001": {extension: "201"}, "+74950000002": {department: sales}}
extensions:
  "201": {}
  "202": {ring_seconds: 5, otherwise: {goodbye: {say: "Boris is away."}}}
  "203": {}
departments: {sales: {members: ["201"]}}
"""
ANNA, SALES = "+74950000001", "+74950000002"


@pytest.fixture
async def anna(center: Center) -> AsyncIterator[BarePhone]:
    secret = center.running.secrets["201"]
    async with BarePhone(at=("127.0.0.1", 5060), user="201", secret=secret) as anna:
        yield anna


async def in_talk(center: Center, anna: BarePhone, number: str) -> tuple[Call, Dialog]:
    caller = await center.call(number)
    talk = await anna.takes_call()
    await caller.answered()
    return caller, talk


@pytest.mark.parametrize("number", [ANNA, SALES])
async def test_the_caller_takes_the_place_of_who_rings_and_both_speak(
    center: Center, anna: BarePhone, number: str
) -> None:
    boris = await center.phone("202")
    caller, talk = await in_talk(center, anna, number)
    asking = await anna.dial("202")
    ring = await boris.rings()
    assert await talk.refer("202", replaces=asking) == 202
    await talk.hears(200)
    await asking.ended()
    await they_hear_each_other(caller, await ring.answer())
    await caller.hangup()


async def test_who_came_by_it_from_outside_has_no_keys_of_the_phone(
    center: Center, anna: BarePhone
) -> None:
    """Asterisk leaves them to the channel: whoever sends a call is looked at instead."""
    boris, chai = await center.phone("202"), await center.phone("203")
    for keys in ("##112", "##700", "##203", "*2203"):
        caller, talk = await in_talk(center, anna, ANNA)
        asking = await anna.dial("202")
        ring = await boris.rings()
        await talk.refer("202", replaces=asking)
        call = await ring.answer()
        await caller.press(keys)
        sent = "" if keys[0] == "*" else "202"
        await center.notes(f"transferred {keys[2:]}  {sent}", within=8)
        await center.notes("hangup ")
        await asyncio.gather(*(one.hangup() for one in (caller, call) if not one.is_over))
        await center.running.becomes_quiet()
    assert chai.is_quiet
    assert not any(event.startswith("emergency") for event in center.events())


async def test_not_taken_the_caller_goes_on_where_the_colleague_sends_him(
    center: Center, anna: BarePhone
) -> None:
    boris = await center.phone("202")
    caller, talk = await in_talk(center, anna, ANNA)
    asking = await anna.dial("202")
    ring = await boris.rings()
    assert await talk.refer("202", replaces=asking) == 202
    await ring.stops(within=8)
    assert await caller.hears("en/202-otherwise-0-goodbye")
    await caller.ended()


async def test_blind_while_it_rings_the_second_call_rings_too(
    center: Center, anna: BarePhone
) -> None:
    boris = await center.phone("202")
    caller, talk = await in_talk(center, anna, ANNA)
    asking = await anna.dial("202")
    ring = await boris.rings()
    assert await talk.refer("202") == 202
    again = await boris.rings()
    assert await asking.cancel() == 200
    await ring.stops()
    await they_hear_each_other(caller, await again.answer())
    await talk.hears(200)
    await caller.hangup()


async def test_a_call_that_rings_cannot_be_sent_away_itself(
    center: Center, anna: BarePhone
) -> None:
    boris, chai = await center.phone("202"), await center.phone("203")
    asking = await anna.dial("202")
    ring = await boris.rings()
    await asking.refer("203")
    await asking.hears(400)
    assert chai.is_quiet
    assert await asking.cancel() == 200
    await ring.stops()
