"""What callers left: messages by mailbox, faxes by line."""

from collections.abc import Sequence
from typing import Any

from reports.call import Call
from reports.report import Asked, Report
from reports.tally import Piece, Tally, bump, mean, within

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


def count_left_behind(tally: Tally, call: Call, piece: Piece) -> None:
    """By kind (`voicemail`, `fax`) and name."""
    if not piece.holds(call.began):
        return
    for kind, kept in (("voicemail", call.voicemail), ("fax", call.fax)):
        spent: dict[str, int] = {}
        for part in call.segments:
            if part.kind == kind:
                spent[part.name] = spent.get(part.name, 0) + part.lasted
        for name, lasted in spent.items():
            own = within(tally, kind, name)
            bump(own, "reached")
            bump(own, "spent", lasted)
            if kept == name:
                bump(own, "kept")


def voicemail_report(asked: Asked, tally: Tally) -> Report:
    """One row for each mailbox that a call came to."""
    words = ("mailbox", "kept", "left_nothing")
    rows = [_row(words, name, own) for name, own in sorted(tally.get("voicemail", {}).items())]
    return Report("voicemail", asked, VOICEMAIL_COLUMNS, rows, None, VOICEMAIL_DEFINITIONS)


def fax_report(asked: Asked, tally: Tally) -> Report:
    """One row for each fax line that a call came to."""
    words = ("fax", "received", "failed")
    rows = [_row(words, name, own) for name, own in sorted(tally.get("fax", {}).items())]
    return Report("fax", asked, FAX_COLUMNS, rows, None, FAX_DEFINITIONS)


def _row(words: Sequence[str], name: str, own: Tally) -> dict[str, Any]:
    place, kept, nothing = words
    reached = own["reached"]
    return {
        place: name,
        "reached": reached,
        kept: own.get("kept", 0),
        nothing: reached - own.get("kept", 0),
        "seconds_mean": mean(own["spent"], reached),
    }
