"""How a country writes its telephone numbers: towards E.164, and which numbers are emergencies.

The same plan is walked here and printed as dialplan, so that a number means the same on both ways.
"""

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

LONGEST_PREFIX = 4  # of those that lead abroad; carriers' longer ones are rare
SHORTEST_WHOLE = 9  # digits; numbers with an area code are not shorter

# what the library's tables leave out
_MORE_EMERGENCIES = {"RU": frozenset({"104"})}


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a number: `prefix`, then `digits` more (None: one or more of any count).

    It becomes E.164 by cutting `cut` characters from the front and putting `put` before the rest.
    """

    prefix: str
    digits: int | None
    cut: int
    put: str

    def matches(self, number: str) -> bool:
        rest = number.removeprefix(self.prefix)
        if not number.startswith(self.prefix) or not rest.isdigit():
            return False
        return self.digits is None or len(rest) == self.digits

    @property
    def pattern(self) -> str:
        """The form as an Asterisk extension pattern."""
        return f"_{self.prefix}{'X.' if self.digits is None else 'X' * self.digits}"


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """A country's forms, the most specific first, and its emergency numbers."""

    country: str
    code: str
    forms: tuple[Form, ...]
    emergency_numbers: frozenset[str]

    def e164(self, number: str) -> str:
        """The number as E.164 (`+...`), or unchanged where no form fits."""
        for form in self.forms:
            if form.matches(number):
                return form.put + number[form.cut :]
        return number


@cache
def numbering_plan(country: str) -> NumberingPlan | None:
    """The plan of a country by its two letters (`RU`), None for one that nobody knows."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        return None
    code = str(metadata.country_code)
    lengths = sorted(
        {
            length
            for kind in (metadata.fixed_line, metadata.mobile)
            for length in (kind.possible_length if kind else ())
            if length > 0
        }
    )
    return NumberingPlan(country, code, _forms(metadata, code, lengths), _emergencies(country))


def _forms(metadata: PhoneMetadata, code: str, lengths: list[int]) -> tuple[Form, ...]:
    found = [Form("+", None, 0, "")]
    found += [Form(prefix, None, len(prefix), "+") for prefix in _prefixes_abroad(metadata)]
    home = metadata.national_prefix or ""
    if home and home != code:
        found += [Form(home, length, len(home), f"+{code}") for length in lengths]
    # without a prefix a number is a whole one where no shorter, local one can be meant
    whole = not home or len(lengths) == 1 or lengths[0] >= SHORTEST_WHOLE
    found += [Form("", length, 0, f"+{code}") for length in lengths if whole]
    found += [Form(code, length, 0, "+") for length in lengths]
    return tuple(sorted(found, key=lambda form: (-len(form.prefix), form.digits or 99)))


def _prefixes_abroad(metadata: PhoneMetadata) -> list[str]:
    """What is dialled before a foreign number: `810`, `00`, or with a carrier's digit `001`."""
    pattern = re.compile(metadata.international_prefix or "(?!)")
    return [
        prefix
        for length in range(1, LONGEST_PREFIX + 1)
        for prefix in (str(value).zfill(length) for value in range(10**length))
        if pattern.fullmatch(prefix)
    ]


def _emergencies(country: str) -> frozenset[str]:
    short = PhoneMetadata.short_metadata_for_region(country)
    more = _MORE_EMERGENCIES.get(country, frozenset())
    if short is None or short.emergency is None or not short.emergency.national_number_pattern:
        return more | {"112"}
    pattern = re.compile(short.emergency.national_number_pattern)
    listed = {
        number
        for length in short.emergency.possible_length
        for number in (str(value).zfill(length) for value in range(10**length))
        if pattern.fullmatch(number)
    }
    return more | listed


def is_country(country: str) -> bool:
    """Whether a numbering plan is known for these two letters."""
    return country in phonenumbers.SUPPORTED_REGIONS
