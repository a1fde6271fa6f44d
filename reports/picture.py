"""One call as a picture (SVG): a lane for each party, time from left to right."""

from xml.sax.saxutils import escape

from reports.call import Call, RingResult
from reports.period import Period

WIDTH, MARGIN, NAMES, LANE, BAR = 960, 24, 110, 34, 22
TOP = 92
COLOURS = {
    "menu": "#8e6bbf",
    "announcement": "#b9a6d6",
    "queue": "#e0a030",
    "ring": "#e7c56c",
    "talk": "#3a9a5b",
    "hold": "#9cc9aa",
    "park": "#c9b458",
    "outside": "#2f7fb8",
    "voicemail": "#5b8def",
    "fax": "#777777",
}
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)  # seconds between two marks
CHARACTER = 6.2  # pixels of one, about


def picture(call: Call, period: Period) -> str:
    """The caller's lane with its segments, and one lane for each phone that rang or spoke."""
    drawing = _Drawing(call)
    lanes = [call.from_number or "withheld", *drawing.phones]
    height = TOP + LANE * len(lanes) + 46
    head = f"{call.from_number or 'withheld'} {call.from_name}".strip()
    when = period.local(call.began).strftime("%Y-%m-%d %H:%M:%S")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
            f"<title>{_text(f'Call {call.id}')}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _words(MARGIN, 30, f"{head} → {call.to}", 'font-size="16" font-weight="bold"'),
            _words(
                MARGIN, 50, f"{when}   {call.outcome or 'in progress'}   {call.id}", 'fill="#666"'
            ),
            *drawing.marks(height - 34),
            *(
                _words(MARGIN, TOP + LANE * lane + 16, _cut(name, NAMES - 8))
                for lane, name in enumerate(lanes)
            ),
            *drawing.segments(),
            *drawing.keys(),
            *drawing.rings(),
            "</svg>\n",
        ]
    )


class _Drawing:
    """Knows where a moment lies."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._began = call.began
        self._ended = max(call.segments[-1].ended, call.began + 1000)
        spoke = [name for name in call.agents if call.from_number != name]
        self.phones = list(dict.fromkeys([*(ring.agent for ring in call.rings), *spoke]))

    def _x(self, at: int) -> float:
        share = (at - self._began) / (self._ended - self._began)
        return round(MARGIN + NAMES + share * (WIDTH - 2 * MARGIN - NAMES), 1)

    def marks(self, bottom: int) -> list[str]:
        """Lines with the seconds since the call began."""
        lasted = (self._ended - self._began) / 1000
        step = next((step for step in STEPS if lasted / step <= 12), lasted / 12)
        found = []
        for number in range(int(lasted / step) + 1):
            x = self._x(self._began + round(number * step * 1000))
            found.append(f'<path d="M{x} {TOP - 14}V{bottom}" stroke="#ddd"/>')
            found.append(_words(x, bottom + 16, _clock(number * step), 'text-anchor="middle"'))
        return found

    def segments(self) -> list[str]:
        found = []
        for part in self._call.segments:
            label = f"{part.kind} {part.name}".strip()
            found += self._bar(0, part.began, part.ended, COLOURS[part.kind], label)
            for name in part.name.split(", ") if part.kind in ("talk", "hold") else ():
                if name in self.phones:
                    lane = 1 + self.phones.index(name)
                    found += self._bar(lane, part.began, part.ended, COLOURS[part.kind], part.kind)
        return found

    def rings(self) -> list[str]:
        found = []
        for ring in self._call.rings:
            lane, ended = 1 + self.phones.index(ring.agent), ring.began + ring.lasted
            missed = "#cc5544" if ring.result is RingResult.REFUSED else COLOURS["ring"]
            found += self._bar(lane, ring.began, ended, missed, f"rings: {ring.result}")
        return found

    def keys(self) -> list[str]:
        """What was pressed, where a menu ended."""
        menus = [part for part in self._call.segments if part.kind == "menu"]
        at = {part.name: part.began for part in reversed(menus)}
        found = []
        for step in self._call.path:
            began = at.get(step.menu, self._began)
            at[step.menu] = began + step.lasted
            if step.key:
                x = self._x(at[step.menu])
                place = f'text-anchor="middle" font-weight="bold" fill="{COLOURS["menu"]}"'
                found.append(_words(x, TOP - 4, step.key, place))
        return found

    def _bar(self, lane: int, began: int, ended: int, colour: str, label: str) -> list[str]:
        left, right = self._x(began), self._x(max(began, min(ended, self._ended)))
        width, top = max(2.0, round(right - left, 1)), TOP + LANE * lane
        seconds = f"{(ended - began) / 1000:.1f} s"
        title = f"<title>{_text(f'{label}, {seconds}')}</title>"
        shape = f'<rect x="{left}" y="{top}" width="{width}" height="{BAR}" rx="3" fill="{colour}">'
        shown = _cut(label, width - 8)
        text = [_words(left + 4, top + 15, shown, 'fill="#fff"')] if shown else []
        return [f"{shape}{title}</rect>", *text]


def _words(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{_text(words)}</text>'


def _text(words: str) -> str:
    """What a caller could have written, as text of a picture: no control characters, no tags."""
    return escape("".join(sign for sign in words if sign.isprintable()))


def _cut(words: str, width: float) -> str:
    most = int(width / CHARACTER)
    return words if len(words) <= most else words[: most - 1] + "…" if most > 2 else ""


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
