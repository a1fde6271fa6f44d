"""What callers dialled: arrivals by the number called; and who called again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session, aliased

from reports.call import Call, Direction, Outcome
from reports.hours import DEFINITIONS as ARRIVALS
from reports.hours import count_arrival, counted
from reports.report import Asked, Report
from reports.store import CallRow, Filters, Span
from reports.tally import Piece, Tally, bump, per_cent, total, within

COLUMNS = (
    "number arrived answered abandoned answered_per_cent transferred transfer_per_cent callers"
    " repeat_callers repeat_per_cent"
).split()
DEFINITIONS = ARRIVALS | {
    "transferred": "of those answered, handed on by an agent at least once",
    "transfer_per_cent": "transferred / answered",
    "callers": "different numbers that called; withheld ones are left out",
    "repeat_callers": "of those, who called in the period not later than 7 days after an earlier"
    " call, which may be before the period",
    "repeat_per_cent": "repeat_callers / callers",
}
AGAIN_WITHIN = 7 * 86_400_000  # milliseconds


@dataclass(frozen=True)
class Callers:
    """How many numbers called, and how many of them again."""

    all: int
    again: int


def count_numbers(tally: Tally, call: Call, piece: Piece) -> None:
    """By the number dialled."""
    if call.direction is Direction.INBOUND and piece.holds(call.began):
        own = within(tally, call.to)
        count_arrival(own, call)
        if call.transferred_by and call.outcome is Outcome.ANSWERED:
            bump(own, "transferred")


def numbers_report(asked: Asked, tally: Tally, callers: Callers) -> Report:
    """One row for each number that was called; who called again is told of all together."""
    rows = [{"number": number} | _counted(tally[number]) | _again(None) for number in sorted(tally)]
    last = {"number": "total"} | _counted(total(tally.values())) | _again(callers)
    return Report("numbers", asked, COLUMNS, rows, last, DEFINITIONS, COLUMNS[:5])


def _counted(own: Tally) -> dict[str, Any]:
    transferred = own.get("transferred", 0)
    share = per_cent(transferred, own.get("answered", 0))
    return counted(own) | {"transferred": transferred, "transfer_per_cent": share}


def _again(callers: Callers | None) -> dict[str, float | None]:
    if callers is None:
        return {"callers": None, "repeat_callers": None, "repeat_per_cent": None}
    return {
        "callers": callers.all,
        "repeat_callers": callers.again,
        "repeat_per_cent": per_cent(callers.again, callers.all),
    }


def callers_in(session: Session, span: Span, filters: Filters) -> Callers:
    """Who called in a period, and who of them had called within the 7 days before."""
    earlier = aliased(CallRow)
    again = exists().where(
        earlier.party == CallRow.party,
        earlier.direction == Direction.INBOUND,
        earlier.began < CallRow.began,
        earlier.began >= CallRow.began - AGAIN_WITHIN,
    )
    each = select(func.max(case((again, 1), else_=0)).label("again")).where(
        CallRow.direction == Direction.INBOUND,
        CallRow.party.is_not(None),
        CallRow.began >= span.begin,
        CallRow.began < span.end,
        *filters.conditions(),
    )
    one = each.group_by(CallRow.party).subquery()
    counted = select(func.count(), func.coalesce(func.sum(one.c.again), 0)).select_from(one)
    everybody, repeated = session.execute(counted).one()
    return Callers(everybody, repeated)
