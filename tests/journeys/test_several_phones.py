"""An extension on several phones: who rings, who is busy, what is left when one is gone."""

import asyncio

import pytest

from tests.journeys.center import Center
from tests.journeys.talking import lamp, speak
from tests.sip.phone import PhoneError

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000003": {department: mobile}}
extensions:
  "201": {otherwise: {goodbye: {say: Anna is away.}}}
  "202": {}
  "204": {max_contacts: 2}
  "205": {networks: [127.0.0.8/32]}
departments:
  mobile: {members: ["204"], wrapup_seconds: 3, when_no_agents: {goodbye: {say: Nobody.}}}
pause_reasons: {1: lunch}
"""
MOBILE = "+74950000003"


@pytest.mark.long
async def test_several_phones_of_an_extension_ring_and_none_from_a_foreign_network(
    center: Center,
) -> None:
    desk, mobile = await center.phone("204"), await center.phone("204", listen="127.0.0.8")
    call = await (await center.phone("202")).dial("204")
    ring, other = await asyncio.gather(desk.rings(), mobile.rings())
    await speak(call, await other.answer(), 500)
    await ring.stops()
    await call.hangup()
    with pytest.raises(PhoneError):
        await center.phone("205")
    await center.phone("205", listen="127.0.0.8")


@pytest.mark.long
async def test_a_department_rings_all_phones_of_a_member_who_has_one_call_at_a_time(
    center: Center,
) -> None:
    desk, mobile = await center.phone("204"), await center.phone("204", listen="127.0.0.8")
    assert await (await desk.dial("*461")).hears("en/paused")
    assert await (await center.call(MOBILE)).hears("en/mobile-no-agents-0-goodbye")
    assert await (await desk.dial("*46")).hears("en/resumed")
    caller = await center.call(MOBILE)
    ring, other = await asyncio.gather(desk.rings(), mobile.rings())
    await ring.refuse()
    talk = await other.answer()
    await speak(caller, talk, 500)
    assert await lamp(center, "204") == "Busy"
    waiting = await center.call(MOBILE)
    await waiting.answered()
    await asyncio.sleep(2)
    assert desk.is_quiet
    assert mobile.is_quiet
    await talk.hangup()
    await caller.ended()
    await asyncio.sleep(2)
    assert desk.is_quiet, "it rests after a call"
    ring, other = await asyncio.gather(desk.rings(), mobile.rings())
    talk = await ring.answer()
    await other.stops()
    await speak(waiting, talk, 900)
    await talk.press("##")
    await asyncio.sleep(0.5)
    await talk.press("201")
    assert await waiting.hears("en/201-otherwise-0-goodbye")
    assert await (await desk.dial("*45")).hears("en/signed-out")
    assert "no members" in (await center.cli("queue show mobile")).lower()
    assert await (await desk.dial("*45")).hears("en/signed-in")


@pytest.mark.long
async def test_f23_a_phone_that_dies_beside_another_of_its_extension(center: Center) -> None:
    desk, mobile = await center.phone("204"), await center.phone("204", listen="127.0.0.8")
    lost = await center.call(MOBILE)
    ring, _ = await asyncio.gather(desk.rings(), mobile.rings())
    await speak(lost, await ring.answer(), 500)
    await desk.die()
    assert await lost.hears("en/connection-lost", within=30)
    again = await (await mobile.rings(within=10)).answer()
    await speak(lost, again, 900)
    assert center.events().count("member-lost mobile") == 1
