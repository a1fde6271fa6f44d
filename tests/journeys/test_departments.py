"""A caller waits for a department, and a member answers, or the caller is told and led on."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.centers import write_center
from tests.journeys.center import CLOSED, Center
from tests.sip.call import Call
from tests.sip.hearing import tone_seconds
from tests.sip.phone import Phone
from tests.sip.sound import tone, write_wav

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
languages: [ru, en]
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
callers: {vip: ["+79161112233"]}
hours: {office: {weekly: {mon-fri: "09:00-18:00"}}}
numbers:
  "+74950000001":
    - {from: vip, department: sales, priority: 10}
    - {department: sales}
  "+74950000002": {department: sales, language: en}
  "+74950000003": {department: support}
  "+74950000004": {department: pair}
  "+74950000005": {department: brief}
  "+74950000006": {department: lonely}
extensions:
  "201": {name: Anna Ivanova}
  "202": {name: Boris Petrov}
  "203": {name: Chai Suwan}
departments:
  sales:
    members: ["201", {extension: "202", penalty: 1}]
    caller_prefix: Sales
    music: office
    announcements: {position: true, every_seconds: 15}
    keys: {1: {voicemail: sales}, 2: {department: support}}
    hours: office
    when_closed:
      voicemail: sales
      announce: {ru: {say: "Отдел продаж закрыт."}, en: {say: "Sales is closed."}}
    otherwise: {voicemail: sales}
  support:
    members: ["203"]
    max_wait_seconds: 4
    when_timeout: {department: sales}
    otherwise: {goodbye: {ru: {say: "Поддержки нет."}, en: {say: "No support now."}}}
  pair: {members: ["201", "202"], ring_seconds: 3, wrapup_seconds: 3, max_callers: 1}
  brief:
    members: ["203"]
    max_wait_seconds: 4
    when_timeout:
      voicemail: brief
      announce: {ru: {say: "Вы ждали слишком долго."}, en: {say: "You have waited too long."}}
    when_no_agents: {goodbye: {ru: {say: "Никого нет на месте."}, en: {say: "Nobody is here."}}}
  lonely: {members: ["203"]}
pause_reasons: {1: lunch}
voicemail:
  sales:
    pin: "83014"
    greeting: {ru: {say: "Оставьте сообщение."}, en: {say: "Please leave a message."}}
  brief: {pin: "83015", greeting: {ru: {say: "Говорите."}, en: {say: "Please speak."}}}
"""
MUSIC_HZ = 350
SALES, ENGLISH, SUPPORT = "+74950000001", "+74950000002", "+74950000003"
PAIR, BRIEF, LONELY = "+74950000004", "+74950000005", "+74950000006"


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = write_center(tmp_path_factory.mktemp("departments"), CENTER, {})
    music = directory / "sounds" / "music" / "office"
    music.mkdir(parents=True)
    write_wav(music / "hold.wav", tone(MUSIC_HZ, 5))
    return directory


async def talk(one: Call, other: Call) -> None:
    """Each hears what the other says."""
    await asyncio.gather(one.say(tone(700)), other.say(tone(500)))
    assert await other.hears_tone(700)
    assert await one.hears_tone(500)


async def busy_in_sales(center: Center, member: Phone) -> Call:
    """Somebody talks to the member already."""
    first = await center.call(SALES, caller="+79260000099")
    answered = await (await member.rings()).answer()
    await first.answered()
    return answered


async def test_a_members_phone_shows_prefix_name_and_number_and_both_hear_each_other(
    center: Center,
) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES, caller="+79161112234", name="Иван Петров")
    ring = await anna.rings()
    assert (ring.from_name, ring.from_number) == ("Sales Иван Петров", "+79161112234")
    await talk(call, await ring.answer())
    assert not call.is_over


