from pathlib import Path

import pytest

from center.dialled import emergency_numbers
from center.load import load_center
from switchboard.problems import Problems
from tests.centers import EXAMPLE, MENU, MINIMAL, codes, told


def test_the_example_knows_the_emergency_numbers_of_its_country() -> None:
    center = load_center(EXAMPLE, Problems(), {})

    assert center is not None
    assert {"101", "102", "103", "104", "112"} <= emergency_numbers(center)


@pytest.mark.parametrize("number", ["101", "102", "103", "104", "112"])
def test_an_extension_that_is_an_emergency_number_is_an_error(tmp_path: Path, number: str) -> None:
    assert told(tmp_path, f'{MINIMAL}extensions: {{"{number}": {{}}}}\n') == [
        f"center.yaml:6:14: error: extension {number}: {number} is the emergency number {number}"
        " [hides-emergency]"
    ]


@pytest.mark.parametrize(
    "section",
    [
        'extensions: {"11": {}}',
        'departments: {sales: {extension: "11", members: ["201"], otherwise: {reject: busy}}}',
        'voicemail: {sales: {pin: 83014, number: "11"}}',
        'hours: {office: {weekly: {mon: "09:00-18:00"}, switch: "11"}}',
    ],
)
def test_what_begins_an_emergency_number_hides_it(tmp_path: Path, section: str) -> None:
    found = told(tmp_path, f"{MINIMAL}{section}\n")

    assert [line for line in found if "begins the emergency number 112 [hides-emergency]" in line]


def test_an_emergency_number_of_the_center_itself_counts(tmp_path: Path) -> None:
    text = MINIMAL + 'emergency: {numbers: ["5555"]}\nextensions: {"5555": {}, "55551": {}}\n'

    assert codes(told(tmp_path, text)) == ["hides-emergency"]


@pytest.mark.parametrize("number", ["+112", "1", "abc", "112;"])
def test_an_emergency_number_is_digits(tmp_path: Path, number: str) -> None:
    text = f'{MINIMAL}emergency: {{numbers: ["{number}"]}}\n'

    assert codes(told(tmp_path, text)) == ["bad-number"]


@pytest.mark.parametrize("number", ["700", "701", "709"])
def test_an_extension_where_calls_are_parked_is_an_error(tmp_path: Path, number: str) -> None:
    assert codes(told(tmp_path, f'{MINIMAL}extensions: {{"{number}": {{}}}}\n')) == ["feature-code"]


def switch(tmp_path: Path, code: str) -> list[str]:
    text = f'hours: {{office: {{weekly: {{mon: "09:00-18:00"}}, switch: "{code}"}}}}\n'
    return codes(told(tmp_path, MINIMAL + text))


@pytest.mark.parametrize("code", ["*97", "*98", "*45", "*46", "*461", "*72201", "*73", "700"])
def test_a_switch_that_is_a_feature_code_is_an_error(tmp_path: Path, code: str) -> None:
    assert switch(tmp_path, code) == ["feature-code"]


@pytest.mark.parametrize("code", ["*28", "*99", "88"])
def test_a_switch_that_is_nothing_else_passes(tmp_path: Path, code: str) -> None:
    assert switch(tmp_path, code) == []


@pytest.mark.parametrize("code", ["abc", "*", "#28", "*28;", "_X.", "*1234567"])
def test_a_switch_that_nobody_can_dial_is_an_error(tmp_path: Path, code: str) -> None:
    assert "bad-key" in switch(tmp_path, code)


@pytest.mark.parametrize(
    "sections",
    [
        'extensions: {"501": {}}\n'
        'departments: {d: {extension: "501", members: ["501"], otherwise: {reject: busy}}}\n',
        'extensions: {"501": {}}\nvoicemail: {sales: {pin: 83014, number: "501"}}\n',
        'departments: {d: {extension: "501", members: ["201"], otherwise: {reject: busy}}}\n'
        'extensions: {"201": {}}\n'
        'voicemail: {sales: {pin: 83014, number: "501"}}\n',
        'hours: {a: {weekly: {mon: "09:00-18:00"}, switch: "*28"},'
        ' b: {weekly: {mon: "09:00-18:00"}, switch: "*28"}}\n',
    ],
)
def test_two_things_that_are_dialled_alike_are_an_error(tmp_path: Path, sections: str) -> None:
    assert codes(told(tmp_path, MINIMAL + sections)) == ["number-twice"]


def test_a_colleague_and_his_mailbox_share_their_number(tmp_path: Path) -> None:
    text = MINIMAL + 'extensions: {"201": {}}\nvoicemail: {"201": {pin: 83014}}\n'

    assert told(tmp_path, text) == []


def key(tmp_path: Path, key: str, dial: str = "false") -> list[str]:
    menu = f'{MENU}dial_extensions: {dial}\nkeys: {{"{key}": repeat}}\n'
    lines = 'extensions: {"201": {}, "35": {}}\n'
    return codes(told(tmp_path, MINIMAL + lines, {"main": menu}))


@pytest.mark.parametrize("pressed", ["0", "*", "12", "1234", "*1*", "201"])
def test_a_key_is_up_to_four_digits_and_stars(tmp_path: Path, pressed: str) -> None:
    assert key(tmp_path, pressed) == []


@pytest.mark.parametrize("pressed", ["#", "1#", "12345", "a", "", "_X", "1,1", "s"])
def test_a_key_that_cannot_be_pressed_is_an_error(tmp_path: Path, pressed: str) -> None:
    assert key(tmp_path, pressed) == ["bad-key"]


@pytest.mark.parametrize(
    ("pressed", "dial", "hidden"),
    [
        ("201", "true", True),
        ("2012", "true", True),
        ("35", '["35"]', True),
        ("201", '["35"]', False),
        ("20", "true", False),
        ("2", "true", False),
    ],
)
def test_a_key_that_hides_an_extension_is_an_error(
    tmp_path: Path, pressed: str, dial: str, hidden: bool
) -> None:
    assert key(tmp_path, pressed, dial) == (["key-hides-extension"] if hidden else [])


@pytest.mark.parametrize(
    ("pressed", "good"), [("1", True), ("*", True), ("12", False), ("a", False)]
)
def test_a_waiting_caller_presses_one_key(tmp_path: Path, pressed: str, good: bool) -> None:
    text = (
        f'{MINIMAL}extensions: {{"201": {{}}}}\n'
        'departments: {sales: {members: ["201"], extension: "501", otherwise: {reject: busy},'
        f' keys: {{"{pressed}": {{menu: main}}}}}}}}\n'
    )

    assert codes(told(tmp_path, text)) == ([] if good else ["bad-key"])


def test_a_reason_to_pause_is_one_digit(tmp_path: Path) -> None:
    text = MINIMAL + "pause_reasons: {1: lunch, 12: training, x: paperwork}\n"

    assert codes(told(tmp_path, text)) == ["bad-key", "bad-key"]
