"""What a caller hears for his keys: each sentence holds in `simulate`, twin and engine."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.centers import write_center
from tests.walks import Dialled, Loss, Printed, Walked, carried, native, printed, simulated

CENTER = """\
name: Dialogue
timezone: Europe/Moscow
country: RU
language: en
languages: [en, ru]
numbers:
  "+74950000001": {menu: main}
  "+74950000002": {menu: main, language: ru, announce: {en: {say: hello}, ru: {say: привет}}}
  "+74950000003": {department: sales}
  "+74950000004":
    - {from: vip, extension: "201"}
    - {language: ru, goodbye: {say: never}}
    - {hours: office, menu: deep}
    - {goodbye: {say: closed}}
  "+74950000200..+74950000209": {extension: "last 3"}
callers: {vip: ["+7916*", anonymous]}
hours: {office: {weekly: {mon-fri: "09:00-18:00"}}}
extensions: {"201": {name: Anna}, "202": {name: Boris}}
departments:
  sales:
    members: ["201"]
    hours: office
    when_closed: {menu: deep, announce: {say: we are closed}}
"""
MENUS = {
    "main": """\
prompt: {en: {say: main}, ru: {say: главное}}
short_prompt: {en: {say: main again}}
keys:
  1: {menu: deep}
  2: repeat
  20: {goodbye: {say: twenty}}
  3: {menu: deep, language: ru}
  4: hangup
  "*": back
otherwise: {goodbye: {say: nothing chosen}}
""",
    "deep": """\
prompt: {say: deep}
keys: {1: {menu: deeper}, "*": back}
dial_extensions: ["202"]
tries: 2
otherwise: {menu: deeper}
""",
    "deeper": """\