async def test_a_member_of_a_higher_penalty_is_called_only_when_no_lower_one_is_free(
    center: Center,
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await busy_in_sales(center, anna)
    assert boris.is_quiet
    await center.call(SALES)
    await (await boris.rings()).answer()
    assert anna.is_quiet


async def test_who_does_not_answer_stops_ringing_and_the_next_one_rings(center: Center) -> None:
    phones = [await center.phone("201"), await center.phone("202")]
    await center.call(PAIR)
    ringing = [asyncio.create_task(phone.rings(within=9)) for phone in phones]
    [first], [second] = await asyncio.wait(ringing, return_when=asyncio.FIRST_COMPLETED)
    began = time.monotonic()
    await first.result().stops()
    assert time.monotonic() - began == pytest.approx(3, abs=1)
    await (await second).answer()


async def test_a_waiting_caller_hears_the_music_of_the_department(center: Center) -> None:
    await center.phone("201")
    call = await center.call(SALES)
    assert await call.hears_tone(MUSIC_HZ, seconds=2)


@pytest.mark.parametrize(("number", "language"), [(SALES, "ru"), (ENGLISH, "en")])
async def test_a_waiting_caller_is_told_the_place_in_the_callers_language(
    center: Center, number: str, language: str
) -> None:
    await busy_in_sales(center, await center.phone("201"))
    call = await center.call(number)
    assert await call.hears(f"{language}/queue-youarenext", within=12)
    assert await call.hears(f"{language}/queue-thankyou")


async def test_a_waiting_caller_presses_a_key_and_leaves_a_message(center: Center) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    ring = await anna.rings()
    await call.press("1")
    assert await call.hears("ru/sales-greeting")
    await ring.stops()


async def test_a_waiting_caller_goes_to_another_department_by_a_key(center: Center) -> None:
    await center.phone("201")
    chai = await center.phone("203")
    call = await center.call(SALES)
    await call.answered()
    await call.press("2")
    await chai.rings()


async def test_who_has_priority_is_answered_first(center: Center) -> None:
    anna = await center.phone("201")
    talking = await busy_in_sales(center, anna)
    plain = await center.call(SALES, caller="+79260000001")
    await plain.answered()
    vip = await center.call(SALES, caller="+79161112233")
    await vip.answered()
    await talking.hangup()
    assert (await anna.rings(within=10)).from_number == "+79161112233"


@pytest.mark.parametrize(("number", "language"), [(SALES, "ru"), (ENGLISH, "en")])
async def test_a_closed_department_says_so_and_takes_a_message(
    center: Center, number: str, language: str
) -> None:
    anna = await center.phone("201")
    await center.clock(CLOSED)
    call = await center.call(number)
    assert await call.hears(f"{language}/sales-closed-0-announce")
    assert await call.hears(f"{language}/sales-greeting")
    assert anna.is_quiet
    assert "overflow sales closed" in center.events()


async def test_nobody_registered_is_told_at_once(center: Center) -> None:
    call = await center.call(BRIEF)
    assert await call.hears("ru/brief-no-agents-0-goodbye")
    await call.ended()
    assert "overflow brief no_agents" in center.events()


async def test_all_paused_is_told_at_once(center: Center) -> None:
    chai = await center.phone("203")
    assert await (await chai.dial("*461")).hears("ru/paused")
    call = await center.call(BRIEF)
    assert await call.hears("ru/brief-no-agents-0-goodbye")
    assert await (await chai.dial("*46")).hears("ru/resumed")
    await center.call(BRIEF)
    await chai.rings()


async def test_all_signed_out_is_told_at_once(center: Center) -> None:
    chai = await center.phone("203")
    assert await (await chai.dial("*45")).hears("ru/signed-out")
    call = await center.call(BRIEF)
    assert await call.hears("ru/brief-no-agents-0-goodbye")
    assert await (await chai.dial("*45")).hears("ru/signed-in")
    await center.call(BRIEF)
    await chai.rings()


async def test_who_waits_is_led_on_when_the_last_member_leaves(center: Center) -> None:
    chai = await center.phone("203")
    call = await center.call(LONELY)
    await (await chai.rings()).refuse()
    await chai.dial("*45")
    assert await call.hears("ru/not-available", within=12)
    assert await (await chai.dial("*45")).hears("ru/signed-in")


async def test_without_otherwise_and_mailbox_a_goodbye_is_spoken(center: Center) -> None:
    call = await center.call(LONELY)
    assert await call.hears("ru/not-available")
    assert (await call.ended()).code is None


async def test_one_caller_too_many_is_led_on(center: Center) -> None:
    await center.phone("201")
    await (await center.call(PAIR)).answered()
    late = await center.call(PAIR)
    assert await late.hears("ru/not-available")
    assert "overflow pair full" in center.events()


async def test_who_waited_too_long_is_told_and_led_on(center: Center) -> None:
    await center.phone("203")
    call = await center.call(BRIEF)
    assert await call.hears("ru/brief-timeout-0-announce", within=8)
    assert await call.hears("ru/brief-greeting")
    assert "overflow brief timeout" in center.events()


async def test_departments_are_chained(center: Center) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    call = await center.call(SUPPORT)
    await (await chai.rings()).stops(within=8)
    ring = await anna.rings()
    assert ring.from_name.startswith("Sales")
    await talk(call, await ring.answer())


async def test_a_member_who_talks_counts_as_there(center: Center) -> None:
    anna = await center.phone("201")
    talking = await busy_in_sales(center, anna)
    call = await center.call(SALES)
    assert await call.hears_tone(MUSIC_HZ, seconds=2, within=12)
    assert "overflow sales no_agents" not in center.events()
    await talking.hangup()
    await (await anna.rings(within=10)).answer()


async def test_a_member_who_rings_or_wraps_up_counts_as_there(center: Center) -> None:
    chai = await center.phone("203")
    first = await center.call(LONELY)
    ring = await chai.rings()
    second = await center.call(LONELY)
    await second.answered()
    await (await ring.answer()).hangup()
    await first.ended()
    await (await chai.rings(within=10)).answer()
    assert not second.is_over


async def test_a_phone_that_refuses_rings_again_and_the_caller_keeps_the_place(
    center: Center,
) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    await (await anna.rings()).refuse()
    await talk(call, await (await anna.rings(within=10)).answer())


async def test_a_phone_that_dies_in_talk_ends_only_its_own_call(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    first = await center.call(SALES, caller="+79260000099")
    await (await anna.rings()).answer()
    await first.answered()
    second = await center.call(SALES)
    answered = await (await boris.rings()).answer()
    await anna.die()
    await talk(second, answered)
    await first.hangup()


@pytest.mark.long
@pytest.mark.faults
@pytest.mark.timeout(180)
async def test_who_loses_the_agent_in_talk_is_told_and_is_the_next(center: Center) -> None:
    """F23: the caller's place kept."""
    anna, boris = await center.phone("201"), await center.phone("202")
    lost = await center.call(SALES, caller="+79260000001")
    await (await anna.rings()).answer()
    other = await busy_in_sales(center, boris)
    waiting = await center.call(SALES, caller="+79260000003")
    await waiting.answered()
    await anna.die()
    assert await lost.hears("ru/connection-lost", within=40)
    assert await lost.hears_tone(MUSIC_HZ, within=20, seconds=2)  # the department's music
    await other.hangup()
    ring = await boris.rings(within=20)
    assert ring.from_number == "+79260000001"
    await talk(lost, await ring.answer())
    assert not waiting.is_over
    assert center.events().count("member-lost sales") == 1


async def test_a_caller_on_hold_hears_music_and_then_the_agent_again(center: Center) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    answered = await (await anna.rings()).answer()
    await call.answered()
    await talk(call, answered)
    waited_seconds = tone_seconds(call.sound, MUSIC_HZ)
    await answered.hold()
    assert await call.hears_tone(MUSIC_HZ, seconds=waited_seconds + 2)
    await answered.resume()
    await talk(call, answered)


async def test_who_is_let_go_by_the_agent_is_not_connected_again(center: Center) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    await (await (await anna.rings()).answer()).hangup()
    await call.ended(within=5)
    assert "ru/connection-lost" not in call.heard()


async def test_a_phone_that_died_is_noticed_and_the_next_one_rings(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await anna.die()
    await center.call(PAIR)
    await (await boris.rings(within=15)).answer()
