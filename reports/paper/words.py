"""How columns are called and figures written where people read them."""

from collections.abc import Mapping
from typing import Any

from reports.report import plain
from switchboard.letterhead import plain as one_line
from switchboard.pbx.installation import NODE

PER_CENT = frozenset({"occupancy"} | {f"SL-{number}" for number in range(1, 7)})
# times that are added up over a period, in hours; all other seconds are waits and means
ADDED_UP = frozenset(
    f"{word}_seconds" for word in "signed_in paused talk hold wrapup available".split()
)
KEPT = "\u00a0"  # between a word and its unit no line ends
LONGEST = 200  # signs of a cell
_ABBREVIATED = {"asa": "ASA", "aht": "AHT"}


def title(column: str) -> str:
    """`service level SL-4 %` of `service_level.SL-4`, `talk` of `talk_seconds`."""
    name = column.rpartition(".")[2].removesuffix("_at")
    if name in PER_CENT:
        return f"{name.replace('SL-', 'service level SL-')}{KEPT}%"
    if name in ADDED_UP:
        return f"{name.removesuffix('_seconds').replace('_', ' ')}{KEPT}h"
    for suffix, unit in (("_seconds", "s"), ("_per_cent", "%")):
        if name.endswith(suffix):
            word = name.removesuffix(suffix)
            name = f"{_ABBREVIATED.get(word, word)}{KEPT}{unit}"
    return name.replace("_", " ")


def column_title(report: str, column: str) -> str:
    """As `title`; in a list of calls a time is that of one call, in seconds."""
    words = title(column)
    return f"{words[:-1]}s" if report == "calls" and column in ADDED_UP else words


def shown(value: Any, column: str, added_up: bool = True) -> str:
    """A cell as one line of text; `-` where nothing was counted."""
    if value is None or value == {} or value == "":
        return "-"
    if added_up and column in ADDED_UP:
        return hours(value)
    if isinstance(value, float):
        return f"{value:.1f}"
    text = one_line(str(plain(value)), LONGEST) or "-"
    if column.endswith("_at"):
        return text[:19].replace("T", " ")
    if column == "outcome":
        return said(text)
    return text.removeprefix(f"{NODE}-") if column == "id" else text


def hours(seconds: float) -> str:
    """`7:05:09`."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def said(outcome: str) -> str:
    """`abandoned in queue`."""
    return outcome.replace("_", " ")


def figures(row: Mapping[str, Any]) -> Mapping[str, float]:
    """Those of a row that are numbers, the ones within others too: `service_level.SL-4`."""
    found: dict[str, float] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            inner = figures(value)
            found |= {f"{name}.{key}": number for key, number in inner.items()}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
    return found
