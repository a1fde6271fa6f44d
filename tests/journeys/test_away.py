"""Who is away: all calls forwarded, or a phone that is gone behind the one that was called."""

import asyncio
import os
import signal

import pytest

from tests.journeys.center import Center
from tests.journeys.talking import speak, taken
from tests.sip.call import Call
from tests.sip.phone import Phone

pytestmark = [pytest.mark.asterisk, pytest.mark.long]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers:
  "+74950000002": {department: sales}
  "+74950000004": {department: support}
  "+74950000201..+74950000212": {extension: "last 3"}
extensions:
  "201": {otherwise: {goodbye: {say: Anna is away.}}, ring_seconds: 12}
  "202": {}
  "203": {otherwise: {goodbye: {say: Chai went home early.}}}
  "204": {max_contacts: 2}
  "205": {otherwise: {goodbye: {say: Eva cannot be reached now.}}}
  "206": {}
  "207": {otherwise: {goodbye: {say: The workshop is closed today.}}}
  "208": {}
  "209": {}
  "210": {}
  "211": {}
  "212": {otherwise: {goodbye: {say: Nobody answers in the cellar.}}}
  "302": {}
  "303": {}
departments:
  sales: {members: ["303", "302"], otherwise: {goodbye: {say: Later.}}}
  support: {members: ["209"]}
"""
SALES, SUPPORT, NUMBER = "+74950000002", "+74950000004", "+74950000{}"


async def test_departments_ring_others_while_an_agent_forwards_all_calls(
    center: Center,
) -> None:
    boris, chai = await center.phone("302"), await center.phone("303")
    for dialled, said, reason in (
        ("*72", "do-not-disturb", "do-not-disturb"),
        ("*72201", "calls-forwarded", "forwarded"),
    ):
        assert await (await boris.dial(dialled)).hears(f"en/{said}")
        assert f"paused:{reason}" in await center.cli("queue show sales")
        for hz in (500, 900):  # the members would take turns
            caller = await center.call(SALES)
            await speak(caller, await taken(chai), hz)
            await caller.hangup()
    assert boris.is_quiet
    await (await boris.dial("*46")).hears("en/resumed")
    assert "paused" not in await center.cli("queue show sales")
    assert await (await boris.dial("*73")).hears("en/not-forwarded")
    assert [event for event in center.events() if event.startswith(("paused", "resumed"))] == [
        "paused 302 do-not-disturb PAUSED",
        "paused 302 forwarded PAUSED",
        "resumed 302 UNPAUSED",
        "resumed 302 UNPAUSED",
    ]


async def asks_by_keys(talk: Call, number: str) -> None:
    await talk.press("*2")
    await asyncio.sleep(0.5)
    await talk.press(number)


async def is_cut_and_led_on(caller: Call, phone: Phone, otherwise: str) -> None:
    """The phone dies in talk: the caller ends where calls of the extension go that he called."""
    await phone.die()
    assert await caller.hears("en/connection-cut", within=30)
    assert await caller.hears(f"en/{otherwise}-otherwise-0-goodbye")


async def gone_behind_a_redirect(center: Center) -> None:
    phone, other = await center.phone("201"), await center.phone("202")
    os.kill(other.process_id, signal.SIGSTOP)  # it is signed in, and answers nothing
    caller = await center.call(NUMBER.format("201"))
    await (await phone.rings()).redirect("202")
    assert await caller.hears("en/201-otherwise-0-goodbye", within=15)


async def dies_behind_a_redirect(center: Center) -> None:
    phone = await center.phone("203")
    desk, mobile = await center.phone("204"), await center.phone("204", listen="127.0.0.8")
    caller = await center.call(NUMBER.format("203"))
    await (await phone.rings()).redirect("204")
    ring, _ = await asyncio.gather(mobile.rings(), desk.rings())
    await speak(caller, await ring.answer(), 500)
    await is_cut_and_led_on(caller, mobile, "203")


async def dies_after_keys(center: Center) -> None:
    phone, other = await center.phone("205"), await center.phone("206")
    caller = await center.call(NUMBER.format("205"))
    talk = await taken(phone)
    await speak(caller, talk, 500)
    await asks_by_keys(talk, "206")
    last = await taken(other)
    await speak(talk, last, 900)
    await talk.hangup()
    await speak(caller, last, 1300)
    await is_cut_and_led_on(caller, other, "205")


async def dies_after_the_phones_own_transfer(center: Center) -> None:
    phone, other = await center.phone("207"), await center.phone("208")
    caller = await center.call(NUMBER.format("207"))
    talk = await taken(phone)
    await speak(caller, talk, 500)
    await talk.hold()
    asked = await phone.dial("208")
    last = await taken(other)
    await speak(asked, last, 900)
    await talk.join(asked)
    await speak(caller, last, 1300)
    await is_cut_and_led_on(caller, other, "207")


async def dies_after_a_department(center: Center) -> None:
    phone, other = await center.phone("209"), await center.phone("210")
    caller = await center.call(SUPPORT)
    talk = await taken(phone)
    await speak(caller, talk, 500)
    await asks_by_keys(talk, "210")
    last = await taken(other)
    await speak(talk, last, 900)
    await talk.hangup()
    await speak(caller, last, 1300)
    await other.die()
    assert await caller.hears("en/connection-lost", within=30)
    await speak(caller, await taken(phone), 1700)


async def gone_while_it_is_asked(center: Center) -> None:
    phone, other = await center.phone("211"), await center.phone("212")
    os.kill(other.process_id, signal.SIGSTOP)
    caller = await center.call(NUMBER.format("211"))
    talk = await taken(phone)
    await speak(caller, talk, 500)
    await asks_by_keys(talk, "212")
    await center.notes("ring 212", within=8)
    await talk.hangup()
    assert await caller.hears("en/212-otherwise-0-goodbye", within=15)


@pytest.mark.timeout(180)
async def test_f23_a_phone_that_is_gone_behind_a_302_or_a_transfer_leaves_nobody_alone(
    center: Center,
) -> None:
    await asyncio.gather(
        gone_behind_a_redirect(center),
        dies_behind_a_redirect(center),
        dies_after_keys(center),
        dies_after_the_phones_own_transfer(center),
        dies_after_a_department(center),
        gone_while_it_is_asked(center),
    )
