"""Calls made to the outside, by the extension that made them."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any

from reports.balance import Balance
from reports.call import Call, Direction, Outcome
from reports.departments import mean
from reports.period import Period
from reports.report import Report

COLUMNS = "agent made answered busy no_answer refused failed talk_seconds talk_mean_seconds".split()
DEFINITIONS = {
    "made": "calls to outside numbers, in the interval they began in = the sum of their outcomes",
    "talk_seconds": "of those answered, from the answer on; hold is apart",
}


def outbound_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each extension that called outside."""
    made: dict[str, list[Call]] = {}
    for call in calls:
        if call.direction is Direction.OUTBOUND:
            made.setdefault(call.from_number or "", []).append(call)
    rows = [{"agent": agent} | _counted(made[agent]) for agent in sorted(made)]
    total = {"agent": "total"} | _counted(list(chain.from_iterable(made.values())))
    return Report("outbound", period, COLUMNS, rows, foot, total, DEFINITIONS)


def _counted(calls: list[Call]) -> dict[str, Any]:
    outcomes = Counter(call.outcome for call in calls)
    return {
        "made": len(calls),
        "answered": outcomes[Outcome.ANSWERED],
        "busy": outcomes[Outcome.BUSY],
        "no_answer": outcomes[Outcome.NO_ANSWER],
        "refused": outcomes[Outcome.REFUSED],
        "failed": outcomes[Outcome.FAILED],
        "cut": outcomes[Outcome.CUT_BY_RESTART],
        "in_progress": outcomes[None],
        "talk_seconds": round(sum(call.talked for call in calls) / 1000, 1),
        "talk_mean_seconds": mean([call.talked / 1000 for call in calls if call.talked]),
    }
