"""What a reader sees of a report, whatever it is printed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports.compare import BEFORE, LISTS
from reports.paper.drawn import charts_of, goal_of
from reports.paper.shapes import Chart
from reports.paper.words import figures, shown, title
from reports.period import Period
from reports.report import Report, cell
from switchboard.paper.house import House

ABANDONED = "abandoned_in_menu abandoned_in_queue abandoned_ringing abandoned_in_voicemail".split()
TITLES = {"owed": "Callers who are owed a call", "outbound": "Calls to the outside"}
# the key figures of each report; the others show those of the balance
KEY = {
    "departments": "offered answered abandoned service_level.SL-4 asa_seconds longest_wait_seconds",
    "agents": "answered made talk_seconds occupancy ring_no_answer ring_refused",
    "hours": "arrived answered abandoned answered_per_cent",
    "numbers": "arrived answered abandoned answered_per_cent callers repeat_per_cent",
    "menus": "entered played chosen wrong silent left",
    "outbound": "made answered no_answer busy refused talk_seconds",
    "voicemail": "reached kept left_nothing",
    "fax": "reached received failed",
}
OF_THE_BALANCE = "arrived answered voicemail abandoned unexplained".split()


@dataclass(frozen=True)
class Tile:
    """A key figure; `goal` and `before` are sentences, `met` whether the goal is."""

    label: str
    value: str
    goal: str = ""
    met: bool | None = None
    before: str = ""


@dataclass(frozen=True)
class Sheet:
    """A report with everything that is shown of it; rows are read as they are printed."""

    house: House
    report: Report
    title: str
    period: str
    compared_with: str
    asked: str
    tiles: Sequence[Tile]
    charts: Sequence[Chart]
    columns: Sequence[str]


def sheet_of(report: Report, house: House) -> Sheet:
    """Rows of reports that are no lists are read at once."""
    asked = report.asked
    earlier = report.earlier
    return Sheet(
        house=house,
        report=report,
        title=TITLES.get(report.name, report.name.capitalize()),
        period=spelled(asked.period),
        compared_with=spelled(earlier.asked.period) if earlier else "",
        asked=", ".join(
            f"{name} {shown(value, name)}"
            for name, value in vars(asked.filters).items()
            if value is not None
        ),
        tiles=_tiles(report),
        charts=charts_of(report, house),
        columns=[column for column in report.columns if not column.startswith(f"{BEFORE}.")],
    )


def spelled(period: Period) -> str:
    """`1 to 30 November 2026`, with the hours where they are no whole days."""
    begin, last = period.begin, period.end - timedelta(microseconds=1)
    whole = begin.strftime("%H%M%S") == period.end.strftime("%H%M%S") == "000000"
    if not whole:
        return f"{_moment(begin)} to {_moment(period.end)} ({period.zone})"
    if begin.date() == last.date():
        return f"{begin:%A}, {_day(begin)} ({period.zone})"
    if (begin.year, begin.month) == (last.year, last.month):
        return f"{begin.day} to {_day(last)} ({period.zone})"
    return f"{_day(begin)} to {_day(last)} ({period.zone})"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment)} {moment:%H:%M}"


def key_figures(report: Report) -> Mapping[str, Any]:
    """The total of a report; the sums of its rows or the balance where it has none."""
    if report.total is not None:
        return report.total
    balance = report.balance
    if report.name in LISTS:
        return {
            "arrived": balance.arrived,
            "answered": balance.outcomes.get("answered", 0),
            "voicemail": balance.outcomes.get("voicemail", 0),
            "abandoned": sum(balance.outcomes.get(name, 0) for name in ABANDONED),
            "unexplained": len(balance.unexplained),
        }
    sums: dict[str, float] = {}
    for row in report.rows:
        for name, value in figures(row).items():
            sums[name] = sums.get(name, 0) + value
    return {name: sums.get(name, 0) for name in KEY[report.name].split()}


def _tiles(report: Report) -> list[Tile]:
    now = key_figures(report)
    before = key_figures(report.earlier) if report.earlier else {}
    names = KEY[report.name].split() if report.name in KEY else OF_THE_BALANCE
    return [_tile(report, name, now, before) for name in names]


def _tile(report: Report, name: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> Tile:
    value = cell(now, name)
    goal = goal_of(report) if name == "service_level.SL-4" else None
    met = None if goal is None or value is None else value >= goal
    words = "" if goal is None else f"goal {goal} %"
    earlier = f"before: {shown(cell(before, name), name)}" if before else ""
    return Tile(title(name), shown(value, name), words, met, earlier)
