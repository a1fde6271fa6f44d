"""The file of channel events as Asterisk writes it (`cel_custom.conf.j2`), read here and only here.

Every field stands in quotes, and a quote inside one is doubled. A line that does not begin with a
quote and a digit is therefore no row but the rest of a text that a caller broke over lines.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic_core import from_json

FIELDS = (
    "eventtime eventtype eventenum uniqueid linkedid channame context exten appname appdata peer"
    " accountcode userdeftype eventextra num ani rdnis dnid name"
).split()
BLOCK_BYTES = 1 << 20
MOST_BYTES = 256 << 20  # of a file's end; a call that began before is told without its way

_UNREAD = "peer accountcode ani rdnis dnid".split()

ASKED = "ask"  # the dialplan's one context in which menus ask
MOST_TIME_BYTES = 40  # at the beginning of a row

_PRESSED = re.compile(rb'(""digit"":"").("")', re.DOTALL)
_TIME, _PLAIN, _QUOTING = r"\d{1,11}\.\d{1,9}", r'[^"]*', r'[^"]*(?:""[^"]*)*'


def _record(other: str) -> re.Pattern[str]:
    """A record of these fields: a time, what Asterisk adds in JSON, and the others."""
    known = {"eventtime": _TIME, "eventextra": _QUOTING}
    read = {name: f"({known.get(name, other)})" for name in FIELDS if name not in _UNREAD}
    fields = ",".join(f'"{read.get(name, other)}"' for name in FIELDS)
    return re.compile(rf"{fields}[\r\n]*", re.ASCII)


_USUAL, _ANY = _record(_PLAIN), _record(_QUOTING)  # the first takes half the time


class CelRow(NamedTuple):
    """One event, in the order of the file; a tuple, because there are twenty of them to a call.

    `event` is the name of a user event, else the type (`CHAN_START`, ...).
    `text` is a user event's own text, else what Asterisk adds (JSON); `at` seconds since 1970.
    """

    at: float
    event: str
    uniqueid: str
    linkedid: str
    channel: str
    context: str
    extension: str
    application: str
    arguments: str
    detail: str  # of a stream `MOH_STREAM_BEGIN`, ...; else what `userdeftype` says
    text: str
    number: str
    name: str


_EXTRA = CelRow._fields.index("text") - 2  # of what follows time and event


def read_row(line: bytes) -> CelRow | None:
    """The row of a line, None when it is none."""
    text = line.decode(errors="replace")
    if found := _USUAL.fullmatch(text):
        at, event, kind, *rest = found.groups()
        rest[_EXTRA] = _undoubled(rest[_EXTRA])
    elif found := _ANY.fullmatch(text):
        at, event, kind, *rest = map(_undoubled, found.groups())
    else:
        return None
    if kind == "USER_DEFINED":
        rest[_EXTRA] = _own_text(rest[_EXTRA])
    return CelRow(float(at), event, *rest)


def _undoubled(value: str) -> str:
    return value.replace('""', '"')


def without_secrets(record: bytes) -> bytes:
    """The record, of the same length, in which no key can be read that no menu asked for.

    Asterisk notes every key that is pressed: a mailbox's PIN, a card's number said to an agent.
    """
    if b',"DTMF",' not in record[:MOST_TIME_BYTES]:
        return record
    row = read_row(record)
    return record if row and row.context == ASKED else _PRESSED.sub(rb"\1?\2", record)


def _own_text(extra: str) -> str:
    try:
        return str(from_json(extra)["extra"])
    except (ValueError, KeyError, TypeError):
        return ""


def rows_since(path: Path, since: float, containing: str) -> list[CelRow]:
    """The rows from `since` on whose line holds `containing`, in their order.

    Read from the end of the file, so it costs what has happened since then. Raises OSError.
    """
    wanted = containing.encode()
    found: list[CelRow] = []
    for line in _lines_backwards(path):
        is_wanted = wanted in line
        if not is_wanted and _time(line) >= since:
            continue
        row = read_row(line)
        if row is not None and row.at < since:
            break
        if row is not None and is_wanted:
            found.append(row)
    return found[::-1]


def _time(line: bytes) -> float:
    try:
        return float(line[1 : line.index(b'"', 1)])
    except ValueError:
        return float("inf")


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last first, without their ends."""
    with path.open("rb") as file:
        position = file.seek(0, 2)
        lowest = max(0, position - MOST_BYTES)
        rest = b""
        while position > lowest:
            start = max(lowest, position - BLOCK_BYTES)
            file.seek(start)
            first, *lines = (file.read(position - start) + rest).split(b"\n")
            yield from reversed(lines)
            position, rest = start, first
        if position == 0:
            yield rest
