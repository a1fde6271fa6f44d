"""Counts that add up: those of a day and of the next one are those of both.

A tally holds whole numbers by name, or tallies within; `add` adds number by number. So a report on
two years adds up what was counted of its months, and no figure differs from counting every call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reports.store import Span

Tally = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A stretch of time that is counted at once, on the center's clock.

    `wrapup_seconds` by department: how long its members rest after a call.
    """

    span: Span
    zone: ZoneInfo
    wrapup_seconds: Mapping[str, int] = field(default_factory=dict)

    def holds(self, at: int) -> bool:
        return self.span.holds(at)

    def local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, self.zone)


def within(tally: Tally, *names: str) -> Tally:
    """The tally inside of that name, made where there is none yet."""
    for name in names:
        tally = tally.setdefault(name, {})
    return tally


def bump(tally: Tally, name: str, by: int = 1) -> None:
    """One more, or so many."""
    tally[name] = tally.get(name, 0) + by


def add(into: Tally, more: Tally) -> Tally:
    """All of `more` on top; `more` stays as it is."""
    for name, value in more.items():
        if isinstance(value, dict):
            add(within(into, name), value)
        else:
            bump(into, name, value)
    return into


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    whole: Tally = {}
    for tally in tallies:
        add(whole, tally)
    return whole


def whole_seconds(milliseconds: int) -> str:
    """The name under which a time is counted: a second that has begun counts whole."""
    return str(-(-milliseconds // 1000))


def seconds(tally: Tally, name: str) -> float:
    """Milliseconds that were added up, in seconds."""
    return round(int(tally.get(name, 0)) / 1000, 1)


def mean(milliseconds: int, count: int) -> float | None:
    """In seconds with one decimal; None of nothing."""
    return round(milliseconds / count / 1000, 1) if count else None


def per_cent(part: int, whole: int) -> float | None:
    """With one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def nearest_rank(counts: Tally, percent: int) -> int | None:
    """The percentile by nearest rank of whole seconds and how often each was; None of nothing."""
    rank = -(-percent * sum(counts.values()) // 100)
    for value in sorted(map(int, counts)):
        rank -= counts[str(value)]
        if rank <= 0:
            return value
    return None


def at_most(counts: Tally, limit: int) -> int:
    """How many of them took no longer than so many seconds."""
    return sum(count for value, count in counts.items() if int(value) <= limit)
