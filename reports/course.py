"""The course of a period: what happened hour by hour, day by day or month by month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from reports.balance import Balance
from reports.departments import departments_report
from reports.period import Period
from reports.report import Asked
from reports.store import ALL, Span
from reports.summary import Clockwork, days, tallied

HOURS_UP_TO, DAYS_UP_TO = 2, 62  # days of a period that is shown by the hour, by the day
HOUR = 3_600_000  # milliseconds


@dataclass(frozen=True)
class Point:
    """A piece of the period: its name, its calls by outcome, the figures of all departments."""

    label: str
    balance: Balance
    departments: Mapping[str, Any]


def course_of(
    session: Session, asked: Asked, clockwork: Clockwork, by_row: bool
) -> tuple[Point, ...]:
    """One point for each hour, day or month; filters `by_row` choose departments, not calls."""
    filters = ALL if by_row else asked.filters
    found = []
    for label, span in _pieces(asked.period):
        tallies = tallied(session, span, ("balance", "departments"), clockwork, filters)
        total = departments_report(asked, tallies["departments"], {}).total
        found.append(Point(label, Balance.of(tallies["balance"]), total or {}))
    return tuple(found)


def _pieces(period: Period) -> Iterator[tuple[str, Span]]:
    if period.days <= HOURS_UP_TO:
        yield from _hours(period)
    elif period.days <= DAYS_UP_TO:
        for span in days(period.span, period.zone):
            yield f"{period.local(span.begin):%d.%m}", span
    else:
        yield from _months(period)


def _hours(period: Period) -> Iterator[tuple[str, Span]]:
    """A day may have 23 or 25."""
    at = period.span.begin
    while at < period.span.end:
        end = min(at - at % HOUR + HOUR, period.span.end)
        yield f"{period.local(at):%H}", Span(at, end)
        at = end


def _months(period: Period) -> Iterator[tuple[str, Span]]:
    at = period.begin
    while at < period.end:
        following = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(_midnight(following), period.end)
        yield f"{at:%m.%Y}", replace(period, begin=at, end=end).span
        at = end


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
