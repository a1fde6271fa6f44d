"""Every key of the example's menus is heard, and reaches what it says, in both languages."""

import asyncio
import json

import pytest

from center.line import open_line
from switchboard.pbx.ami import RESYNC, Ami, Event
from tests.journeys.center import CLOSED, Center, they_hear_each_other
from tests.sip.call import Call
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk

RUSSIAN, ENGLISH = "+74950000001", "+74950000002"
IN_BOTH_LANGUAGES = pytest.mark.parametrize(
    ("carried_by", "number", "language"),
    [("twin", RUSSIAN, "ru"), ("python", ENGLISH, "en")],
    indirect=["carried_by"],
    ids=["ru-twin", "en-python"],
)


async def in_the_menu(center: Center, number: str, language: str) -> Call:
    """A caller who hears the first menu."""
    call = await center.call(number)
    assert await call.hears(f"{language}/main-long", within=4)
    return call


@IN_BOTH_LANGUAGES
async def test_key_1_reaches_an_agent_of_sales(
    center: Center, carried_by: None, number: str, language: str
) -> None:
    anna = await center.phone("201")
    call = await in_the_menu(center, number, language)
    await call.press("1")
    ring = await anna.rings()
    assert (ring.from_name, ring.from_number) == ("Sales", "+79260000001")
    await they_hear_each_other(call, await ring.answer())


async def test_what_a_call_does_makes_no_event_of_the_manager(center: Center) -> None:
    """Nobody listens, and each would cost the call."""
    anna = await center.phone("201")
    heard: list[Event] = []

    async def listen(ami: Ami) -> None:
        async for event in ami.events():
            heard.append(event)

    async with open_line(center.running.state, events="on") as ami:
        listening = asyncio.create_task(listen(ami))
        call = await in_the_menu(center, ENGLISH, "en")
        await call.press("1")
        await they_hear_each_other(call, await (await anna.rings()).answer())
        await call.hangup()
        await ami.ask("Ping")
        listening.cancel()
    assert {event.name for event in heard if event["Service"] != "PJSIP"} == {RESYNC.name}


@IN_BOTH_LANGUAGES
async def test_a_caller_walks_through_both_menus_and_back(
    center: Center, carried_by: None, number: str, language: str
) -> None:
    call = await in_the_menu(center, number, language)
    await call.press("*")
    assert await call.hears(f"{language}/main-long", within=3)
    await call.press("2")  # it begins extensions, too: only a pause tells
    assert await call.hears(f"{language}/support-long", within=5)
    await call.press("*")
    assert await call.hears(f"{language}/main-long", within=3)
    await call.press("2")
    assert await call.hears(f"{language}/support-long", within=5)
    await call.press("9")
    assert await call.hears("ru/main-long", within=3)
    walked = [event for event in center.events() if event.startswith(("menu", "key"))]
    assert walked == [
        *("menu v1 main", "key main * OK", "menu v1 main", "key main 2 OK"),
        *("menu v1 support", "key support * OK", "menu v1 main", "key main 2 OK"),
        *("menu v1 support", "key support 9 OK", "menu v1 main"),
    ]


@IN_BOTH_LANGUAGES
async def test_key_7_plays_the_greeting_and_the_beep(
    center: Center, carried_by: None, number: str, language: str
) -> None:
    call = await in_the_menu(center, number, language)
    await call.press("7")
    assert await call.hears(f"{language}/sales-greeting")
    assert await call.hears(f"{language}/beep", within=5)
    assert center.events()[-1] == "voicemail sales"


@IN_BOTH_LANGUAGES
async def test_key_0_reaches_support_while_the_office_is_open(
    center: Center, carried_by: None, number: str, language: str
) -> None:
    chai = await center.phone("203")
    call = await in_the_menu(center, number, language)
    await call.press("0")
    await they_hear_each_other(call, await (await chai.rings()).answer())
    assert "rule menu/main key 0 1" in center.events()


@IN_BOTH_LANGUAGES
async def test_key_0_says_that_the_operator_is_away_and_takes_a_message_at_night(
    center: Center, carried_by: None, number: str, language: str
) -> None:
    await center.clock(CLOSED)
    call = await in_the_menu(center, number, language)
    await call.press("0")
    assert await call.hears(f"{language}/main-key-0-1-announce")
    assert await call.hears(f"{language}/sales-greeting")
    assert "rule menu/main key 0 2 closed" in center.events()


@pytest.mark.parametrize("key", ["1", "2"])
async def test_keys_1_and_2_of_support_ring_its_agent(center: Center, key: str) -> None:
    chai = await center.phone("203")
    call = await center.call(ENGLISH)
    await call.answered()
    await call.press("2")
    assert await call.hears("en/support-long")
    await call.press(key)
    await they_hear_each_other(call, await (await chai.rings()).answer())


async def test_an_extension_is_dialled_straight_away(center: Center) -> None:
    boris = await center.phone("202")
    call = await in_the_menu(center, RUSSIAN, "ru")
    await call.press("202")
    await they_hear_each_other(call, await (await boris.rings(within=2)).answer())


async def test_a_key_that_begins_no_longer_number_acts_at_once(center: Center) -> None:
    chai = await center.phone("203")
    call = await in_the_menu(center, RUSSIAN, "ru")
    await call.press("0")
    await chai.rings(within=1)
    assert not call.is_over


@IN_BOTH_LANGUAGES
async def test_wrong_keys_are_told_and_the_last_one_leads_to_sales(
    center: Center, carried_by: None, number: str, language: str
) -> None:
    anna = await center.phone("201")
    call = await in_the_menu(center, number, language)
    for _ in range(2):
        await call.press("9")
        assert await call.hears(f"{language}/main-wrong", within=6)
    await call.press("5")
    await anna.rings()
    assert center.events().count("key main i INVALID") == 3  # which keys, says DTMF
    pressed = [json.loads(row.text)["digit"] for row in center.cel() if row.type == "DTMF"]
    assert pressed == ["9", "9", "5"]


@pytest.mark.parametrize("keys", ["209", "20"], ids=["unknown", "unfinished"])
async def test_an_extension_that_does_not_exist_is_a_wrong_key(center: Center, keys: str) -> None:
    call = await in_the_menu(center, RUSSIAN, "ru")
    await call.press(keys)
    assert await call.hears("ru/main-wrong", within=6)


@pytest.mark.long  # a telephone presses five keys a second
async def test_two_hundred_digits_lead_to_a_branch_of_the_menu(center: Center) -> None:
    anna = await center.phone("201")
    call = await center.call(RUSSIAN)
    await call.answered()
    pressing = asyncio.create_task(call.press("6" * 200))
    answered = await (await anna.rings(within=10)).answer()
    await pressing
    await call.say(tone(500, 6))  # the agent's phone is still told digits that were pressed in talk
    await answered.say(tone(700))
    assert await answered.hears_tone(500) and await call.hears_tone(700)
    assert center.events().count("key main i INVALID") == 3