prompt: {say: deeper}
keys: {"*": back}
tries: 1
otherwise: {goodbye: {say: too deep}}
""",
}
MAIN, RUSSIAN, SALES, RULES = (f"+7495000000{last}" for last in "1234")
MOSCOW = ZoneInfo("Europe/Moscow")
OPEN, CLOSED = (datetime(2026, 11, day, 12, tzinfo=MOSCOW) for day in (18, 22))
WRONG = "Sorry, that key is not available."
NOTHING, TOO_DEEP = (
    {"goodbye": "main-otherwise-0-goodbye"},
    {"goodbye": "deeper-otherwise-0-goodbye"},
)

Walk = Callable[..., Awaitable[tuple[str, dict[str, str]]]]


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return printed(write_center(tmp_path_factory.mktemp("dialogue"), CENTER, MENUS))


@pytest.fixture(params=[simulated, native, carried], ids=["simulate", "twin", "engine"])
def walk(request: pytest.FixtureRequest, center: Printed) -> Walk:
    """Walks a call and tells what was heard, with a slash between prompts, and where it ended."""

    async def walk(
        keys: str, to: str = MAIN, caller: str = "+79260000001", at: datetime = OPEN
    ) -> Any:
        walked: Walked = await request.param(center, Dialled(to, caller, at, keys))
        kind, name = next(iter(walked.destination.items()))
        heard = " / ".join(", ".join(texts) for texts in walked.heard)
        return heard, {kind: name.rpartition("-")[0] if kind == "goodbye" else name}

    return walk


async def test_silence_repeats_the_short_prompt_until_the_tries_are_over(walk: Walk) -> None:
    assert await walk("") == ("main / main again / main again", NOTHING)


async def test_a_wrong_key_is_told_before_the_short_prompt(walk: Walk) -> None:
    heard = f"main / {WRONG}, main again / {WRONG}, main again"
    assert await walk("7,8,9") == (heard, NOTHING)


async def test_silence_and_wrong_keys_count_together(walk: Walk) -> None:
    assert await walk("_7_") == (f"main / main again / {WRONG}, main again", NOTHING)


async def test_repeat_begins_the_menu_anew(walk: Walk) -> None:
    heard = "main / main again / main again / main / main again / main again"
    assert await walk("__2,___") == (heard, NOTHING)


async def test_back_leads_to_the_menu_before_and_once_more_to_the_one_before_that(
    walk: Walk,
) -> None:
    heard, _ = await walk("1,1,*,*,4")
    assert heard == "main / deep / deeper / deep / main"


async def test_back_begins_the_menu_anew(walk: Walk) -> None:
    heard, _ = await walk("1_1*")
    assert heard == "main / deep / deep / deeper / deep / deep / deeper"


async def test_back_repeats_the_first_menu(walk: Walk) -> None:
    assert await walk("**4") == ("main / main / main", {"hangup": "hangup"})


async def test_back_leads_to_the_menu_whose_tries_were_over(walk: Walk) -> None:
    heard, _ = await walk("1__*_1*__")
    assert heard.startswith("main / deep / deep / deeper / deep / deep / deeper / deep")


async def test_a_key_that_begins_a_longer_one_waits_for_it(walk: Walk) -> None:
    assert await walk("20") == ("main", {"goodbye": "main-key-20-0-goodbye"})
    assert await walk("2,4") == ("main / main", {"hangup": "hangup"})
    assert await walk("2#4") == ("main / main", {"hangup": "hangup"})


async def test_an_unfinished_key_is_a_wrong_one(walk: Walk) -> None:
    heard, _ = await walk("1,20,")
    assert heard == f"main / deep / {WRONG}, deep / deeper"
    heard, _ = await walk("#")
    assert heard == f"main / {WRONG}, main again / main again"


async def test_only_the_extensions_of_the_list_are_dialled(walk: Walk) -> None:
    assert await walk("1,202") == ("main / deep", {"extension": "202"})
    heard, _ = await walk("1,201")
    assert heard == f"main / deep / {WRONG}, deep / deeper"


async def test_a_key_may_change_the_language(walk: Walk) -> None:
    heard, _ = await walk("3*")
    assert heard == "main / deep / главное / главное / главное"


async def test_an_announcement_is_heard_in_the_language_of_its_rule(walk: Walk) -> None:
    heard, _ = await walk("", to=RUSSIAN)
    assert heard == "привет / главное / главное / главное"


async def test_the_first_rule_that_holds_is_taken(walk: Walk) -> None:
    assert await walk("", to=RULES, caller="89161112233") == ("", {"extension": "201"})
    assert await walk("", to=RULES, caller="") == ("", {"extension": "201"})
    heard, _ = await walk("", to=RULES)
    assert heard == "deep / deep / deeper"
    closed = {"goodbye": "74950000004-arrives-3-goodbye"}
    assert await walk("", to=RULES, at=CLOSED) == ("", closed)


async def test_a_closed_department_leads_where_it_says(walk: Walk) -> None:
    assert await walk("", to=SALES) == ("", {"department": "sales"})
    heard = "we are closed / deep / deep / deeper"
    assert await walk("", to=SALES, at=CLOSED) == (heard, TOO_DEEP)


async def test_a_range_means_extensions_by_their_last_digits(walk: Walk) -> None:
    assert await walk("", to="+74950000201") == ("", {"extension": "201"})
    assert await walk("", to="+74950000205") == ("", {"reject": "missing"})
    assert await walk("", to="+74950000300") == ("", {"reject": "missing"})


@pytest.mark.parametrize("to", ["84950000001", "4950000001", "+7 (495) 000-00-01"])
async def test_a_number_may_be_written_as_people_do(walk: Walk, to: str) -> None:
    heard, _ = await walk("4", to=to)
    assert heard == "main"


async def test_a_call_hears_fifty_menus_and_then_otherwise(walk: Walk) -> None:
    heard, destination = await walk("2," * 60)
    assert (heard.count("main"), destination) == (50, NOTHING)


async def test_two_hundred_digits_lead_to_otherwise(walk: Walk) -> None:
    assert (await walk("6" * 200))[1] == NOTHING
    assert (await walk("2" * 200))[1] == NOTHING


async def test_a_call_takes_few_steps_because_each_costs(center: Printed) -> None:
    """Three menus and a goodbye; a step publishes the channel to whoever records it."""
    call = Dialled(MAIN, "+79260000001", OPEN, "1,*,20")
    twin, engine = await native(center, call), await carried(center, call)
    assert twin.steps <= 48
    assert engine.steps <= 32 and len(engine.commands) <= 7


@pytest.mark.parametrize("keys", ["1,1,**4", "1_1*_1**2,", "7_3*", "1,1,*1,*,*,20"])
@pytest.mark.parametrize("to", [MAIN, RUSSIAN, RULES])
async def test_wherever_the_engine_is_lost_the_way_is_the_same(
    center: Printed, to: str, keys: str
) -> None:
    call = Dialled(to, "+79260000001", OPEN, keys)
    whole = await carried(center, call)
    for count in range(len(whole.commands)):
        lost = await carried(center, call, Loss(count))
        assert (lost.heard, lost.destination) == (whole.heard, whole.destination), count
