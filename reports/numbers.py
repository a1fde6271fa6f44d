"""What callers dialled: arrivals by the number called."""

from collections.abc import Iterable
from itertools import chain

from reports.balance import Balance
from reports.call import Call, Direction
from reports.hours import DEFINITIONS, counted
from reports.period import Period
from reports.report import Report

COLUMNS = "number arrived answered abandoned answered_per_cent".split()


def numbers_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each number that was called."""
    by_number: dict[str, list[Call]] = {}
    for call in calls:
        if call.direction is Direction.INBOUND:
            by_number.setdefault(call.to, []).append(call)
    rows = [{"number": number} | counted(by_number[number]) for number in sorted(by_number)]
    total = {"number": "total"} | counted(list(chain.from_iterable(by_number.values())))
    return Report("numbers", period, COLUMNS, rows, foot, total, DEFINITIONS)
