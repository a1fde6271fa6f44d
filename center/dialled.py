"""What can be dialled: nothing hides an emergency number, and no two things are dialled alike."""

import re
from collections.abc import Iterator

from callrouter.department import Department
from center.load import Center
from center.numbers import plan_of
from ivr.menu import Menu
from switchboard.problems import Problems
from switchboard.yamltext import Text

# what agents dial, whatever the center says
FEATURE_CODES = re.compile(r"^(\*97|\*98|\*45|\*46[0-9]?|\*8|\*\*.*|70[0-9]|\*2|##|\*72.*|\*73)$")
_SWITCH = re.compile(r"^\*?[0-9]{2,6}$")
_MENU_KEY = re.compile(r"^[0-9*]{1,4}$")
_QUEUE_KEY = re.compile(r"^[0-9*#]$")
_REASON_KEY = re.compile(r"^[0-9]$")
_EMERGENCY = re.compile(r"^[0-9]{2,8}$")


def check_dialled(center: Center, problems: Problems) -> None:
    """Extensions, codes, keys and emergency numbers, each against the others."""
    _check_emergencies(center, problems)
    _check_clashes(center, problems)
    for menu in center.menus.values():
        _check_menu_keys(menu, center, problems)
    for department in center.router.departments.values():
        _check_queue_keys(department, problems)
    for digit in center.router.pause_reasons:
        if not _REASON_KEY.fullmatch(digit):
            problems.error(digit.place, "a reason to pause is one digit, as in *46 1", "bad-key")
    for hours in center.router.hours.values():
        if hours.switch is not None and not _SWITCH.fullmatch(hours.switch):
            message = f"“{hours.switch}” cannot be a code; write digits as in *28"
            problems.error(hours.switch.place, message, "bad-key")


def emergency_numbers(center: Center) -> frozenset[str]:
    """The numbers that always go out: the country's and the center's own."""
    return plan_of(center).emergency_numbers | {
        str(number) for number in center.router.emergency.numbers
    }


def _dialled(center: Center) -> Iterator[tuple[Text, str, str]]:
    """(number as written, what it is, whose it is): of two that are one's own both may stand."""
    router = center.router
    for number in router.extensions:
        yield number, f"extension {number}", number
    for name, department in router.departments.items():
        if department.extension is not None:
            yield department.extension, f"department “{name}”", name
    for name, box in center.voicemail.voicemail.items():
        if box.number is not None:
            yield box.number, f"mailbox “{name}”", name
    for name, hours in router.hours.items():
        if hours.switch is not None:
            yield hours.switch, f"switch of the hours “{name}”", f"{name} (hours)"


def _check_emergencies(center: Center, problems: Problems) -> None:
    for written in center.router.emergency.numbers:
        if not _EMERGENCY.fullmatch(written):
            problems.error(written.place, f"“{written}” is not 2 to 8 digits", "bad-number")
    emergencies = sorted(emergency_numbers(center))
    for number, what, _ in _dialled(center):
        hidden = next((known for known in emergencies if known.startswith(number)), None)
        if hidden is not None:
            verb = "is" if hidden == number else "begins"
            message = f"{what}: {number} {verb} the emergency number {hidden}"
            problems.error(number.place, message, "hides-emergency")


def _check_clashes(center: Center, problems: Problems) -> None:
    taken: dict[str, tuple[str, str]] = {}
    for number, what, owner in _dialled(center):
        if FEATURE_CODES.fullmatch(number):
            message = f"{what}: {number} is what agents dial for a feature"
            problems.error(number.place, message, "feature-code")
        if number in taken and taken[number][1] != owner:
            problems.error(number.place, f"{number} is also {taken[number][0]}", "number-twice")
        taken.setdefault(number, (what, owner))


def _check_menu_keys(menu: Menu, center: Center, problems: Problems) -> None:
    dialled = menu.dial_extensions
    extensions = set(center.router.extensions if dialled is None else dialled)
    for key in menu.keys:
        if "#" in key:
            problems.error(key.place, "`#` ends an entry, so that no key can have it", "bad-key")
        elif not _MENU_KEY.fullmatch(key):
            message = f"“{key}” is not a key: 1 to 4 of 0-9 and *"
            problems.error(key.place, message, "bad-key")
        hidden = next((key[:size] for size in range(1, 5) if key[:size] in extensions), None)
        if hidden is not None:
            message = f"key {key} hides extension {hidden}, which may be dialled here"
            problems.error(key.place, message, "key-hides-extension")


def _check_queue_keys(department: Department, problems: Problems) -> None:
    for key in department.keys:
        if not _QUEUE_KEY.fullmatch(key):
            message = f"“{key}” is not what a waiting caller can press: one of 0-9, * and #"
            problems.error(key.place, message, "bad-key")
