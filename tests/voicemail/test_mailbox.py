from pathlib import Path

import pytest

from switchboard.noun import read_noun
from switchboard.problems import Problems
from switchboard.yamltext import read_yaml
from voicemail.mailbox import pin_weakness
from voicemail.section import VoicemailSection, check_voicemail


@pytest.mark.parametrize(
    ("pin", "weakness"),
    [
        ("1234", "it has fewer than 5 digits"),
        ("12a45", "a PIN has digits only"),
        ("", "a PIN has digits only"),
        ("１２３４５", "a PIN has digits only"),
        ("77777", "it is one digit repeated"),
        ("12345", "it is a run of digits"),
        ("98765", "it is a run of digits"),
        ("78901", "it is a run of digits"),
        ("83015", "it is the mailbox's own number"),
    ],
)
def test_a_pin_that_is_easily_guessed_is_weak(pin: str, weakness: str) -> None:
    assert pin_weakness(pin, "83015") == weakness


@pytest.mark.parametrize("pin", ["83014", "27718", "135790", "0000001"])
def test_a_pin_that_is_not_easily_guessed_passes(pin: str) -> None:
    assert pin_weakness(pin, "801") is None


def check(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "center.yaml"
    path.write_text(f"voicemail:\n{text}", "utf-8")
    problems = Problems()
    tree = read_yaml(path, "center.yaml", problems, {})
    section = read_noun(VoicemailSection, tree, problems, set())
    assert section is not None
    check_voicemail(section, problems)
    return [str(problem).splitlines()[0] for problem in problems]


def test_a_weak_pin_is_an_error_where_it_stands(tmp_path: Path) -> None:
    assert check(tmp_path, "  sales: {pin: 12345}\n") == [
        "center.yaml:2:16: error: this PIN is weak: it is a run of digits [weak-pin]"
    ]


def test_two_boxes_that_are_dialled_alike_are_an_error(tmp_path: Path) -> None:
    text = '  "801": {pin: 83014}\n  sales: {pin: 27718, number: "801"}\n'

    assert check(tmp_path, text) == [
        "center.yaml:3:31: error: 801 is also the mailbox “801” [number-twice]"
    ]


def test_a_box_with_a_name_of_letters_may_have_no_number(tmp_path: Path) -> None:
    assert check(tmp_path, "  sales: {pin: 83014}\n  support: {pin: 27718}\n") == []


def test_a_box_that_waits_for_a_letter_nobody_gets_is_told(tmp_path: Path) -> None:
    assert check(tmp_path, "  sales: {pin: 83014, after_delivery: delete}\n") == [
        "center.yaml:2:3: warning: “sales” has no `email`: nothing is delivered, and every message"
        " is kept [no-letter]"
    ]


@pytest.mark.parametrize("key", ["format: ogg", "after_delivery: burn"])
def test_an_unknown_format_or_habit_is_an_error(tmp_path: Path, key: str) -> None:
    (told,) = check(tmp_path, f"  sales: {{pin: 83014, {key}}}\n")
    assert "error: must be " in told
