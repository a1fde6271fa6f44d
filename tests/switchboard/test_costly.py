"""Premium-rate and shared-cost numbers, told from others by their first digits."""

import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType as Kind

from switchboard.costly import costly_patterns

EVERYWHERE = [f"+{digit}" for digit in range(1, 10)]
EXAMPLES = {
    (region, kind): example
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (Kind.FIXED_LINE, Kind.MOBILE, Kind.PREMIUM_RATE, Kind.SHARED_COST)
    if (example := phonenumbers.example_number_for_type(region, kind))
}


def is_costly(number: str) -> bool:
    """As the dialplan decides of a number in E.164."""
    return any(
        re.match(f"({pattern})", number[len(code) + 1 :])
        for code, patterns in costly_patterns(EVERYWHERE).items()
        if number.startswith(f"+{code}")
        for pattern in patterns
    )


def told_costly(*kinds: int) -> list[bool]:
    written = phonenumbers.PhoneNumberFormat.E164
    return [
        is_costly(phonenumbers.format_number(example, written))
        for (_, kind), example in EXAMPLES.items()
        if kind in kinds
    ]


def test_every_country_s_costly_numbers_are_told_from_ordinary_ones() -> None:
    costly = told_costly(Kind.PREMIUM_RATE, Kind.SHARED_COST)
    assert len(costly) > 150 and all(costly)
    assert not any(told_costly(Kind.FIXED_LINE, Kind.MOBILE))


def test_digits_too_many_do_not_hide_a_costly_number() -> None:
    assert is_costly("+78091234567") and is_costly("+780912345678")


@pytest.mark.parametrize(("prefix", "codes"), [("+7495", {"7"}), ("+4", {"40", "41", "420", "49"})])
def test_only_the_countries_that_may_be_called_are_looked_at(prefix: str, codes: set[str]) -> None:
    reached = set(costly_patterns([prefix]))
    assert codes <= reached and all(code.startswith(prefix[1]) for code in reached)


def test_no_pattern_says_what_a_posix_expression_cannot() -> None:
    patterns = [one for every in costly_patterns(EVERYWHERE).values() for one in every]
    assert all(set(pattern) <= set("0123456789[]-(){}|,?") for pattern in patterns)
    assert not any("(?" in pattern for pattern in patterns)
