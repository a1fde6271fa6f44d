"""One report beside the same of another period."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from reports.period import Period, PeriodInvalid
from reports.report import Report, Row, cell

LISTS = frozenset({"calls"})  # their rows are calls, which have no counterpart
BEFORE = "previous"
# the columns that say what a row is about
KEYS: Mapping[str, tuple[str, ...]] = {
    "departments": ("department",),
    "agents": ("agent",),
    "hours": ("day", "hour"),
    "menus": ("menu", "version"),
    "numbers": ("number",),
    "outbound": ("agent",),
    "voicemail": ("mailbox",),
    "fax": ("fax",),
    "owed": ("number",),
}


def other_period(period: Period, wanted: str) -> Period:
    """`previous`, or `FROM..TO` as in a report. Raises PeriodInvalid.

    Before whole months come as many months, before anything else as many days of the calendar, so
    that a day is compared with a whole one when the clocks change.
    """
    if wanted != BEFORE:
        first, dots, last = wanted.partition("..")
        if not dots:
            raise PeriodInvalid(f"“{wanted}” is neither `previous` nor FROM..TO")
        return Period.of(first, last, period.zone)
    months = _months(period)
    if months:
        return Period(_earlier(period.begin, months), period.begin, period.zone)
    if _is_midnight(period.begin) and _is_midnight(period.end):
        return Period(_days_before(period.begin, period.days), period.begin, period.zone)
    lasted = timedelta(seconds=period.end.timestamp() - period.begin.timestamp())
    begin = datetime.fromtimestamp(period.begin.timestamp() - lasted.total_seconds(), period.zone)
    return Period(begin, period.begin, period.zone)


def _months(period: Period) -> int:
    """How many whole months it has, 0 where it is anything else."""
    edges = (period.begin, period.end)
    if not all(edge.day == 1 and _is_midnight(edge) for edge in edges):
        return 0
    return 12 * (period.end.year - period.begin.year) + period.end.month - period.begin.month


def _is_midnight(moment: datetime) -> bool:
    return moment.time() == time()


def _earlier(moment: datetime, months: int) -> datetime:
    number = 12 * moment.year + moment.month - 1 - months
    return moment.replace(year=number // 12, month=number % 12 + 1)


def _days_before(moment: datetime, days: int) -> datetime:
    return datetime.combine(moment.date() - timedelta(days=days), time(), moment.tzinfo)


def compared(now: Report, before: Report) -> Report:
    """Each row and the total with the figures of the same one before, below `previous`."""
    if now.name in LISTS:
        return replace(now, earlier=replace(before, rows=()))
    rows = list(before.rows)
    before = replace(before, rows=rows)
    words = KEYS[now.name]
    known = {_key(row, words): row for row in rows}
    figures = [column for column in now.columns if column not in words]
    total = now.total
    if total is not None and before.total is not None:
        total = {**total, BEFORE: _figures(before.total, words)}
    return replace(
        now,
        columns=[*now.columns, *(f"{BEFORE}.{column}" for column in figures)],
        rows=list(_paired(now, known, words)),
        total=total,
        earlier=before,
    )


def _paired(now: Report, known: Mapping[object, Row], words: tuple[str, ...]) -> Iterator[Row]:
    for row in now.rows:
        earlier = known.get(_key(row, words))
        yield {**row, BEFORE: None if earlier is None else _figures(earlier, words)}


def _key(row: Row, words: tuple[str, ...]) -> object:
    return tuple(cell(row, column) for column in words)


def _figures(row: Row, words: tuple[str, ...]) -> Row:
    return {name: value for name, value in row.items() if name not in words}
