"""Which charts each report has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reports.course import Point
from reports.hours import DAYS
from reports.paper.charts import Curve, Series, bars, columns, heat
from reports.paper.shapes import Chart
from reports.paper.words import said
from reports.report import Report
from switchboard.paper.house import House

MOST_BARS = 12  # the table has them all
BLUE, SKY, ORANGE, AMBER, GREY, DARK, VIOLET = (
    "#2f6fb0 #8fbbe3 #d9683a #e3b04b #a7b1bb #59636e #8064a2".split()
)
OUTCOMES = {
    "answered": BLUE,
    "forwarded": SKY,
    "voicemail": VIOLET,
    "fax": "#b9a6d6",
    "abandoned_in_menu": "#f0b08f",
    "abandoned_in_queue": ORANGE,
    "abandoned_ringing": "#e58a60",
    "abandoned_in_voicemail": "#f5cbb5",
    "closed": AMBER,
    "goodbye": "#ead29a",
    "rejected": GREY,
    "failed": "#8c2f1b",
    "cut_by_restart": DARK,
}
GROUPS = {  # of outcomes, for a chart in which thirteen colours could not be told apart
    "answered": (BLUE, ("answered", "forwarded")),
    "message or fax": (VIOLET, ("voicemail", "fax")),
    "abandoned": (
        ORANGE,
        (
            "abandoned_in_menu",
            "abandoned_in_queue",
            "abandoned_ringing",
            "abandoned_in_voicemail",
        ),
    ),
    "closed, goodbye, rejected": (AMBER, ("closed", "goodbye", "rejected")),
    "failed or cut": (DARK, ("failed", "cut_by_restart")),
}
VISITS = {"answered": BLUE, "picked_up": SKY, "flowed_out": AMBER, "abandoned": ORANGE, "cut": DARK}
PARTS: Mapping[str, Mapping[str, str]] = {  # of a row, by report
    "departments": VISITS,
    "numbers": {"answered": BLUE, "abandoned": ORANGE, "other": GREY},
    "menus": {"chosen": BLUE, "wrong": AMBER, "silent": GREY, "left": ORANGE},
    "outbound": {
        "answered": BLUE,
        "no_answer": AMBER,
        "busy": ORANGE,
        "refused": GREY,
        "failed": "#8c2f1b",
        "cut": DARK,
        "in_progress": SKY,
    },
    "voicemail": {"kept": BLUE, "left_nothing": ORANGE},
    "fax": {"received": BLUE, "failed": ORANGE},
}
HOURS = {
    "talk_seconds": BLUE,
    "hold_seconds": SKY,
    "wrapup_seconds": AMBER,
    "available_seconds": "#cfd6dd",
    "paused_seconds": ORANGE,
}


def charts_of(report: Report, house: House) -> Sequence[Chart]:
    """None of nothing: an empty period has empty tables, not empty charts."""
    if not report.balance.arrived and not report.balance.attempts:
        return ()
    return [chart for draw in DRAWN[report.name] if (chart := draw(report, house)) is not None]


def _calls(report: Report, _: House) -> Chart | None:
    points = report.course
    series = [
        Series(name, colour, [_sum(point.balance.outcomes, outcomes) for point in points])
        for name, (colour, outcomes) in GROUPS.items()
    ]
    return columns("Calls and how they ended", [point.label for point in points], series)


def _sum(counts: Mapping[str, int], names: Sequence[str]) -> int:
    return sum(counts.get(name, 0) for name in names)


def _visits(report: Report, _: House) -> Chart | None:
    points = report.course
    series = [
        Series(said(name), colour, [_count(point, name) for point in points])
        for name, colour in VISITS.items()
    ]
    levels = [(point.departments.get("service_level") or {}).get("SL-4") for point in points]
    curve = Curve("service level", levels, goal_of(report))
    title = "Visits to departments, and the service level (SL-4)"
    return columns(title, [point.label for point in points], series, curve)


def goal_of(report: Report) -> int | None:
    """The per cent promised, where the departments of a report promise the same."""
    asked = report.asked
    wanted = asked.filters.department
    goals = {promise.per_cent for name, promise in asked.promises.items() if wanted in (None, name)}
    return goals.pop() if len(goals) == 1 else None


def _count(point: Point, name: str) -> int:
    return int(point.departments.get(name) or 0)


def _outcomes(report: Report, _: House) -> Chart | None:
    found = report.balance.outcomes
    rows = [(said(name), {name: float(found[name])}) for name in OUTCOMES if found.get(name)]
    chart = bars("Outcomes of calls", sorted(rows, key=_longest), OUTCOMES) if rows else None
    return chart and Chart(chart.title, chart.width, chart.height, chart.shapes, chart.says)


def _parts(report: Report, title: str, key: Callable[[Mapping[str, Any]], str]) -> Chart | None:
    colours = PARTS[report.name]
    rows = [
        (key(row), {said(part): float(row.get(part) or 0) for part in colours})
        for row in report.rows
    ]
    rows = [row for row in sorted(rows, key=_longest) if sum(row[1].values())][:MOST_BARS]
    return (
        bars(title, rows, {said(name): colour for name, colour in colours.items()})
        if rows
        else None
    )


def _longest(row: tuple[str, Mapping[str, float]]) -> float:
    return -sum(row[1].values())


def _departments(report: Report, _: House) -> Chart | None:
    return _parts(report, "Visits by department", lambda row: row["department"])


def _menus(report: Report, _: House) -> Chart | None:
    return _parts(report, "What callers did when a menu was played", _menu)


def _menu(row: Mapping[str, Any]) -> str:
    return f"{row['menu']} ({row['version']})"


def _funnel(report: Report, _: House) -> Chart | None:
    """How many went into each menu, and how many of them hung up there."""
    rows = []
    for row in sorted(report.rows, key=lambda row: -row["entered"])[:MOST_BARS]:
        stayed = max(0, row["entered"] - row["left"])
        rows.append((_menu(row), {"went on": float(stayed), "hung up": float(row["left"])}))
    return bars("Callers who went on from each menu", rows, {"went on": BLUE, "hung up": ORANGE})


def _outbound(report: Report, _: House) -> Chart | None:
    return _parts(report, "Calls by extension", lambda row: row["agent"])


def _mailboxes(report: Report, _: House) -> Chart | None:
    return _parts(report, "Calls by mailbox", lambda row: row["mailbox"])


def _faxes(report: Report, _: House) -> Chart | None:
    return _parts(report, "Calls by fax line", lambda row: row["fax"])


def _numbers(report: Report, _: House) -> Chart | None:
    rows = []
    for row in report.rows:
        answered, abandoned = float(row["answered"]), float(row["abandoned"])
        other = max(0.0, row["arrived"] - answered - abandoned)
        rows.append((row["number"], {"answered": answered, "abandoned": abandoned, "other": other}))
    rows = sorted(rows, key=_longest)[:MOST_BARS]
    return bars("Calls by the number dialled", rows, PARTS["numbers"]) if rows else None


def _agents(report: Report, _: House) -> Chart | None:
    names = {name: said(name.removesuffix("_seconds")) for name in HOURS}
    rows = [
        (row["agent"], {word: round(row[name] / 3600, 2) for name, word in names.items()})
        for row in report.rows
    ]
    rows = [row for row in sorted(rows, key=_longest) if sum(row[1].values())][:MOST_BARS]
    colours = {names[name]: colour for name, colour in HOURS.items()}
    return bars("Hours of each extension", rows, colours, " h") if rows else None


def _week(report: Report, house: House) -> Chart | None:
    values = {(DAYS.index(row["day"]), row["hour"]): float(row["arrived"]) for row in report.rows}
    hours = [f"{hour:02}" for hour in range(24)]
    return heat("Arrivals by weekday and hour", DAYS, hours, values, house.colour)


DRAWN: Mapping[str, Sequence[Callable[[Report, House], Chart | None]]] = {
    "calls": (_calls, _outcomes),
    "departments": (_visits, _departments),
    "agents": (_agents, _visits),
    "hours": (_week, _calls, _outcomes),
    "menus": (_funnel, _menus),
    "numbers": (_numbers, _calls),
    "outbound": (_outbound,),
    "voicemail": (_mailboxes, _calls),
    "fax": (_faxes, _calls),
    "owed": (_calls, _outcomes),
}
