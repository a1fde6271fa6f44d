"""Who never got an answer: to be called back."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from reports.call import Direction, Outcome
from reports.hours import ABANDONED
from reports.report import Asked, Report
from reports.store import CallRow, Filters, Span

COLUMNS = "number name times first_at last_at to department outcome id".split()
NARROW = "id number times last_at outcome".split()
DEFINITIONS = {
    "owed": "callers who reached no person and left with nothing kept, whose message nobody has"
    " yet, or whose fax came in part; the latest such call",
    "times": "such calls since the last contact; withheld numbers are left out",
    "cleared": "by the next contact with the number, also after the period: a person spoke in"
    " either direction, or a message or a fax was kept",
}
OWED = ABANDONED | {Outcome.CLOSED, Outcome.GOODBYE, Outcome.FAILED, Outcome.CUT_BY_RESTART}
CONTACT = frozenset({Outcome.ANSWERED, Outcome.FORWARDED, Outcome.VOICEMAIL, Outcome.FAX})


def owed_report(
    session: Session, asked: Asked, unheard: Collection[str], *, is_counted: bool = False
) -> Report:
    """One row for each number; `unheard` are the calls whose message or fax nobody has whole.

    How many there are costs as much as to find them; it is counted for who reads it first.
    """
    wanted = _wanted(asked.period.span, asked.filters, unheard)
    missed = session.execute(wanted.order_by(CallRow.party, CallRow.began))
    rows = (_row(asked, list(own)) for _, own in groupby(missed, key=lambda call: call.party))
    made = Report("owed", asked, COLUMNS, rows, None, DEFINITIONS, NARROW)
    if not is_counted:
        return made
    callers = select(func.count(wanted.subquery().c.party.distinct()))
    return replace(made, headline={"owed": session.scalar(callers)})


def _wanted(span: Span, filters: Filters, unheard: Collection[str]) -> Select[*tuple[Any, ...]]:
    """The calls that are owed one."""
    later = aliased(CallRow)
    contact = exists().where(
        later.party == CallRow.party, later.began > CallRow.began, _is_contact(later, unheard)
    )
    return select(
        CallRow.party,
        CallRow.began,
        CallRow.id,
        CallRow.caller_name,
        CallRow.dialled,
        CallRow.department,
        CallRow.outcome,
    ).where(
        CallRow.direction == Direction.INBOUND,
        CallRow.party.is_not(None),
        CallRow.began >= span.begin,
        CallRow.began < span.end,
        or_(
            and_(CallRow.outcome.in_(sorted(OWED)), CallRow.spoke.is_(False)),
            CallRow.id.in_(unheard),
        ),
        ~contact,
        *filters.conditions(),
    )


def _is_contact(call: type[CallRow], unheard: Collection[str]) -> ColumnElement[bool]:
    kept = and_(call.outcome.in_(sorted(CONTACT)), call.id.not_in(unheard))
    return or_(call.spoke, kept)


def _row(asked: Asked, missed: Sequence[Any]) -> dict[str, object]:
    last, local = missed[-1], asked.period.local
    return {
        "number": last.party,
        "name": last.caller_name,
        "times": len(missed),
        "first_at": local(missed[0].began).isoformat(timespec="seconds"),
        "last_at": local(last.began).isoformat(timespec="seconds"),
        "to": last.dialled,
        "department": last.department,
        "outcome": last.outcome,
        "id": last.id,
    }
