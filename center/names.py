"""Names: each is well formed, and each that is used stands for something."""

import re
from collections.abc import Collection, Iterable

from callrouter.destination import Destination
from center.load import Center
from center.numbers import own_numbers
from center.routes import written_ways
from switchboard.problems import Problems, meant
from switchboard.prompt import EVERY_LANGUAGE
from switchboard.shapes import NAME_PATTERN
from switchboard.yamltext import Text

_NAME = re.compile(NAME_PATTERN)
_LINE_NAME = re.compile(r"^[a-z][a-z0-9_]{0,31}$")  # beside extensions in one file: never a number
_EXTENSION = re.compile(r"^[0-9]{2,8}$")
_OUTSIDE = re.compile(r"^\+[0-9]{5,15}$")
_PREFIX = re.compile(r"^\+[0-9]{1,15}$")
_RESERVED = {
    "department": {"general"},
    "trunk": {"global", "system"},
    "music": {"general", "default"},
}


def check_names(center: Center, problems: Problems) -> None:
    """Names that Asterisk could not carry, and names of things that are not there."""
    names = _Names(center, problems)
    names.shapes()
    for way in written_ways(center):
        for rule in way.route:
            names.rule(rule)
            names.outside(rule)
    names.extensions()
    names.departments()
    names.mailboxes()
    names.lines()
    names.languages(center.speech.speech.voices)
    for name, hours in center.router.hours.items():
        if not any(hours.weekly.values()) and not any(hours.dates.values()):
            problems.warning(name.place, f"“{name}” is never open", "never-open")


class _Names:
    def __init__(self, center: Center, problems: Problems) -> None:
        self._center = center
        self._router = center.router
        self._numbers = own_numbers(center)
        self._problems = problems

    def shapes(self) -> None:
        center, router = self._center, self._router
        self._must_look(center.menus, "menu")
        self._must_look(router.departments, "department")
        self._must_look(center.voicemail.voicemail, "mailbox")
        self._must_look(center.fax.fax, "fax")
        self._must_look(router.hours, "hours")
        self._must_look(router.callers, "list of callers")
        self._must_look(router.trunks, "trunk", _LINE_NAME, "a letter, then a-z, 0-9 and _")
        music = [one.music for one in router.departments.values() if one.music is not None]
        self._must_look(music, "music")
        dialled = [one.extension for one in router.departments.values() if one.extension]
        boxes = center.voicemail.voicemail
        dialled += [box.number or name for name, box in boxes.items() if box.dialled(name)]
        self._must_look([*router.extensions, *dialled], "extension", _EXTENSION, "2 to 8 digits")

    def rule(self, rule: Destination) -> None:
        center, router = self._center, self._router
        self._must_be(rule.menu, center.menus, "menu")
        self._must_be(rule.department, router.departments, "department")
        if rule.extension is not None and not rule.extension.startswith("last"):
            self._must_be(rule.extension, router.extensions, "extension")
        self._must_be(rule.voicemail, center.voicemail.voicemail, "mailbox")
        self._must_be(rule.fax, center.fax.fax, "fax")
        self._must_be(rule.hours, router.hours, "hours")
        self._all_must_be(rule.callers, router.callers, "list of callers")
        self._must_be(rule.language, center.ground.spoken, "language")

    def outside(self, rule: Destination) -> None:
        number = rule.number
        if number is None:
            return
        if not _OUTSIDE.fullmatch(self._numbers.plan.e164(number)):
            self._error(number, f"“{number}” is not an outside number such as +74951234567")
        if self._router.outbound is None and "outbound" not in self._center.left_out:
            message = "an outside number is reached through `outbound:`, which is missing"
            self._error(number, message, "no-outbound")
        if self._numbers.holds(number):
            message = f"“{number}” is a number of this center: the call would come back"
            self._error(number, message, "own-number")

    def extensions(self) -> None:
        for extension in self._router.extensions.values():
            self._must_be(extension.language, self._center.ground.spoken, "language")
            self._must_be_own_number(extension.caller_id)
        for menu in self._center.menus.values():
            self._all_must_be(menu.dial_extensions or (), self._router.extensions, "extension")

    def departments(self) -> None:
        for department in self._router.departments.values():
            members = [member.extension for member in department.members]
            self._all_must_be(members, self._router.extensions, "extension")
            self._must_be(department.hours, self._router.hours, "hours")
            self._must_be_own_number(department.caller_id)
            self.languages(department.name)

    def mailboxes(self) -> None:
        for box in self._center.voicemail.voicemail.values():
            self._all_must_be(box.lamps, self._router.extensions, "extension")
            self._must_be(box.language, self._center.ground.spoken, "language")

    def lines(self) -> None:
        emergency, outbound = self._router.emergency, self._router.outbound
        self._all_must_be(emergency.trunk, self._router.trunks, "trunk")
        self._all_must_be(emergency.ring, self._router.extensions, "extension")
        self._must_be_own_number(emergency.caller_id)
        if outbound is not None:
            for prefix in outbound.allow:
                if not _PREFIX.fullmatch(prefix):
                    self._error(prefix, f"“{prefix}” is not the begin of numbers such as +7495")
            self._all_must_be(outbound.trunk, self._router.trunks, "trunk")
            self._must_be(outbound.hours, self._router.hours, "hours")
            self._must_be_own_number(outbound.caller_id)
            rules = (rule for way in written_ways(self._center) for rule in way.route)
            named = {rule.number for rule in rules if rule.number is not None}
            for number in outbound.numbers:
                if number not in named:
                    message = f"no destination is {{number: “{number}”}}, written just so"
                    self._problems.warning(number.place, message, "idle-key")

    def languages(self, written: Iterable[Text]) -> None:
        codes = (code for code in written if code != EVERY_LANGUAGE)
        self._all_must_be(codes, self._center.ground.spoken, "language")

    def _must_look(
        self,
        names: Iterable[Text],
        what: str,
        shape: re.Pattern[str] = _NAME,
        looks: str = "a-z, 0-9 and _, at most 32",
    ) -> None:
        for name in names:
            if not shape.fullmatch(name):
                self._error(name, f"“{name}” cannot be the name of a {what}: {looks}", "bad-name")
            elif name in _RESERVED.get(what, ()):
                message = f"“{name}” has a meaning of its own in Asterisk's files"
                self._error(name, message, "bad-name")

    def _must_be(self, name: Text | None, known: Collection[str], what: str) -> None:
        if name is not None and name not in known and name not in self._center.left_out:
            self._error(name, f"there is no {what} “{name}”{meant(name, known)}", "unknown-name")

    def _all_must_be(self, names: Iterable[Text], known: Collection[str], what: str) -> None:
        for name in names:
            self._must_be(name, known, what)

    def _must_be_own_number(self, number: Text | None) -> None:
        if number is None or self._numbers.holds(number) or number in self._center.left_out:
            return
        spans = (*self._numbers.single.values(), *self._numbers.ranges)
        near = meant(number, [str(span.written) for span in spans])
        self._error(number, f"“{number}” is not one of `numbers`{near}", "foreign-caller-id")

    def _error(self, text: Text, message: str, code: str = "bad-number") -> None:
        self._problems.error(text.place, message, code)
