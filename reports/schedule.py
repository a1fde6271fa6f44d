"""When reports are due, and on which period: on the center's clock, whatever the clock does."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callrouter.hours import weekdays
from reports.section import ScheduledReport

MADE_UP = timedelta(days=7)  # what was missed for longer is not sent any more


def next_due(
    wanted: ScheduledReport, after: datetime, until: datetime, zone: ZoneInfo
) -> datetime | None:
    """The first time after one moment and not after another; None where there is none.

    A time that the clock leaps over is as much later, one that it shows twice is the first.
    """
    days, at = weekdays(wanted.days), time.fromisoformat(wanted.at)
    day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        due = datetime.combine(day, at, zone).astimezone(UTC)
        if day.weekday() in days and after < due <= until:
            return due
        day += timedelta(days=1)
    return None


def missed(
    wanted: ScheduledReport, last: datetime, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The earliest time since the last one at which a letter was due, and none was sent."""
    return next_due(wanted, max(last, now - MADE_UP), now, zone)


def dates_of(period: str, due: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """The first and the last date of `yesterday`, `last_week`, ... seen from a due time."""
    first, last = _DATES[period](due.astimezone(zone).date())
    return first.isoformat(), last.isoformat()


def _days(count: int) -> Callable[[date], tuple[date, date]]:
    return lambda day: (day - timedelta(days=count), day - timedelta(days=1))


def _last_week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday() + 7)
    return monday, monday + timedelta(days=6)


def _last_month(day: date) -> tuple[date, date]:
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


_DATES: Mapping[str, Callable[[date], tuple[date, date]]] = {
    "today": lambda day: (day, day),
    "yesterday": _days(1),
    "last_7_days": _days(7),
    "last_30_days": _days(30),
    "last_week": _last_week,
    "last_month": _last_month,
}
