"""The numbers by which a center is called: single ones and ranges, in E.164."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callrouter.destination import Route
from callrouter.section import OTHER
from center.load import Center
from ivr.table import number_range
from switchboard.numbering import NumberingPlan, numbering_plan
from switchboard.problems import Problems
from switchboard.yamltext import Text

_NUMBER = re.compile(r"^\+?[0-9]{2,15}$")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """One key of `numbers`: from `first` to `last`, both of one length; a single number is both."""

    written: Text
    first: str
    last: str

    def holds(self, number: str) -> bool:
        """Whether a number lies in the range; digits of one length compare as texts do."""
        return len(number) == len(self.first) and self.first <= number <= self.last

    def has_ending(self, digits: str) -> bool:
        """Whether a number of the range ends in these digits."""
        first, last = int(self.first), int(self.last)
        size: int = 10 ** len(digits)
        return first + (int(digits) - first) % size <= last


@dataclass(frozen=True)
class OwnNumbers:
    """All keys of `numbers` that say a number."""

    plan: NumberingPlan
    single: Mapping[str, NumberRange]
    ranges: tuple[NumberRange, ...]

    def holds(self, number: str) -> bool:
        """Whether calls to a number, however written, come to this center by its own key."""
        number = self.plan.e164(number)
        return number in self.single or any(span.holds(number) for span in self.ranges)


def plan_of(center: Center) -> NumberingPlan:
    """The numbering plan of the center's country, which its section knows to exist."""
    plan = numbering_plan(center.ground.country)
    return plan or NumberingPlan(center.ground.country, "", (), frozenset({"112"}))


def own_numbers(center: Center) -> OwnNumbers:
    """The numbers of a center; keys that say none are left out."""
    plan = plan_of(center)
    spans = [span for span in _written_ranges(center.router.numbers, plan) if _is_sound(span)]
    return OwnNumbers(
        plan,
        {span.first: span for span in spans if span.first == span.last},
        tuple(span for span in spans if span.first != span.last),
    )


def _written_ranges(numbers: Mapping[Text, Route], plan: NumberingPlan) -> Iterator[NumberRange]:
    for written in numbers:
        if written != OTHER:
            first, last = number_range(written)
            yield NumberRange(written, plan.e164(first), plan.e164(last))


def _is_sound(span: NumberRange) -> bool:
    return bool(
        _NUMBER.fullmatch(span.first)
        and _NUMBER.fullmatch(span.last)
        and len(span.first) == len(span.last)
        and span.first <= span.last
    )


def check_numbers(center: Center, problems: Problems) -> None:
    """Each key of `numbers` says numbers, and no number is said twice."""
    if not center.router.numbers and center.router.trunks:
        message = "there are trunks but no `numbers`: every call from outside is rejected"
        problems.warning(next(iter(center.router.trunks)).place, message, "no-numbers")
    spans = list(_written_ranges(center.router.numbers, plan_of(center)))
    for span in spans:
        if not _is_sound(span):
            example = "+74950000001, a rising range +74950000200..+74950000299, or other"
            message = f"“{span.written}” is not a number such as {example}"
            problems.error(span.written.place, message, "bad-number")
    _check_overlaps([span for span in spans if _is_sound(span)], problems)


def _check_overlaps(spans: list[NumberRange], problems: Problems) -> None:
    """A single number may lie in a range, and wins; two ranges may not share a number."""
    for single in (True, False):
        _check_alike([span for span in spans if (span.first == span.last) is single], problems)


def _check_alike(spans: list[NumberRange], problems: Problems) -> None:
    highest: NumberRange | None = None
    for span in sorted(spans, key=lambda one: (len(one.first), one.first, one.last)):
        if highest is not None and highest.holds(span.first):
            message = f"“{span.written}” has numbers that “{highest.written}” has too"
            problems.error(span.written.place, message, "number-twice")
        if highest is None or not highest.holds(span.last):
            highest = span
