"""Calls made to the outside, by the extension that made them."""

from typing import Any

from reports.call import Call, Direction, Outcome
from reports.report import Asked, Report
from reports.tally import Piece, Tally, bump, mean, seconds, total, within

COLUMNS = (
    "agent made answered busy no_answer refused failed cut in_progress talk_seconds"
    " talk_mean_seconds"
).split()
NARROW = "agent made answered busy no_answer refused failed talk_seconds".split()
DEFINITIONS = {
    "made": "calls to outside numbers, in the interval they began in = the sum of their outcomes",
    "answered": "the other side spoke",
    "busy": "the other side was",
    "no_answer": "the other side did not answer, or who called gave up",
    "refused": "not allowed, or no number",
    "failed": "no trunk could carry it",
    "cut": "ended by a restart of Asterisk; in_progress: not over yet",
    "talk_seconds": "of those answered, from the answer on, also by whom they were handed on to;"
    " hold is apart",
    "talk_mean_seconds": "talk / calls with talk",
}
_NAMES = {None: "in_progress", Outcome.CUT_BY_RESTART: "cut"}


def count_outbound(tally: Tally, call: Call, piece: Piece) -> None:
    """By extension."""
    if call.direction is Direction.OUTBOUND and piece.holds(call.began):
        own = within(tally, call.from_number or "")
        bump(own, "made")
        bump(own, _NAMES.get(call.outcome) or str(call.outcome))
        if call.talked:
            bump(own, "talks")
            bump(own, "talk", call.talked)


def outbound_report(asked: Asked, tally: Tally) -> Report:
    """One row for each extension that called outside."""
    wanted = asked.filters.agent
    names = [name for name in sorted(tally) if wanted in (None, name)]
    rows = [{"agent": name} | _counted(tally[name]) for name in names]
    last = {"agent": "total"} | _counted(total(tally[name] for name in names))
    return Report("outbound", asked, COLUMNS, rows, last, DEFINITIONS, NARROW)


def _counted(own: Tally) -> dict[str, Any]:
    words = ("made", "answered", "busy", "no_answer", "refused", "failed", "cut", "in_progress")
    return {word: own.get(word, 0) for word in words} | {
        "talk_seconds": seconds(own, "talk"),
        "talk_mean_seconds": mean(own.get("talk", 0), own.get("talks", 0)),
    }
