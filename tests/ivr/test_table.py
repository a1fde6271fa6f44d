from pathlib import Path

import pytest

from callrouter.rules import Arm
from center.load import load_center
from ivr.table import Table, arrivals, compile_table
from switchboard.numbering import numbering_plan
from switchboard.problems import Problems
from switchboard.prompt import Spoken
from tests.centers import EXAMPLE, GROUND, MENU, write_center

BOTH = GROUND + "languages: [en, ru]\n"


def compiled(directory: Path, contents: dict[str, str] | None = None) -> Table:
    """The table of a center; Switchboard itself says `LANGUAGE:ID`."""
    problems = Problems()
    center = load_center(directory, problems, {})
    assert [str(problem) for problem in problems] == []
    assert center is not None
    return compile_table(
        center.router,
        center.menus,
        center.voicemail.voicemail,
        tuple(map(str, center.ground.spoken)),
        lambda language, system_id: f"{language}:{system_id}",
        lambda name: (contents or {}).get(name, name),
    )


def table_of(tmp_path: Path, center: str, menus: dict[str, str] | None = None) -> Table:
    return compiled(write_center(tmp_path, center, menus or {}))


def heard(spoken: Spoken) -> tuple[str, list[str]]:
    """The voice, and the texts or files."""
    return spoken.language, [str(part.text) for part in spoken.parts]


def menu_prompts(tmp_path: Path, prompt: str, short: str = "", center: str = BOTH) -> Table:
    menu = f"prompt: {prompt}\notherwise: {{reject: busy}}\n"
    return table_of(
        tmp_path, center, {"main": menu + (f"short_prompt: {short}\n" if short else "")}
    )


def test_a_rule_is_an_arm_with_its_conditions_in_their_order() -> None:
    arms = compiled(EXAMPLE).moves["arrival/+74950000001", "arrives"]

    assert arms == (
        Arm("reject/busy", callers=("blocked",)),
        Arm("department/sales", callers=("vip",), priority=10),
        Arm("menu/main", fax_tone="office"),
    )


def test_a_destination_that_stands_alone_is_one_arm() -> None:
    assert compiled(EXAMPLE).moves["menu/main", "key 2"] == (Arm("menu/support"),)


def test_a_word_is_a_goal_of_its_own() -> None:
    moves = compiled(EXAMPLE).moves

    assert moves["menu/main", "key *"] == (Arm("repeat"),)
    assert moves["menu/support", "key *"] == (Arm("back"),)


def test_a_language_that_stands_alone_is_set() -> None:
    arms = compiled(EXAMPLE).moves["arrival/+74950000002", "arrives"]

    assert arms == (Arm("menu/main", language="en"),)


def test_in_a_list_a_language_is_asked_for_and_in_its_last_entry_set(tmp_path: Path) -> None:
    text = BOTH + "numbers: {other: [{menu: a, language: ru}, {menu: a, language: en}]}\n"
    arms = table_of(tmp_path, text, {"a": MENU}).moves["arrival/other", "arrives"]

    assert arms == (Arm("menu/a", spoken="ru"), Arm("menu/a", language="en"))


def test_an_announcement_is_a_prompt_of_the_table() -> None:
    table = compiled(EXAMPLE)
    _, arm = table.moves["menu/main", "key 0"]

    assert arm.goal == "voicemail/sales"
    assert arm.announce is not None
    assert heard(table.prompts[arm.announce]["en"]) == ("en", ["The operator is away now."])


def test_what_a_department_does_not_say_is_its_otherwise() -> None:
    moves = compiled(EXAMPLE).moves

    assert moves["department/support", "timeout"] == (Arm("department/sales"),)
    for event in ("closed", "no_agents", "full"):
        assert moves["department/support", event] == (Arm("voicemail/sales"),)


DEPARTMENT = "departments: {d: {}}\n"


def test_without_otherwise_the_mailbox_of_the_same_name_answers(tmp_path: Path) -> None:
    text = f"{GROUND}{DEPARTMENT}voicemail: {{d: {{pin: 83014}}}}\n"

    assert table_of(tmp_path, text).moves["department/d", "full"] == (Arm("voicemail/d"),)


def test_without_otherwise_and_mailbox_a_goodbye_is_spoken_in_each_language(tmp_path: Path) -> None:
    table = table_of(tmp_path, BOTH + DEPARTMENT)
    (arm,) = table.moves["department/d", "no_agents"]
    kind, _, prompt = arm.goal.partition("/")

    assert kind == "goodbye"
    assert heard(table.prompts[prompt]["ru"]) == ("ru", ["ru:not-available"])
    assert heard(table.prompts[prompt]["en"]) == ("en", ["en:not-available"])


def test_an_extension_without_otherwise_has_its_own_mailbox_or_a_goodbye(tmp_path: Path) -> None:
    lines = 'extensions: {"201": {}, "202": {}}\nvoicemail: {"201": {pin: 83014}}\n'
    moves = table_of(tmp_path, GROUND + lines).moves

    assert moves["extension/201", "otherwise"] == (Arm("voicemail/201"),)
    assert moves["extension/202", "otherwise"][0].goal.startswith("goodbye/")


