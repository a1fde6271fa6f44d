"""When callers call: arrivals by weekday and hour of the center's clock."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from reports.balance import Balance
from reports.call import Call, Direction, Outcome
from reports.period import Period
from reports.report import Report
from reports.service_level import per_cent

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLUMNS = "day hour arrived answered abandoned answered_per_cent".split()
DEFINITIONS = {
    "arrived": "calls through a trunk, in the hour in which they began",
    "answered": "a person spoke, at any time of the call",
    "abandoned": "hung up in a menu, a queue, while a phone rang, or in a mailbox",
}
ABANDONED = frozenset(
    {
        Outcome.ABANDONED_IN_MENU,
        Outcome.ABANDONED_IN_QUEUE,
        Outcome.ABANDONED_RINGING,
        Outcome.ABANDONED_IN_VOICEMAIL,
    }
)


def hours_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each weekday and hour in which somebody called."""
    cells: dict[tuple[int, int], list[Call]] = {}
    for call in calls:
        if call.direction is Direction.INBOUND:
            began = period.local(call.began)
            cells.setdefault((began.weekday(), began.hour), []).append(call)
    rows = [
        {"day": DAYS[day], "hour": hour} | counted(cells[day, hour]) for day, hour in sorted(cells)
    ]
    total = {"day": "total", "hour": None} | counted(list(chain.from_iterable(cells.values())))
    return Report("hours", period, COLUMNS, rows, foot, total, DEFINITIONS)


def counted(calls: list[Call]) -> dict[str, Any]:
    """How many there are, how many were answered and abandoned."""
    answered = sum(call.outcome is Outcome.ANSWERED for call in calls)
    return {
        "arrived": len(calls),
        "answered": answered,
        "abandoned": sum(call.outcome in ABANDONED for call in calls),
        "answered_per_cent": per_cent(answered, len(calls)),
    }
