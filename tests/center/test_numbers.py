from pathlib import Path

import pytest

from center.load import load_center
from center.numbers import own_numbers
from switchboard.problems import Problems
from tests.centers import EXAMPLE, GROUND, codes, told, write_center


def numbers(tmp_path: Path, *keys: str) -> list[str]:
    written = ", ".join(f'"{key}": {{menu: main}}' for key in keys)
    return codes(told(tmp_path, f"{GROUND}numbers: {{{written}}}\n"))


@pytest.mark.parametrize(
    "key",
    [
        "+74950000001",
        "84950000001",
        "4950000001",
        "100",
        "other",
        "+74950000200..+74950000299",
        "84950000200..84950000299",
    ],
)
def test_a_number_or_a_range_of_numbers_is_a_key(tmp_path: Path, key: str) -> None:
    assert numbers(tmp_path, key) == []


@pytest.mark.parametrize(
    "key",
    [
        "abc",
        "",
        "+7495 000",
        "+7(495)0000001",
        "_X.",
        "+74950000299..+74950000200",
        "+74950000200..+749500002990",
        "+74950000200..",
        "..+74950000200",
        "+7495;",
        "+74950000001\\n",
        "others",
    ],
)
def test_what_is_no_number_is_an_error(tmp_path: Path, key: str) -> None:
    assert numbers(tmp_path, key) == ["bad-number"]


@pytest.mark.parametrize(
    "keys",
    [
        ("+74950000001", "84950000001"),
        ("+74950000200..+74950000250", "+74950000250..+74950000299"),
        ("+74950000200..+74950000299", "+74950000210..+74950000220"),
    ],
)
def test_a_number_that_is_said_twice_is_an_error(tmp_path: Path, keys: tuple[str, ...]) -> None:
    assert numbers(tmp_path, *keys) == ["number-twice"]


def test_a_single_number_may_lie_in_a_range(tmp_path: Path) -> None:
    assert numbers(tmp_path, "+74950000250", "+74950000200..+74950000299") == []


def test_ranges_side_by_side_are_no_error(tmp_path: Path) -> None:
    assert numbers(tmp_path, "+74950000200..+74950000249", "+74950000250..+74950000299") == []


def test_trunks_without_numbers_are_a_warning(tmp_path: Path) -> None:
    text = GROUND + "trunks: {carrier: {host: 127.0.0.2}}\n"

    assert codes(told(tmp_path, text, {})) == ["no-numbers"]


@pytest.mark.parametrize(
    ("number", "own"),
    [
        ("+74950000001", True),
        ("84950000001", True),
        ("+74950000200", True),
        ("+74950000299", True),
        ("+74950000300", False),
        ("+7495000020", False),
        ("other", False),
    ],
)
def test_the_example_knows_its_own_numbers(number: str, own: bool) -> None:
    center = load_center(EXAMPLE, Problems(), {})

    assert center is not None
    assert own_numbers(center).holds(number) == own


@pytest.mark.parametrize(
    ("digits", "ends"), [("201", True), ("300", False), ("01", True), ("50250", False)]
)
def test_a_range_knows_how_its_numbers_end(tmp_path: Path, digits: str, ends: bool) -> None:
    text = GROUND + 'numbers: {"+74950000200..+74950000299": {menu: main}}\n'
    center = load_center(write_center(tmp_path, text), Problems(), {})

    assert center is not None
    assert own_numbers(center).ranges[0].has_ending(digits) == ends
