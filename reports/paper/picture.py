"""One call as a drawing: a lane for each party, time from left to right."""

from dataclasses import replace

from reports.call import Call, RingResult
from reports.paper.shapes import GREY, INK, RULE, Bar, Chart, Line, Shape, Words, readable_on
from reports.paper.svg import svg
from reports.period import Period
from reports.wording import ENGLISH, Wording

WIDTH, NAMES, LANE, BAR = 768.0, 92.0, 27.0, 18.0
TOP = 24.0
COLOURS = {
    "menu": "#7d59b0",
    "announcement": "#b9a6d6",
    "queue": "#e0a030",
    "ring": "#e7c56c",
    "talk": "#2c7a4b",
    "hold": "#9cc9aa",
    "park": "#c9b458",
    "outside": "#2a6fa3",
    "voicemail": "#5b8def",
    "fax": "#6b6b6b",
}
REFUSED = "#b3452c"
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)  # seconds between two marks
CHARACTER = 4.6  # points of one, about
MOST_SIGNS = 60  # of a name: one of ten thousand makes no picture larger


def picture(call: Call, period: Period, words: Wording = ENGLISH) -> str:
    """As SVG, with who called whom above it."""
    chart, top = drawing(call, words), 44.0
    head = [
        Words(0, 14, title_of(call, words), 13, INK, bold=True),
        Words(0, 30, about(call, period, words), 9, GREY),
    ]
    moved = [_lower(shape, top) for shape in chart.shapes]
    name = words.say("call", id=call.id)
    return svg(Chart(name, chart.width, chart.height + top, [*head, *moved]))


def title_of(call: Call, words: Wording) -> str:
    """Who called whom."""
    name = call.from_name[:MOST_SIGNS]
    return f"{call.from_number or words.say('withheld')} {name}".strip() + f" → {call.to}"


def about(call: Call, period: Period, words: Wording) -> str:
    """When it was, how it ended, and its id."""
    when = period.local(call.began).strftime("%Y-%m-%d %H:%M:%S")
    return f"{when}   {words.outcome(call.outcome)}   {call.id}"


def drawing(call: Call, words: Wording) -> Chart:
    """The caller's lane with its segments, and one lane for each phone that rang or spoke."""
    lanes = _Lanes(call, words)
    names = [call.from_number or words.say("withheld"), *lanes.phones]
    height = TOP + LANE * len(names) + 18
    shapes = [
        *lanes.marks(height - 14),
        *(
            Words(0, TOP + LANE * lane + 12, name[:MOST_SIGNS], 8, INK, room=NAMES - 6)
            for lane, name in enumerate(names)
        ),
        *lanes.segments(),
        *lanes.keys(),
        *lanes.rings(),
    ]
    return Chart(words.say("course"), WIDTH, height, shapes)


class _Lanes:
    """Knows where a moment lies."""

    def __init__(self, call: Call, words: Wording) -> None:
        self._call, self._words = call, words
        self._began = call.began
        self._ended = max(call.segments[-1].ended, call.began + 1000)
        spoke = [name for name in call.agents if call.from_number != name]
        self.phones = list(dict.fromkeys([*(ring.agent for ring in call.rings), *spoke]))

    def _x(self, at: int) -> float:
        share = (at - self._began) / (self._ended - self._began)
        return NAMES + share * (WIDTH - NAMES - 12)

    def marks(self, bottom: float) -> list[Shape]:
        """Lines with the seconds since the call began."""
        lasted = (self._ended - self._began) / 1000
        step = next((step for step in STEPS if lasted / step <= 12), lasted / 12)
        found: list[Shape] = []
        for number in range(int(lasted / step) + 1):
            x = self._x(self._began + round(number * step * 1000))
            found.append(Line(((x, TOP - 8), (x, bottom)), RULE))
            found.append(Words(x, bottom + 10, self._clock(number * step), 7.5, anchor="middle"))
        return found

    def segments(self) -> list[Shape]:
        found = []
        for part in self._call.segments:
            kind = self._words.word("kinds", part.kind)
            label = f"{kind} {part.name[:MOST_SIGNS]}".strip()
            found += self._bar(0, part.began, part.ended, COLOURS[part.kind], label)
            for name in part.name.split(", ") if part.kind in ("talk", "hold") else ():
                if name in self.phones:
                    lane = 1 + self.phones.index(name)
                    found += self._bar(lane, part.began, part.ended, COLOURS[part.kind], kind)
        return found

    def rings(self) -> list[Shape]:
        found = []
        for ring in self._call.rings:
            lane, ended = 1 + self.phones.index(ring.agent), ring.began + ring.lasted
            colour = REFUSED if ring.result is RingResult.REFUSED else COLOURS["ring"]
            result = self._words.word("results", ring.result)
            label = self._words.say("rings", result=result)
            found += self._bar(lane, ring.began, ended, colour, label)
        return found

    def keys(self) -> list[Shape]:
        """What was pressed, where a menu ended."""
        menus = [part for part in self._call.segments if part.kind == "menu"]
        at = {part.name: part.began for part in reversed(menus)}
        found: list[Shape] = []
        for step in self._call.path:
            began = at.get(step.menu, self._began)
            at[step.menu] = began + step.lasted
            if step.key:
                x, violet = self._x(at[step.menu]), COLOURS["menu"]
                found.append(Words(x, TOP - 10, step.key[:8], 9, violet, "middle", True))
        return found

    def _clock(self, seconds: float) -> str:
        if seconds < 60:
            return f"{self._words.number(f'{seconds:g}')} {self._words.word('units', 's')}"
        return f"{int(seconds) // 60}:{int(seconds) % 60:02}"

    def _bar(self, lane: int, began: int, ended: int, colour: str, label: str) -> list[Shape]:
        left, right = self._x(began), self._x(max(began, min(ended, self._ended)))
        width, top = max(1.6, right - left), TOP + LANE * lane
        says = f"{label}, {self._words.seconds((ended - began) / 1000)}"
        shown = _cut(label, width - 8)
        ink = readable_on(colour)
        words = [Words(left + 4, top + 12, shown, 8, ink, room=width - 4)] if shown else []
        return [Bar(left, top, width, BAR, colour, says), *words]


def _lower(shape: Shape, by: float) -> Shape:
    if isinstance(shape, Line):
        points = [(x, y + by) for x, y in shape.points]
        return Line(points, shape.colour, shape.width, shape.is_dashed)
    return replace(shape, y=shape.y + by)


def _cut(words: str, width: float) -> str:
    most = int(width / CHARACTER)
    return words if len(words) <= most else words[: most - 1] + "…" if most > 2 else ""
