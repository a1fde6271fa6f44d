"""What a reader sees of a report, whatever it is printed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.compare import BEFORE
from reports.paper.drawn import charts_of, goal_of
from reports.paper.shapes import Chart
from reports.report import Report, cell, figures
from reports.wording import Wording, wording_of
from switchboard.paper.house import House

ABANDONED = "abandoned_in_menu abandoned_in_queue abandoned_ringing abandoned_in_voicemail".split()
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
    "owed": "owed arrived answered voicemail abandoned unexplained",
}
OF_THE_BALANCE = "arrived answered voicemail abandoned unexplained".split()


@dataclass(frozen=True)
class Tile:
    """A key figure; `goal` and `before` are words, `met` whether the goal is."""

    label: str
    value: str
    goal: str = ""
    met: bool | None = None
    before: str = ""

    @property
    def told(self) -> str:
        """All of it in one line."""
        label = " ".join(self.label.split())
        more = "; ".join(filter(None, (self.goal, self.before)))
        return f"{label}: {self.value}" + (f" ({more})" if more else "")


@dataclass(frozen=True)
class Sheet:
    """A report with everything that is shown of it; rows are read as they are printed."""

    house: House
    words: Wording
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
    asked, earlier = report.asked, report.earlier
    words = wording_of(house.language)
    return Sheet(
        house=house,
        words=words,
        report=report,
        title=words.report(report.name),
        period=words.period(asked.period),
        compared_with=words.period(earlier.asked.period) if earlier else "",
        asked=", ".join(
            f"{words.title(name)} {words.cell(value, name)}"
            for name, value in vars(asked.filters).items()
            if value is not None
        ),
        tiles=_tiles(report, words),
        charts=charts_of(report, house),
        columns=[column for column in report.columns if not column.startswith(f"{BEFORE}.")],
    )


def key_figures(report: Report) -> Mapping[str, Any]:
    """The total of a report; the sums of its rows or the balance where it has none."""
    if report.total is not None:
        return report.total
    balance = report.balance
    if report.name in ("calls", "owed"):
        return {
            **report.headline,
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


def _tiles(report: Report, words: Wording) -> list[Tile]:
    now = key_figures(report)
    before = key_figures(report.earlier) if report.earlier else {}
    names = KEY[report.name].split() if report.name in KEY else OF_THE_BALANCE
    found = []
    for name in names:
        value = cell(now, name)
        goal = goal_of(report) if name == "service_level.SL-4" else None
        met = None if goal is None or value is None else value >= goal
        found.append(
            Tile(
                label=words.title(name),
                value=words.cell(value, name),
                goal="" if goal is None else _goal(words, goal, met),
                met=met,
                before=words.say("before", value=words.cell(cell(before, name), name))
                if before
                else "",
            )
        )
    return found


def _goal(words: Wording, per_cent: int, met: bool | None) -> str:
    goal = words.say("goal", per_cent=per_cent)
    return goal if met is None else words.say("goal_met" if met else "goal_missed", goal=goal)


def defined(sheet: Sheet) -> list[tuple[str, str]]:
    """What each figure is called, and how it is made."""
    report, words = sheet.report, sheet.words
    return [
        (words.title(word, report.name), words.definition(report.name, word, english))
        for word, english in report.definitions.items()
    ]
