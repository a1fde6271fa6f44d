"""Which charts each report has."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reports.compare import KEYS
from reports.course import Point
from reports.hours import DAYS
from reports.paper.charts import Curve, Series, bars, columns, heat
from reports.paper.funnel import funnel
from reports.paper.shapes import Chart
from reports.report import Report
from reports.wording import wording_of
from switchboard.paper.house import House

MOST_BARS, MOST_MENUS = 12, 8  # the table has them all
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
NUMBERS = {"answered": BLUE, "abandoned": ORANGE, "other": GREY}
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
    drawing = Drawing(report, house)
    return [chart for draw in DRAWN[report.name] for chart in draw(drawing)]


class Drawing:
    """The charts of one report, in the language of its house."""

    def __init__(self, report: Report, house: House) -> None:
        self.report, self.house = report, house
        self.words = wording_of(house.language)
        self.labels = [point.label for point in report.course]

    def calls(self) -> Iterator[Chart]:
        series = [
            Series(
                self.words.word("groups", name),
                colour,
                [_sum(point.balance.outcomes, outcomes) for point in self.report.course],
            )
            for name, (colour, outcomes) in GROUPS.items()
        ]
        yield columns(self._title("calls"), self.labels, series)

    def visits(self) -> Iterator[Chart]:
        points, say = self.report.course, self.words.say
        series = [
            Series(self.words.title(name), colour, [_count(point, name) for point in points])
            for name, colour in VISITS.items()
        ]
        levels = [(point.departments.get("service_level") or {}).get("SL-4") for point in points]
        goal = goal_of(self.report)
        name = say("right", "charts", name=self.words.word("groups", "service level"))
        curve = Curve(name, levels, goal, say("goal", "charts", per_cent=goal))
        yield columns(self._title("visits"), self.labels, series, curve)

    def outcomes(self) -> Iterator[Chart]:
        found, words = self.report.balance.outcomes, self.words
        known = {words.outcome(name): colour for name, colour in OUTCOMES.items()}
        rows = [
            (words.outcome(name), {words.outcome(name): float(found[name])})
            for name in OUTCOMES
            if found.get(name)
        ]
        if rows:  # each bar has its name beside it
            yield replace(
                bars(self._title("outcomes"), sorted(rows, key=_longest), known), legend={}
            )

    def parts(self) -> Iterator[Chart]:
        """How each row of the report divides."""
        name = self.report.name
        colours = {self.words.title(part): colour for part, colour in PARTS[name].items()}
        rows = [
            (
                str(row[KEYS[name][0]]),
                {self.words.title(part): float(row.get(part) or 0) for part in PARTS[name]},
            )
            for row in self.report.rows
        ]
        yield from self._bars(rows, colours)

    def _bars(
        self,
        rows: Iterable[tuple[str, Mapping[str, float]]],
        colours: Mapping[str, str],
        written: Callable[[float], str] = "{:g}".format,
    ) -> Iterator[Chart]:
        longest = sorted((row for row in rows if sum(row[1].values())), key=_longest)[:MOST_BARS]
        if longest:
            yield bars(self._title(self.report.name), longest, colours, written)

    def numbers(self) -> Iterator[Chart]:
        named = {name: self.words.word("groups", name) for name in NUMBERS}
        rows = []
        for row in self.report.rows:
            counts = {name: float(row.get(name) or 0) for name in ("answered", "abandoned")}
            counts["other"] = max(0.0, row["arrived"] - sum(counts.values()))
            rows.append((row["number"], {named[name]: count for name, count in counts.items()}))
        yield from self._bars(rows, {named[name]: colour for name, colour in NUMBERS.items()})

    def agents(self) -> Iterator[Chart]:
        names = {name: self.words.column(name.removesuffix("_seconds")) for name in HOURS}
        rows = [
            (row["agent"], {word: row[name] / 3600 for name, word in names.items()})
            for row in self.report.rows
        ]
        colours = {names[name]: colour for name, colour in HOURS.items()}

        def written(value: float) -> str:
            return self.words.say("hours", "charts", count=self.words.number(f"{value:.1f}"))

        yield from self._bars(rows, colours, written)

    def menus(self) -> Iterator[Chart]:
        """A funnel for each menu that most callers heard."""
        rows = sorted(self.report.rows, key=lambda row: -row["entered"])[:MOST_MENUS]
        for row in rows:
            yield funnel(row, self.words)

    def week(self) -> Iterator[Chart]:
        rows, days = self.report.rows, [self.words.word("days", day) for day in DAYS]
        values = {(DAYS.index(row["day"]), row["hour"]): float(row["arrived"]) for row in rows}
        hours = [f"{hour:02}" for hour in range(24)]
        if values:
            yield heat(self._title("week"), days, hours, values, self.house.colour)

    def _title(self, chart: str) -> str:
        return self.words.word("charts", chart)


def goal_of(report: Report) -> int | None:
    """The per cent promised, where the departments of a report promise the same."""
    asked = report.asked
    wanted = asked.filters.department
    goals = {promise.per_cent for name, promise in asked.promises.items() if wanted in (None, name)}
    return goals.pop() if len(goals) == 1 else None


def _sum(counts: Mapping[str, int], names: Sequence[str]) -> int:
    return sum(counts.get(name, 0) for name in names)


def _count(point: Point, name: str) -> int:
    return int(point.departments.get(name) or 0)


def _longest(row: tuple[str, Mapping[str, float]]) -> float:
    return -sum(row[1].values())


DRAWN: Mapping[str, Sequence[Callable[[Drawing], Iterator[Chart]]]] = {
    "calls": (Drawing.calls, Drawing.outcomes),
    "departments": (Drawing.visits, Drawing.parts),
    "agents": (Drawing.agents, Drawing.visits),
    "hours": (Drawing.week, Drawing.calls, Drawing.outcomes),
    "menus": (Drawing.menus,),
    "numbers": (Drawing.numbers, Drawing.calls),
    "outbound": (Drawing.parts,),
    "voicemail": (Drawing.parts, Drawing.calls),
    "fax": (Drawing.parts, Drawing.calls),
    "owed": (Drawing.calls, Drawing.outcomes),
}
