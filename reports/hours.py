"""When callers call: arrivals by weekday and hour of the center's clock."""

from typing import Any

from reports.call import Call, Direction, Outcome
from reports.report import Asked, Report
from reports.tally import Piece, Tally, bump, per_cent, total, within

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLUMNS = "day hour arrived answered abandoned answered_per_cent".split()
DEFINITIONS = {
    "arrived": "calls through a trunk, in the hour in which they began",
    "answered": "a person spoke, at any time of the call",
    "abandoned": "hung up in a menu, a queue, while a phone rang, or in a mailbox",
    "answered_per_cent": "answered / arrived",
}
ABANDONED = frozenset(
    {
        Outcome.ABANDONED_IN_MENU,
        Outcome.ABANDONED_IN_QUEUE,
        Outcome.ABANDONED_RINGING,
        Outcome.ABANDONED_IN_VOICEMAIL,
    }
)


def count_hours(tally: Tally, call: Call, piece: Piece) -> None:
    """By weekday and hour (`1 09` is Monday at nine, `0 09` Sunday)."""
    if call.direction is Direction.INBOUND and piece.holds(call.began):
        count_arrival(within(tally, piece.local(call.began).strftime("%w %H")), call)


def count_arrival(tally: Tally, call: Call) -> None:
    """That it arrived, and whether it was answered or abandoned."""
    bump(tally, "arrived")
    if call.outcome is Outcome.ANSWERED:
        bump(tally, "answered")
    elif call.outcome in ABANDONED:
        bump(tally, "abandoned")


def hours_report(asked: Asked, tally: Tally) -> Report:
    """One row for each weekday and hour in which somebody called."""
    rows = []
    for name in sorted(tally, key=lambda name: (int(name[0]) or 7, name)):
        day, hour = name.split()
        rows.append({"day": DAYS[int(day) - 1], "hour": int(hour)} | counted(tally[name]))
    last = {"day": "total", "hour": None} | counted(total(tally.values()))
    return Report("hours", asked, COLUMNS, rows, last, DEFINITIONS, COLUMNS)


def counted(own: Tally) -> dict[str, Any]:
    """How many there are, how many were answered and abandoned."""
    arrived, answered = own.get("arrived", 0), own.get("answered", 0)
    return {
        "arrived": arrived,
        "answered": answered,
        "abandoned": own.get("abandoned", 0),
        "answered_per_cent": per_cent(answered, arrived),
    }
