"""Opening hours: a week, holidays, single dates, and a switch that an agent dials.

Minutes are minutes of the local day, 0 to 1440. A span over midnight belongs to the day of its
begin.
"""

import re
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from switchboard.noun import Noun
from switchboard.problems import meant
from switchboard.section import Timezone
from switchboard.yamltext import Items, Table, Text

DAY = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")

Span = tuple[int, int]  # begin and end in minutes; end <= begin reaches into the next day
Spans = tuple[Span, ...]


def _minutes(hour: str, minute: str, whole: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > DAY:
        raise ValueError(f"“{whole}” is not a time of day")
    return minutes


def _span(written: str) -> Span:
    match = _SPAN.fullmatch(written)
    if not match:
        raise ValueError(f"“{written}” is not a span such as 09:00-18:00")
    begin, end = _minutes(match[1], match[2], written), _minutes(match[3], match[4], written)
    if begin in (DAY, end):
        raise ValueError(f"“{written}” holds no time; a whole day is 00:00-24:00")
    return begin, end


def _spans(written: Any) -> Spans:
    if isinstance(written, str):
        return () if written == "closed" else (_span(written),)
    if isinstance(written, Items):
        return tuple(_span(str(one)) for one in written)
    if isinstance(written, tuple):
        return written
    raise ValueError("a span such as 09:00-18:00, a list of them, or closed is expected here")


def weekdays(written: str) -> tuple[int, ...]:
    """The days that `mon`, `mon-fri` or `sat,mon` name, 0 is Monday; ValueError for other words."""
    days: list[int] = []
    for part in written.split(","):
        first, _, last = (word.strip().lower() for word in part.partition("-"))
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise ValueError(f"“{written}” is not a day such as mon, or days such as mon-fri")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    return tuple(days)


def _week(written: Any) -> Any:
    if not isinstance(written, Table):
        return written
    week: dict[int, Spans] = {}
    for days, spans in written.items():
        for day in weekdays(days):
            if day in week:
                raise ValueError(f"{WEEKDAYS[day]} stands here twice")
            week[day] = _spans(spans)
    return week


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"“{written}” is not a date such as 2026-12-31") from None


def _dates(written: Any) -> Any:
    """Ranges first and single days over them, so that the more exact word wins."""
    if not isinstance(written, Table):
        return written
    ranges: dict[date, Spans] = {}
    singles: dict[date, Spans] = {}
    for days, spans in written.items():
        first, is_range, last = days.partition("..")
        begin = _day(first)
        end = _day(last) if is_range else begin
        if end < begin or (end - begin).days > 3660:
            raise ValueError(f"“{days}” is not a range of dates such as 2027-05-02..2027-05-04")
        target = ranges if is_range else singles
        for step in range((end - begin).days + 1):
            target[begin + timedelta(days=step)] = _spans(spans)
    return ranges | singles


def _holiday_country(code: Text) -> Text:
    try:
        holidays.country_holidays(code)
    except NotImplementedError:
        known = holidays.list_supported_countries()
        raise ValueError(f"the holidays of “{code}” are not known{meant(code, known)}") from None
    return code


_WRITTEN_SPANS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_WRITTEN = WithJsonSchema({"type": "object", "additionalProperties": _WRITTEN_SPANS})


class Hours(Noun):
    """When something is open. Dates win over holidays, holidays over the week."""

    weekly: Annotated[dict[int, Spans], BeforeValidator(_week), _WRITTEN] = {}
    holidays: Annotated[Text, AfterValidator(_holiday_country)] | None = None
    dates: Annotated[dict[date, Spans], BeforeValidator(_dates), _WRITTEN] = {}
    timezone: Timezone | None = None
    switch: Text | None = None

    def spans_begun(self, day: date) -> Spans:
        """The spans that begin on a day."""
        if day in self.dates:
            return self.dates[day]
        if self.holidays is not None and is_holiday(self.holidays, day):
            return ()
        return self.weekly.get(day.weekday(), ())

    def open_minutes(self, day: date) -> Spans:
        """The spans in which a day is open, cut at its midnights, yesterday's end included."""
        yesterday = self.spans_begun(day - timedelta(days=1))
        today = self.spans_begun(day)
        spilled = [(0, end) for begin, end in yesterday if end <= begin and end > 0]
        begun = [(begin, DAY if end <= begin else end) for begin, end in today]
        return tuple(sorted(spilled + begun))

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether it is open at a moment, by the clock on the wall of its zone."""
        local = at.astimezone(ZoneInfo(self.timezone) if self.timezone else zone)
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.open_minutes(local.date()))

    def ordinary_minutes(self, weekday: int) -> Spans:
        """The open spans of a weekday in a week without holidays or dates (0 is Monday)."""
        week = Hours(weekly=self.weekly)
        monday = date(2001, 1, 1)
        return week.open_minutes(monday + timedelta(days=weekday))

    def exceptions(self, first: date, last: date) -> dict[date, Spans]:
        """The days from `first` to `last` on which it is not open as on every such weekday."""
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        ordinary = [self.ordinary_minutes(weekday) for weekday in range(7)]
        minutes = ((day, self.open_minutes(day)) for day in days)
        return {day: spans for day, spans in minutes if spans != ordinary[day.weekday()]}


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def is_holiday(country: str, day: date) -> bool:
    """Whether a day is a public holiday; moved days of coming years are the library's estimate."""
    return day in _holidays(country, day.year)
