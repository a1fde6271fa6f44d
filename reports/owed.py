"""Who never got an answer: to be called back."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from reports.call import Direction, Outcome
from reports.hours import ABANDONED
from reports.report import Asked, Report
from reports.store import CallRow, Filters, Span, call_of

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


def owed_report(session: Session, asked: Asked, unheard: Collection[str]) -> Report:
    """One row for each number; `unheard` are the calls whose message or fax nobody has whole."""
    waiting: dict[str, list[tuple[int, str]]] = {}
    for party, began, call_id in _missed(session, asked.period.span, asked.filters, unheard):
        waiting.setdefault(party, []).append((began, call_id))
    rows = (_row(session, asked, number, waiting[number]) for number in sorted(waiting))
    return Report("owed", asked, COLUMNS, rows, None, DEFINITIONS, NARROW)


def _missed(
    session: Session, span: Span, filters: Filters, unheard: Collection[str]
) -> Iterator[Any]:
    """Number, time and id of each call that is owed one, by number and time."""
    later = aliased(CallRow)
    contact = exists().where(
        later.party == CallRow.party, later.began > CallRow.began, _is_contact(later, unheard)
    )
    wanted = select(CallRow.party, CallRow.began, CallRow.id).where(
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
    return iter(session.execute(wanted.order_by(CallRow.party, CallRow.began)))


def _is_contact(call: type[CallRow], unheard: Collection[str]) -> ColumnElement[bool]:
    kept = and_(call.outcome.in_(sorted(CONTACT)), call.id.not_in(unheard))
    return or_(call.spoke, kept)


def _row(
    session: Session, asked: Asked, number: str, missed: list[tuple[int, str]]
) -> dict[str, object]:
    last = call_of(session, missed[-1][1])
    assert last is not None  # noqa: S101 - found a moment ago, in the same transaction
    local = asked.period.local
    return {
        "number": number,
        "name": last.from_name,
        "times": len(missed),
        "first_at": local(missed[0][0]).isoformat(timespec="seconds"),
        "last_at": local(last.began).isoformat(timespec="seconds"),
        "to": last.to,
        "department": last.department,
        "outcome": last.outcome,
        "id": last.id,
    }
