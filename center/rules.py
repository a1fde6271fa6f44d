"""Rules: each can hold, the last always does, and words stand only where they mean something."""

import re

from callrouter.destination import Destination
from center.load import Center
from center.numbers import NumberRange, own_numbers
from center.routes import WrittenWay, written_ways
from switchboard.problems import Problems
from switchboard.yamltext import Text

_LAST_DIGITS = re.compile(r"^last [1-8]$")


def check_rules(center: Center, problems: Problems) -> None:
    """The order of the rules, and what may stand in which route."""
    ranges = {f"arrival/{span.written}": span for span in own_numbers(center).ranges}
    extensions = {str(number) for number in center.router.extensions}
    for way in written_ways(center):
        _check_order(way, problems)
        for rule in way.route:
            _check_place(way, rule, problems)
            if rule.extension is not None and rule.extension.startswith("last"):
                _check_last_digits(rule.extension, ranges.get(way.state), extensions, problems)


def _check_order(way: WrittenWay, problems: Problems) -> None:
    *_, final = way.route
    for position, rule in enumerate(way.route):
        if any(_takes_all_of(one, rule, rule is final) for one in way.route[:position]):
            message = "never taken: an earlier entry holds whenever this one would"
            problems.error(way.place_of(rule), message, "unreachable-rule")
    if final.conditional:
        message = "nothing is said for when this does not hold; add an entry without a condition"
        problems.error(way.place_of(final), message, "conditional-end")


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


def _check_place(way: WrittenWay, rule: Destination, problems: Problems) -> None:
    if rule.word and not way.is_menu_key:
        message = (
            f"“{rule.word}” has a meaning only in the keys of a menu; elsewhere a call ends by "
            "{goodbye: {say: TEXT}}"
        )
        problems.error(way.place_of(rule), message, "word-outside-keys")
    if rule.fax_tone is not None and not way.state.startswith("arrival/"):
        message = f"`fax` beside {rule.kind} is for `numbers`, where a fax machine may call"
        problems.error(rule.fax_tone.place, message, "fax-beside")
    if rule.barge and rule.announce is None:
        message = "`barge` without `announce` does nothing"
        problems.warning(way.place_of(rule), message, "idle-key")


def _check_last_digits(
    written: Text, span: NumberRange | None, extensions: set[str], problems: Problems
) -> None:
    if not _LAST_DIGITS.fullmatch(written):
        message = f"“{written}” is not `last N` with N from 1 to 8"
        problems.error(written.place, message, "last-digits")
        return
    if span is None:
        message = f"“{written}” digits of what? This stands only at a range FROM..TO of `numbers`"
        problems.error(written.place, message, "last-digits")
        return
    count = int(written.removeprefix("last "))
    if not any(len(number) == count and span.has_ending(number) for number in extensions):
        message = f"no extension of {count} digits ends a number of {span.written}"
        problems.warning(written.place, message, "last-digits")
