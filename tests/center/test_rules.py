from pathlib import Path

import pytest

from tests.centers import GROUND, MENU, MINIMAL, codes, told

CONDITIONS = """\
hours: {office: {weekly: {mon: "09:00-18:00"}}, night: {weekly: {mon: "20:00-22:00"}}}
callers: {vip: "+7900*", staff: "+7901*"}
languages: [en, ru]
"""


def with_rules(tmp_path: Path, *rules: str) -> list[str]:
    """What is said of a number with these rules, each leading to the menu `main`."""
    written = ", ".join(f"{{{rule}{', ' if rule else ''}menu: main}}" for rule in rules)
    text = f"{GROUND}{CONDITIONS}numbers: {{other: [{written}]}}\n"
    prompt = "prompt: {en: {say: Hi}, ru: {say: Да}}\notherwise: {reject: busy}\n"
    return codes(told(tmp_path, text, {"main": prompt}))


@pytest.mark.parametrize(
    "rules",
    [
        ("",),
        ("language: ru",),
        ("hours: office", ""),
        ("from: vip", "hours: office", "language: ru", ""),
        ("hours: office", "hours: night", ""),
        ("hours: office, from: vip", "hours: office", ""),
        ("from: vip", "from: [vip, staff]", ""),
        ("language: ru", "language: en"),
    ],
)
def test_rules_of_which_each_can_hold_are_in_order(tmp_path: Path, rules: tuple[str, ...]) -> None:
    assert with_rules(tmp_path, *rules) == []


@pytest.mark.parametrize(
    "rules",
    [
        ("", ""),
        ("", "hours: office", ""),
        ("hours: office", "hours: office", ""),
        ("hours: office", "hours: office, from: vip", ""),
        ("from: [vip, staff]", "from: vip", ""),
        ("language: ru", "hours: office, language: ru", ""),
    ],
)
def test_a_rule_behind_one_that_always_holds_first_is_an_error(
    tmp_path: Path, rules: tuple[str, ...]
) -> None:
    assert set(with_rules(tmp_path, *rules)) == {"unreachable-rule"}


@pytest.mark.parametrize(
    "rules", [("hours: office",), ("from: vip",), ("hours: office", "from: vip")]
)
def test_a_last_rule_that_may_not_hold_is_an_error(tmp_path: Path, rules: tuple[str, ...]) -> None:
    assert with_rules(tmp_path, *rules) == ["conditional-end"]


def test_the_fault_is_told_at_the_rule_that_has_it(tmp_path: Path) -> None:
    text = f"{GROUND}numbers:\n  other:\n    - {{menu: main}}\n    - {{reject: busy}}\n"

    assert told(tmp_path, text) == [
        "center.yaml:6:3: error: never taken: an earlier entry holds whenever this one would"
        " [unreachable-rule]"
    ]


@pytest.mark.parametrize("word", ["repeat", "back", "hangup"])
def test_a_word_stands_only_in_the_keys_of_a_menu(tmp_path: Path, word: str) -> None:
    keys = f"keys: {{1: {word}}}\n"
    outside = f"numbers: {{other: {word}}}\ndepartments: {{sales: {{keys: {{1: {word}}}}}}}\n"

    assert codes(told(tmp_path / "a", menus={"main": MENU + keys})) == []
    assert codes(told(tmp_path / "b", GROUND + outside)).count("word-outside-keys") == 2
    otherwise = f"prompt: {{say: Hi}}\notherwise: {word}\n"
    assert codes(told(tmp_path / "c", menus={"main": otherwise})) == ["word-outside-keys"]


FAX = "fax: {office: {email: a@acme.example}}\nmail: {host: 127.0.0.1, sender: a@acme.example}\n"


def test_a_fax_beside_a_menu_stands_only_in_numbers(tmp_path: Path) -> None:
    numbers = "numbers: {other: {menu: main, fax: office}}\n"
    menu = MENU + "keys: {1: {voicemail: box, fax: office}}\n"
    box = "voicemail: {box: {pin: 83014}}\n"

    assert told(tmp_path / "a", GROUND + FAX + numbers) == []
    assert codes(told(tmp_path / "b", MINIMAL + FAX + box, {"main": menu})) == ["fax-beside"]


def test_the_last_digits_of_a_range_name_extensions(tmp_path: Path) -> None:
    numbers = 'numbers: {"+74950000200..+74950000299": {extension: last 3}}\n'
    lines = 'extensions: {"201": {}, "2010": {}}\n'

    assert told(tmp_path, GROUND + numbers + lines, {}) == []


@pytest.mark.parametrize(
    ("key", "last", "severity"),
    [
        ("+74950000001", "last 3", "error"),
        ("other", "last 3", "error"),
        ("+74950000200..+74950000299", "last three", "error"),
        ("+74950000200..+74950000299", "last 9", "error"),
        ("+74950000300..+74950000399", "last 3", "warning"),
        ("+74950000200..+74950000299", "last 5", "warning"),
    ],
)
def test_last_digits_that_name_nothing_are_told(
    tmp_path: Path, key: str, last: str, severity: str
) -> None:
    text = f'{GROUND}numbers: {{"{key}": {{extension: {last}}}}}\nextensions: {{"201": {{}}}}\n'
    (problem,) = told(tmp_path, text, {})

    assert f": {severity}: " in problem
    assert problem.endswith("[last-digits]")


def test_a_barge_without_an_announcement_is_a_warning(tmp_path: Path) -> None:
    text = GROUND + "numbers: {other: {menu: main, barge: true}}\n"

    assert codes(told(tmp_path, text)) == ["idle-key"]
