"""Texts that end up in Asterisk's files: nothing in them may be taken for more than a text."""

import ipaddress
import re
from collections.abc import Iterator

from callrouter.line import Trunk
from center.load import Center
from switchboard.problems import Problems
from switchboard.yamltext import Text

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"<>;|\\\[\]]|\$[{\[]')
_UNSAFE_IN_DIALPLAN = re.compile(r"[(){}$,]")
_USER = re.compile(r"^[A-Za-z0-9._+@-]{1,80}$")
_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")
_STATION = re.compile(r"^[0-9+ -]{0,20}$")
LONGEST_TEXT = 80


def check_safe(center: Center, problems: Problems) -> None:
    """Display names and the like, users and hosts of trunks."""
    for text in _shown(center):
        _check_text(text, _UNSAFE, problems)
    for text in _in_dialplan(center):
        _check_text(text, _UNSAFE, problems)
        _check_text(text, _UNSAFE_IN_DIALPLAN, problems)
    for line in center.fax.fax.values():
        if not _STATION.fullmatch(line.station_id):
            message = "a fax machine shows at most 20 digits, spaces and signs + -"
            problems.error(line.station_id.place, message, "unsafe-text")
    for trunk in center.router.trunks.values():
        _check_trunk(trunk, problems)


def _shown(center: Center) -> Iterator[Text]:
    yield center.ground.name
    for department in center.router.departments.values():
        yield from department.name.values()


def _in_dialplan(center: Center) -> Iterator[Text]:
    for extension in center.router.extensions.values():
        if extension.name is not None:
            yield extension.name
    for department in center.router.departments.values():
        if department.caller_prefix is not None:
            yield department.caller_prefix
    yield from center.router.pause_reasons.values()


def _check_text(text: Text, unsafe: re.Pattern[str], problems: Problems) -> None:
    found = unsafe.search(text)
    if found is not None:
        shown = found[0] if found[0].isprintable() else f"U+{ord(found[0]):04X}"
        problems.error(text.place, f"“{shown}” cannot stand in this text", "unsafe-text")
    if len(text) > LONGEST_TEXT:
        problems.error(text.place, f"is longer than {LONGEST_TEXT} characters", "unsafe-text")


def _check_trunk(trunk: Trunk, problems: Problems) -> None:
    _check_host(trunk.host, problems)
    for address in trunk.accept_from:
        if _is_network(address):
            continue
        _check_host(address, problems)
        _warn_of_name(address, problems)
    if not trunk.accept_from:
        _warn_of_name(trunk.host, problems)
    users = [trunk.user, trunk.register_as.user if trunk.register_as else None]
    for user in users:
        if user is not None and not _USER.fullmatch(user):
            message = f"“{user}” is not a user name: letters, digits and . _ + @ -"
            problems.error(user.place, message, "unsafe-text")


def _is_network(written: str) -> bool:
    try:
        ipaddress.ip_network(written)
    except ValueError:
        return False
    return True


def split(written: str) -> tuple[str, str | None]:
    """Host and port of `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT`."""
    if _is_network(written):
        return written, None
    host, colon, port = written.rpartition(":")
    if not colon or written.endswith("]"):
        return written.strip("[]"), None
    return host.strip("[]"), port


def _check_host(written: Text, problems: Problems) -> None:
    host, port = split(written)
    port_is_sound = port is None or (port.isdecimal() and 0 < int(port) < 65536)
    if not port_is_sound or not (_is_network(host) or _HOST.fullmatch(host)):
        message = f"“{written}” is not HOST or HOST:PORT such as sip.example.com:5060"
        problems.error(written.place, message, "bad-host")


def _warn_of_name(written: Text, problems: Problems) -> None:
    host, _ = split(written)
    if _HOST.fullmatch(host) and not _is_network(host):
        message = f"“{host}” is looked up only when Asterisk loads it; write addresses"
        problems.warning(written.place, f"{message} in `accept_from`", "host-name")
