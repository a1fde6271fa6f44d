"""What callers left: messages by mailbox, faxes by line."""

from collections.abc import Iterable, Sequence
from typing import Any

from reports.balance import Balance
from reports.call import Call
from reports.departments import mean
from reports.period import Period
from reports.report import Report

VOICEMAIL_COLUMNS = "mailbox reached kept left_nothing seconds_mean".split()
VOICEMAIL_DEFINITIONS = {
    "reached": "calls that came to the mailbox, in the interval they began in",
    "kept": "a message was kept, of such a call",
    "left_nothing": "reached and no message was kept, whatever became of the call",
    "seconds_mean": "spent in the mailbox, greeting included",
}
FAX_COLUMNS = "fax reached received failed seconds_mean".split()
FAX_DEFINITIONS = {
    "reached": "calls that came to the fax line, in the interval they began in",
    "received": "at least one page arrived",
    "failed": "no page arrived",
    "seconds_mean": "spent on the fax line",
}


def voicemail_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each mailbox that a call came to."""
    rows = []
    for box, reached in _by_place("voicemail", calls).items():
        kept = sum(call.voicemail == box for call in reached)
        figures = {"reached": len(reached), "kept": kept, "left_nothing": len(reached) - kept}
        rows.append({"mailbox": box} | figures | _spent("voicemail", box, reached))
    return Report("voicemail", period, VOICEMAIL_COLUMNS, rows, foot, None, VOICEMAIL_DEFINITIONS)


def fax_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each fax line that a call came to."""
    rows = []
    for line, reached in _by_place("fax", calls).items():
        received = sum(call.fax == line for call in reached)
        figures = {"reached": len(reached), "received": received, "failed": len(reached) - received}
        rows.append({"fax": line} | figures | _spent("fax", line, reached))
    return Report("fax", period, FAX_COLUMNS, rows, foot, None, FAX_DEFINITIONS)


def _by_place(kind: str, calls: Iterable[Call]) -> dict[str, list[Call]]:
    """The calls that were at each place of a kind, by its name, in order of the names."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        for name in sorted({part.name for part in call.segments if part.kind == kind}):
            found.setdefault(name, []).append(call)
    return dict(sorted(found.items()))


def _spent(kind: str, name: str, calls: Sequence[Call]) -> dict[str, Any]:
    seconds = [
        sum(part.lasted for part in call.segments if (part.kind, part.name) == (kind, name)) / 1000
        for call in calls
    ]
    return {"seconds_mean": mean(seconds)}