@pytest.mark.parametrize(
    ("long", "short", "language", "first", "again"),
    [
        # first the same prompt in the caller's language
        ("{en: {say: Long}, ru: {say: Длинно}}", "{en: {say: Short}, ru: {say: Кратко}}", "ru",
         ("ru", ["Длинно"]), ("ru", ["Кратко"])),
        # then the long prompt in that language
        ("{en: {say: Long}, ru: {say: Длинно}}", "{en: {say: Short}}", "ru",
         ("ru", ["Длинно"]), ("ru", ["Длинно"])),
        # then the center's language, in the voice of the center
        ("{en: {say: Long}}", "{en: {say: Short}}", "ru", ("en", ["Long"]), ("en", ["Short"])),
        ("{en: {say: Long}}", "", "ru", ("en", ["Long"]), ("en", ["Long"])),
        # and at last any
        ("{ru: {say: Длинно}}", "", "en", ("ru", ["Длинно"]), ("ru", ["Длинно"])),
        # a prompt in no language is for all, each in its own voice
        ("{say: 42}", "", "ru", ("ru", ["42"]), ("ru", ["42"])),
        ("[{file: a.wav}, {say: Hi}]", "", "en", ("en", ["a.wav", "Hi"]), ("en", ["a.wav", "Hi"])),
    ],
)  # fmt: skip
def test_a_missing_prompt_is_replaced_as_the_contract_says(
    tmp_path: Path,
    long: str,
    short: str,
    language: str,
    first: tuple[str, list[str]],
    again: tuple[str, list[str]],
) -> None:
    table = menu_prompts(tmp_path, long, short)
    ask = table.menus["main"]

    assert heard(table.prompts[ask.long][language]) == first
    assert heard(table.prompts[ask.short][language]) == again


def test_after_a_wrong_key_the_caller_hears_so_and_the_short_prompt(tmp_path: Path) -> None:
    table = menu_prompts(tmp_path, "{en: {say: Long}, ru: {say: Длинно}}", "{en: {say: Short}}")
    wrong = table.prompts[table.menus["main"].wrong]

    assert heard(wrong["en"]) == ("en", ["en:wrong-key", "Short"])
    assert heard(wrong["ru"]) == ("ru", ["ru:wrong-key", "Длинно"])


def test_every_prompt_of_the_example_is_there_in_both_languages() -> None:
    table = compiled(EXAMPLE)

    assert table.languages == ("ru", "en")
    assert all(set(spoken) == {"ru", "en"} for spoken in table.prompts.values())
    assert set(table.greetings) == {"sales"}
    assert heard(table.prompts[table.greetings["sales"]]["en"])[1] == [
        "Please leave a message after the tone."
    ]


def test_a_prompt_keeps_its_id_until_it_sounds_otherwise(tmp_path: Path) -> None:
    one, same, other = (
        menu_prompts(tmp_path / name, f"{{say: {text}}}").menus["main"].long
        for name, text in (("a", "Hello"), ("b", "Hello"), ("c", "Hullo"))
    )

    assert one == same != other
    assert one.startswith("main-long-")


def test_a_new_recording_under_the_same_name_is_a_new_prompt(tmp_path: Path) -> None:
    menu = {"main": "prompt: {file: hi.wav}\notherwise: {reject: busy}\n"}
    directory = write_center(tmp_path, GROUND, menu)
    one, same, other = (
        compiled(directory, {"hi.wav": content}).menus["main"].long
        for content in ("first", "first", "second")
    )

    assert one == same != other


@pytest.mark.parametrize(
    ("written", "dialled"),
    [("true", {"201", "202"}), ("false", set()), ('["202"]', {"202"}), ("", set())],
)
def test_a_menu_knows_which_extensions_may_be_dialled(
    tmp_path: Path, written: str, dialled: set[str]
) -> None:
    menu = MENU + (f"dial_extensions: {written}\n" if written else "")
    table = table_of(tmp_path, GROUND + 'extensions: {"201": {}, "202": {}}\n', {"main": menu})

    assert table.menus["main"].dialled == dialled


def test_a_menu_asks_as_the_contract_says_when_nothing_is_written(tmp_path: Path) -> None:
    ask = table_of(tmp_path, GROUND, {"main": MENU}).menus["main"]

    # contract.md, Defaults: "`tries` 3, `wait_seconds` 5, `digit_seconds` 1.5"
    assert (ask.tries, ask.wait_seconds, ask.digit_seconds) == (3, 5, 1.5)


@pytest.mark.parametrize(
    ("dialled", "state"),
    [
        ("+74950000001", "arrival/+74950000001"),
        ("+74950000200", "arrival/+74950000200..+74950000299"),
        ("+74950000299", "arrival/+74950000200..+74950000299"),
        ("+74950000300", "arrival/other"),
        ("+749500002000", "arrival/other"),
        ("anything", "arrival/other"),
    ],
)
def test_a_call_arrives_at_its_number_its_range_or_the_rest(dialled: str, state: str) -> None:
    plan = numbering_plan("RU")
    assert plan is not None

    assert arrivals(compiled(EXAMPLE), plan).state(dialled) == state


def test_the_hours_of_departments_stand_beside_their_moves() -> None:
    assert compiled(EXAMPLE).department_hours == {"sales": "office"}


def test_what_can_happen_in_a_state_is_listed_in_the_order_of_the_text() -> None:
    events = [event for event, _ in compiled(EXAMPLE).events("menu/main")]

    assert events == ["key 1", "key 2", "key 7", "key 0", "key *", "otherwise"]
