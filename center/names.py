"""Names: each is well formed, and each that is used stands for something."""

import re
from collections.abc import Collection, Iterable

from callrouter.destination import Destination
from center.load import Center
from center.numbers import OwnNumbers, own_numbers
from center.routes import written_ways
from switchboard.problems import Problems, meant
from switchboard.shapes import NAME_PATTERN
from switchboard.yamltext import Text

_NAME = re.compile(NAME_PATTERN)
_LINE_NAME = re.compile(r"^[a-z][a-z0-9_]{0,31}$")  # beside extensions in one file: never a number
_EXTENSION = re.compile(r"^[0-9]{2,8}$")
_RESERVED = frozenset({"general", "global", "globals", "default", "system", "zonemessages"})
_OUTSIDE = re.compile(r"^\+[0-9]{5,15}$")
_LAST_DIGITS = re.compile(r"^last [1-9]$")


def check_names(center: Center, problems: Problems) -> None:
    """Names that Asterisk could not carry, and names of things that are not there."""
    numbers = own_numbers(center)
    _check_shapes(center, problems)
    for way in written_ways(center):
        for rule in way.route:
            _check_rule(rule, center, problems)
            _check_outside(rule, center, numbers, problems)
    _check_hours(center, problems)
    _check_extensions(center, numbers, problems)
    _check_departments(center, problems)
    _check_mailboxes(center, problems)
    _check_lines(center, numbers, problems)
    _check_languages(center.speech.speech.voices, center, problems)


def _check_shapes(center: Center, problems: Problems) -> None:
    router = center.router
    for what, names in (
        ("menu", center.menus),
        ("department", router.departments),
        ("mailbox", center.voicemail.voicemail),
        ("fax", center.fax.fax),
        ("hours", router.hours),
        ("list of callers", router.callers),
        ("report", center.reports.reports),
    ):
        for name in names:
            _must_look(name, _NAME, f"a name of a {what}: a-z, 0-9 and _ only", problems)
    for name in router.trunks:
        _must_look(name, _LINE_NAME, "a name of a trunk: a letter, then a-z, 0-9, _", problems)
    for number in router.extensions:
        _must_look(number, _EXTENSION, "an extension: 2 to 8 digits", problems)
    for department in router.departments.values():
        if department.extension is not None:
            _must_look(department.extension, _EXTENSION, "an extension: 2 to 8 digits", problems)
    for name, box in center.voicemail.voicemail.items():
        dialled = box.number or (name if name.isdigit() else None)
        if dialled is not None:
            _must_look(dialled, _EXTENSION, "a mailbox's number: 2 to 8 digits", problems)


def _must_look(name: Text, shape: re.Pattern[str], expected: str, problems: Problems) -> None:
    if not shape.match(name):
        problems.error(name.place, f"“{name}” is not {expected}", "bad-name")
    elif name in _RESERVED:
        message = f"“{name}” has a meaning of its own in Asterisk's files; take another name"
        problems.error(name.place, message, "bad-name")


def _must_be(name: Text | None, known: Collection[str], what: str, problems: Problems) -> None:
    if name is not None and name not in known:
        message = f"there is no {what} “{name}”{meant(name, known)}"
        problems.error(name.place, message, "unknown-name")


def _all_must_be(
    names: Iterable[Text], known: Collection[str], what: str, problems: Problems
) -> None:
    for name in names:
        _must_be(name, known, what, problems)


def _check_rule(rule: Destination, center: Center, problems: Problems) -> None:
    router = center.router
    _must_be(rule.menu, center.menus, "menu", problems)
    _must_be(rule.department, router.departments, "department", problems)
    if rule.extension is not None and not _LAST_DIGITS.match(rule.extension):
        _must_be(rule.extension, router.extensions, "extension", problems)
    _must_be(rule.voicemail, center.voicemail.voicemail, "mailbox", problems)
    _must_be(rule.fax, center.fax.fax, "fax", problems)
    _must_be(rule.hours, router.hours, "hours", problems)
    _all_must_be(rule.callers, router.callers, "list of callers", problems)
    _must_be(rule.language, center.ground.spoken, "language", problems)


def _check_outside(
    rule: Destination, center: Center, numbers: OwnNumbers, problems: Problems
) -> None:
    if rule.number is None:
        return
    if not _OUTSIDE.match(numbers.plan.e164(rule.number)):
        message = f"“{rule.number}” is not an outside number such as +74951234567"
        problems.error(rule.number.place, message, "bad-number")
    if center.router.outbound is None:
        message = "an outside number is reached through `outbound:`, which is missing"
        problems.error(rule.number.place, message, "no-outbound")
    if numbers.holds(rule.number):
        message = f"“{rule.number}” is a number of this center: the call would come back"
        problems.error(rule.number.place, message, "own-number")


def _check_hours(center: Center, problems: Problems) -> None:
    for name, hours in center.router.hours.items():
        if not any(hours.weekly.values()) and not any(hours.dates.values()):
            problems.warning(name.place, f"“{name}” is never open", "never-open")


def _check_extensions(center: Center, numbers: OwnNumbers, problems: Problems) -> None:
    for extension in center.router.extensions.values():
        _must_be(extension.language, center.ground.spoken, "language", problems)
        _must_be_own_number(extension.caller_id, numbers, problems)
    for menu in center.menus.values():
        _all_must_be(menu.dial_extensions or (), center.router.extensions, "extension", problems)


def _check_departments(center: Center, problems: Problems) -> None:
    router = center.router
    for department in router.departments.values():
        for member in department.members:
            _must_be(member.extension, router.extensions, "extension", problems)
        _must_be(department.hours, router.hours, "hours", problems)
        _check_languages(department.name, center, problems)


def _check_mailboxes(center: Center, problems: Problems) -> None:
    for box in center.voicemail.voicemail.values():
        _all_must_be(box.lamps, center.router.extensions, "extension", problems)
        _must_be(box.language, center.ground.spoken, "language", problems)


def _check_lines(center: Center, numbers: OwnNumbers, problems: Problems) -> None:
    router = center.router
    _all_must_be(router.emergency.trunk, router.trunks, "trunk", problems)
    _all_must_be(router.emergency.ring, router.extensions, "extension", problems)
    _must_be_own_number(router.emergency.caller_id, numbers, problems)
    if router.outbound is not None:
        _all_must_be(router.outbound.trunk, router.trunks, "trunk", problems)
        _must_be(router.outbound.hours, router.hours, "hours", problems)
        _must_be_own_number(router.outbound.caller_id, numbers, problems)


def _must_be_own_number(number: Text | None, numbers: OwnNumbers, problems: Problems) -> None:
    if number is None or numbers.holds(number):
        return
    listed = [str(span.written) for span in (*numbers.single.values(), *numbers.ranges)]
    message = f"“{number}” is not one of `numbers`{meant(number, listed)}"
    problems.error(number.place, message, "foreign-caller-id")


def _check_languages(written: Iterable[Text], center: Center, problems: Problems) -> None:
    _all_must_be((code for code in written if code), center.ground.spoken, "language", problems)
