"""The funnel of one menu: who came in, how far it was heard, which keys, who left or was led on."""

from collections.abc import Iterator, Mapping
from typing import Any

from reports.paper.shapes import GREY, INK, PALE, Bar, Chart, Line, Shape, Words
from reports.wording import Wording

WIDTH, NAMES, FIGURES, ROW, TOP, PAUSE = 372.0, 104.0, 78.0, 14.0, 14.0, 5.0
HEARD, PRESSED, LOST, IDLE, ENTERED = "#8fbbe3", "#2f6fb0", "#d9683a", "#a7b1bb", "#59636e"
SECONDS = (2, 5, 10, 20, 30, 60, 120)
MOST_MARKS, MOST_KEYS = 3, 6
WORTH = 0.02  # of the times played: a mark in time that fewer reached tells nothing

Step = tuple[str, int, str]  # what, how many, its colour


def funnel(row: Mapping[str, Any], words: Wording) -> Chart:
    """One bar for each step, all on the same scale: the times that the menu was played."""
    groups = [
        [(words.column("entered"), row["entered"], ENTERED)],
        [(words.column("played"), row["played"], HEARD), *_heard(row, words)],
        [*_keys(row, words)],
        [
            (words.column("wrong"), row["wrong"], IDLE),
            (words.column("silent"), row["silent"], IDLE),
            (words.column("otherwise"), row["otherwise"], LOST),
            (words.column("left"), row["left"], LOST),
        ],
    ]
    top = max(row["played"], row["entered"], 1)
    shapes: list[Shape] = []
    y = TOP
    for group in filter(None, groups):
        for step in group:
            shapes += _step(step, y, top, row["played"])
            y += ROW
        y += PAUSE
    shapes.append(Line(((NAMES, TOP - 2), (NAMES, y - PAUSE + 1)), GREY))
    said = ", ".join(f"{name}: {count}" for group in groups for name, count, _ in group)
    title = words.say("funnel", "charts", menu=row["menu"], version=row["version"])
    return Chart(title, WIDTH, y, shapes, said)


def _heard(row: Mapping[str, Any], words: Wording) -> Iterator[Step]:
    """How often it was heard that long, until there are hardly any."""
    lasted = {int(second): count for second, count in row["heard_at"].items()}
    marks = 0
    for seconds in SECONDS:
        count = sum(count for second, count in lasted.items() if second > seconds)
        if marks == MOST_MARKS or count <= WORTH * row["played"]:
            return
        if count < row["played"]:
            marks += 1
            yield words.say("heard", "charts", seconds=seconds), count, HEARD


def _keys(row: Mapping[str, Any], words: Wording) -> Iterator[Step]:
    """The keys pressed most, and the others together."""
    pressed = sorted(row["keys"].items(), key=lambda item: (-item[1], item[0]))
    if len(pressed) > MOST_KEYS:
        pressed, rest = pressed[: MOST_KEYS - 1], pressed[MOST_KEYS - 1 :]
    else:
        rest = []
    for key, count in pressed:
        yield words.say("key", key=key), count, PRESSED
    if rest:
        name = words.say("other_keys", "charts", count=len(rest))
        yield name, sum(count for _, count in rest), PRESSED


def _step(step: Step, y: float, top: int, played: int) -> Iterator[Shape]:
    name, count, colour = step
    room = WIDTH - NAMES - FIGURES
    share = f"{100 * count / played:.0f} %" if played else "-"
    wide = room * count / top
    yield Words(NAMES - 5, y + 9, name, 7.5, INK, "end", room=NAMES - 8)
    yield Bar(NAMES, y + 1.5, room, ROW - 4, PALE)
    if wide:
        yield Bar(NAMES, y + 1.5, wide, ROW - 4, colour, f"{name}: {count} ({share})")
    yield Words(WIDTH - 36, y + 9, str(count), 7.5, INK, "end", room=40)
    yield Words(WIDTH, y + 9, share, 7.5, GREY, "end", room=34)
