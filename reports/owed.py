"""Who never got an answer: to be called back."""

from collections.abc import Iterable, Sequence

from reports.balance import Balance
from reports.call import Call, Direction, Outcome
from reports.hours import ABANDONED
from reports.period import Period
from reports.report import Report

COLUMNS = "number name times first_at last_at to department outcome id".split()
DEFINITIONS = {
    "owed": "callers who reached no person and left with nothing kept; the latest such call",
    "times": "such calls since the last contact; withheld numbers are left out",
    "cleared": "by the next contact with the number, also after the period: a person spoke in"
    " either direction, or a message or a fax was kept",
}
OWED = ABANDONED | {Outcome.CLOSED, Outcome.GOODBYE, Outcome.FAILED, Outcome.CUT_BY_RESTART}
CONTACT = frozenset({Outcome.ANSWERED, Outcome.FORWARDED, Outcome.VOICEMAIL, Outcome.FAX})


def owed_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each number; `calls` go on after the period, until now, in their order."""
    span = period.span
    waiting: dict[str, list[Call]] = {}
    for call in calls:
        is_inbound = call.direction is Direction.INBOUND
        number = call.from_number if is_inbound else call.to
        if not number:
            continue
        if call.outcome in CONTACT or call.answered is not None:
            waiting.pop(number, None)
        elif is_inbound and call.outcome in OWED and span.begin <= call.began < span.end:
            waiting.setdefault(number, []).append(call)
    rows = [_row(number, missed, period) for number, missed in sorted(waiting.items())]
    return Report("owed", period, COLUMNS, rows, foot, None, DEFINITIONS)


def _row(number: str, missed: Sequence[Call], period: Period) -> dict[str, object]:
    last = missed[-1]
    return {
        "number": number,
        "name": last.from_name,
        "times": len(missed),
        "first_at": period.local(missed[0].began).isoformat(timespec="seconds"),
        "last_at": period.local(last.began).isoformat(timespec="seconds"),
        "to": last.to,
        "department": last.department,
        "outcome": last.outcome,
        "id": last.id,
    }
