import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.pbx.dialplan import Context, Step, number_patterns, render_contexts


def matches(pattern: str, number: str) -> bool:
    """Asterisk's patterns, as far as a range of numbers needs them."""
    assert pattern.startswith("_")
    return re.fullmatch(pattern[1:].replace("+", r"\+").replace("X", "[0-9]"), number) is not None


def test_a_range_that_ends_evenly_is_one_pattern() -> None:
    assert number_patterns("+74950000200", "+74950000299") == ["_+749500002XX"]


def test_a_ragged_range_has_a_pattern_for_each_edge() -> None:
    assert number_patterns("198", "305") == ["_19[8-9]", "_2XX", "_30[0-5]"]


def test_a_single_number_is_a_pattern_of_itself() -> None:
    assert number_patterns("500", "500") == ["_500"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_patterns_match_just_the_numbers_of_the_range(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3))
    numbers = st.integers(0, 10**size - 1)
    low, high = sorted((data.draw(numbers), data.draw(numbers)))
    plus = data.draw(st.sampled_from(["", "+"]))
    patterns = number_patterns(f"{plus}{low:0{size}}", f"{plus}{high:0{size}}")

    for number in range(10**size):
        found = [one for one in patterns if matches(one, f"{plus}{number:0{size}}")]
        assert len(found) == (low <= number <= high)


def test_a_context_reads_as_dialplan() -> None:
    context = Context("menu-main-v1", includes=["fax-tone"], comment="asks")
    context.extension("s", ["Answer()", Step("Playback(hi)", "again"), "Goto(again)"])
    context.extension("_X!", ["Hangup()"])

    assert str(context) == (
        "[menu-main-v1]  ; asks\n"
        "exten => s,1,Answer()\n"
        " same => n(again),Playback(hi)\n"
        " same => n,Goto(again)\n"
        "exten => _X!,1,Hangup()\n"
        "include => fax-tone"
    )


def test_contexts_stand_apart_in_their_file() -> None:
    assert render_contexts([Context("a"), Context("b")]) == "[a]\n\n[b]\n"


@pytest.mark.parametrize("hostile", ["Set(A=1);b", "Set(A=\n)", "NoOp(\x00)", "NoOp(\x7f)", "a\rb"])
def test_a_line_that_would_be_more_than_a_line_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        Context("a").extension("s", [hostile])
