"""Rules: each can hold, the last always does, and words stand only where they mean something."""

import re

from callrouter.destination import Destination
from center.load import Center
from center.numbers import NumberRange, own_numbers
from center.routes import WrittenWay, written_ways
from switchboard.problems import Place, Problems

_LAST_DIGITS = re.compile(r"^last [1-8]$")


def check_rules(center: Center, problems: Problems) -> None:
    """The order of the rules, and what may stand in which route."""
    ranges = {f"arrival/{span.written}": span for span in own_numbers(center).ranges}
    extensions = {str(number) for number in center.router.extensions}
    for way in written_ways(center):
        _check_order(way, problems)
        for rule, place in way.rules():
            _check_place(way, rule, place, problems)
            if rule.extension is not None and rule.extension.startswith("last"):
                _check_last_digits(rule, ranges.get(way.state), extensions, place, problems)


def _check_order(way: WrittenWay, problems: Problems) -> None:
    rules = list(way.rules())
    for position, (rule, place) in enumerate(rules):
        last = position == len(rules) - 1
        earlier = [known for known, _ in rules[:position]]
        if any(_takes_all_of(known, rule, last) for known in earlier):
            message = "never taken: an earlier entry holds whenever this one would"
            problems.error(place, message, "unreachable-rule")
    final, place = rules[-1]
    if final.conditional:
        message = "nothing is said for when this does not hold; add an entry without a condition"
        problems.error(place, message, "conditional-end")


def _takes_all_of(earlier: Destination, later: Destination, later_is_last: bool) -> bool:
    """Whether an earlier entry holds whenever a later one does."""
    language = None if later_is_last else later.language
    return (
        earlier.hours in (None, later.hours)
        and (not earlier.callers or (bool(later.callers) and _within(later, earlier)))
        and earlier.language in (None, language)
    )


def _within(later: Destination, earlier: Destination) -> bool:
    return set(later.callers) <= set(earlier.callers)


def _check_place(
    way: WrittenWay, rule: Destination, place: Place | None, problems: Problems
) -> None:
    if rule.word and not way.is_menu_key:
        message = f"“{rule.word}” has a meaning only in the keys of a menu"
        problems.error(place, message, "word-outside-keys")
    if rule.fax_tone is not None and not way.state.startswith("arrival/"):
        message = f"`fax` beside {rule.kind} is for `numbers`, where a fax machine may call"
        problems.error(rule.fax_tone.place, message, "fax-beside")
    if rule.barge and rule.announce is None:
        problems.warning(place, "`barge` without `announce` does nothing", "idle-key")


def _check_last_digits(
    rule: Destination,
    span: NumberRange | None,
    extensions: set[str],
    place: Place | None,
    problems: Problems,
) -> None:
    if not _LAST_DIGITS.match(rule.name):
        message = f"“{rule.name}” is not `last N` with N from 1 to 8"
        problems.error(place, message, "last-digits")
        return
    if span is None:
        message = f"“{rule.name}” digits of what? This stands only at a range FROM..TO of `numbers`"
        problems.error(place, message, "last-digits")
        return
    count = int(rule.name.removeprefix("last "))
    if not any(len(number) == count and span.has_ending(number) for number in extensions):
        message = f"no extension of {count} digits ends a number of {span.written}"
        problems.warning(place, message, "last-digits")
