"""Silence, wrong keys and wandering: a caller is asked again, then led on, and never lost."""

import asyncio

import pytest

from tests.journeys.center import Center
from tests.sip.call import Call

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("carried_by")]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
languages: [ru, en]
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers:
  "+74950000001": {menu: main}
  "+74950000002": {menu: main, language: en}
  "+74950000003": {menu: bare, language: en}
  "+74950000004": {menu: round}
"""
MAIN = """\
prompt: {ru: {say: "Главное меню."}, en: {say: "The main menu."}}
short_prompt:
  ru: {say: "Ещё раз: выберите один, два или три."}
  en: {say: "Once more: please choose one, two or three."}
keys:
  1: {menu: second}
  2: {menu: third}
  3: repeat
  4: back
  5: hangup
  6: {goodbye: {ru: {say: "До скорой встречи!"}, en: {say: "See you soon!"}}}
  7: {menu: bare}
  8:
    - {language: en, goodbye: {ru: {say: "Только по-английски."}, en: {say: "Only in English."}}}
    - {menu: third, announce: {ru: {say: "Сейчас мы расскажем вам долгую историю."}}, barge: true}
wait_seconds: 1
tries: 3
otherwise: {goodbye: {ru: {say: "Вы ничего не выбрали."}, en: {say: "You have chosen nothing."}}}
"""
SECOND = """\
prompt: {ru: {say: "Второе меню."}, en: {say: "The second menu."}}
keys: {1: {menu: third}, 4: back, 5: hangup}
wait_seconds: 1
tries: 2
otherwise: {menu: main}
"""
THIRD = """\
prompt: {ru: {say: "Третье меню, последнее."}, en: {say: "The third menu, the last."}}
keys: {4: back, 11: {menu: second}, 12: {menu: main}}
wait_seconds: 1
digit_seconds: 0.5
otherwise: {menu: main}
"""
BARE = """\
prompt: {ru: {say: "Здесь говорят только по-русски."}}
short_prompt: {en: {say: "A short word in English."}}
wait_seconds: 1
tries: 2
otherwise: {goodbye: {en: {say: "Only English here."}}}
"""
ROUND = """\
prompt: {ru: {say: "По кругу."}}
keys: {1: repeat}
wait_seconds: 1
tries: 1
otherwise: {goodbye: {ru: {say: "Хватит."}}}
"""
BOTH_WAYS = pytest.mark.parametrize("carried_by", ["twin", "python"], indirect=True)
RUSSIAN, ENGLISH, BARELY, ROUNDABOUT = (f"+7495000000{last}" for last in "1234")
MENUS = {"main": MAIN, "second": SECOND, "third": THIRD, "bare": BARE, "round": ROUND}


async def the_end(call: Call, within: float = 30) -> list[str]:
    """All that was heard when the call has ended by itself."""
    ended = await call.ended(within=within)
    assert (ended.code, ended.by_us) == (None, False)
    return call.heard()


def keys_of(center: Center) -> list[str]:
    """What was pressed where, and how it was understood."""
    events = (event.partition(" ") for event in center.events())
    return [text for name, _, text in events if name == "key"]


@BOTH_WAYS
async def test_who_says_nothing_hears_the_short_prompt_until_the_last_try_then_otherwise(
    center: Center,
) -> None:
    call = await center.call(RUSSIAN)
    spoken = ["main-long", "main-short", "main-short", "main-otherwise-0-goodbye"]
    assert await the_end(call) == [f"ru/{name}" for name in spoken]
    assert center.events().count("key main t TIMEOUT") == 3


async def test_silence_and_wrong_keys_are_counted_together(center: Center) -> None:
    call = await center.call(BARELY)
    assert await call.hears("ru/bare-long")
    await call.press("9")
    assert await the_end(call) == ["ru/bare-long", "en/bare-wrong", "ru/bare-otherwise-0-goodbye"]
    assert keys_of(center) == ["bare i INVALID", "bare t TIMEOUT"]


async def test_repeat_begins_the_tries_anew(center: Center) -> None:
    call = await center.call(ENGLISH)
    await call.answered()
    await call.press("93999")
    assert await call.hears("en/main-otherwise-0-goodbye")
    assert keys_of(center) == ["main i INVALID", "main 3 OK", *["main i INVALID"] * 3]


async def test_the_return_from_a_sub_menu_begins_the_tries_anew(center: Center) -> None:
    call = await center.call(ENGLISH)
    await call.answered()
    await call.press("9199999")
    assert await call.hears("en/main-otherwise-0-goodbye")
    assert keys_of(center) == [
        *("main i INVALID", "main 1 OK", "second i INVALID", "second i INVALID"),
        *["main i INVALID"] * 3,
    ]


@BOTH_WAYS
async def test_back_leads_through_the_menus_the_caller_came_from(center: Center) -> None:
    call = await center.call(ENGLISH)
    await call.answered()
    await call.press("11442445")
    await the_end(call, within=3)
    walked = "main second third second main third main main"
    assert [event for event in center.events() if event.startswith("menu")] == [
        f"menu v1 {name}" for name in walked.split()
    ]
    assert center.events()[-2:] == ["key main 5 OK", "hangup main"]


async def test_a_key_of_two_digits_is_told_from_another_that_begins_alike(center: Center) -> None:
    call = await center.call(ENGLISH)
    await call.answered()
    await call.press("2")
    assert await call.hears("en/third-long")
    await call.press("11")
    assert await call.hears("en/second-long", within=3)
    await call.press("1")
    assert await call.hears("en/third-long")
    await call.press("12")
    assert await call.hears("en/main-long", within=3)


async def test_goodbye_is_said_before_the_end(center: Center) -> None:
    call = await center.call(ENGLISH)
    assert await call.hears("en/main-long")
    await call.press("6")
    assert await the_end(call) == ["en/main-long", "en/main-key-6-0-goodbye"]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("number", "heard"),
    [
        (RUSSIAN, ["ru/main-long", "ru/main-key-8-1-announce", "ru/third-long"]),
        (ENGLISH, ["en/main-long", "en/main-key-8-0-goodbye"]),
    ],
)
async def test_a_rule_may_ask_for_the_language_of_the_call(
    center: Center, number: str, heard: list[str]
) -> None:
    call = await center.call(number)
    assert await call.hears(heard[0])
    await call.press("8")
    assert await call.hears(heard[-1])
    assert call.heard() == heard


@BOTH_WAYS
async def test_an_announcement_with_barge_is_cut_by_a_key(center: Center) -> None:
    call = await center.call(RUSSIAN)
    await call.answered()
    await call.press("8")
    assert await call.hears("ru/main-key-8-1-announce")
    await call.press("4")  # it only cuts: the menu behind it asks for a key of its own
    assert await call.hears("ru/third-long", within=2)
    await asyncio.sleep(0.5)
    assert center.events()[-1] == "menu v1 third"


@BOTH_WAYS
async def test_a_prompt_that_a_language_lacks_is_its_long_or_short_one_else_the_centers(
    center: Center,
) -> None:
    call = await center.call(BARELY)
    # one sound has one name: both languages play what there is only in one
    assert await the_end(call) == ["ru/bare-long", "en/bare-short", "ru/bare-otherwise-0-goodbye"]


async def test_a_call_hears_fifty_menus_and_then_otherwise(center: Center) -> None:
    call = await center.call(ROUNDABOUT)
    await call.answered()
    pressing = asyncio.create_task(call.press("1" * 55))
    assert await call.hears("ru/round-otherwise-0-goodbye", within=25)
    assert center.events().count("menu v1 round") == 50
    await call.hangup()
    await asyncio.gather(pressing, return_exceptions=True)
