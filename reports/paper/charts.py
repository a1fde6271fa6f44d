"""The kinds of charts. Each axis begins at 0; what a colour means stands in words beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reports.paper.shapes import (
    GREY,
    INK,
    PALE,
    RULE,
    Bar,
    Chart,
    Line,
    Shape,
    Words,
    readable_on,
)

STEPS = (1, 2, 5, 10, 20, 25, 50)
LEFT, RIGHT, TOP, BOTTOM = 34.0, 30.0, 22.0, 16.0  # margins around what is drawn
WIDTH, HEIGHT = 372.0, 150.0
ROW, NAMES = 15.0, 96.0


@dataclass(frozen=True)
class Series:
    """Figures of one colour, one for each label."""

    name: str
    colour: str
    values: Sequence[float]


@dataclass(frozen=True)
class Curve:
    """Per cent over the same labels; None of nothing. `goal` is what was promised, `goal_says` in
    words."""

    name: str
    values: Sequence[float | None]
    goal: float | None = None
    goal_says: str = ""


def columns(
    title: str, labels: Sequence[str], stacked: Sequence[Series], curve: Curve | None = None
) -> Chart:
    """Columns of several parts over time, and per cent as a line over them."""
    sums = [sum(parts) for parts in zip(*(one.values for one in stacked), strict=True)]
    top, step = _axis(max(sums, default=0))
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    each = width / max(len(labels), 1)
    shapes: list[Shape] = [*_grid(top, step, width, height)]
    for at, label in enumerate(labels):
        x, y = LEFT + at * each, TOP + height
        for one in stacked:
            tall = height * one.values[at] / top
            if tall:
                y -= tall
                says = f"{label}: {one.name} {one.values[at]:g}"
                shapes.append(Bar(x + each * 0.12, y, each * 0.76, tall, one.colour, says))
        if at % _every(len(labels)) == 0:
            shapes.append(Words(x + each / 2, HEIGHT - 5, label, 6.5, anchor="middle"))
    if curve is not None:
        shapes += _over(curve, each, width, height)
    legend = {one.name: one.colour for one in stacked if any(one.values)}
    if curve is not None and any(value is not None for value in curve.values):
        legend[curve.name] = INK
    return Chart(title, WIDTH, HEIGHT, shapes, _says(labels, sums), legend)


def _axis(highest: float) -> tuple[float, float]:
    """The end of an axis from 0, and the step between its marks; at most five of them."""
    scale = 1.0
    while True:
        for step in STEPS:
            if step * scale * 5 >= highest:
                marks = max(1, -(-highest // (step * scale)))
                return marks * step * scale, step * scale
        scale *= 100


def _grid(top: float, step: float, width: float, height: float) -> list[Shape]:
    found: list[Shape] = []
    for mark in range(round(top / step) + 1):
        y = TOP + height * (1 - mark * step / top)
        found.append(Line(((LEFT, y), (LEFT + width, y)), RULE if mark else GREY))
        found.append(Words(LEFT - 4, y + 2.4, f"{mark * step:g}", 6.5, anchor="end"))
    return found


def _every(count: int) -> int:
    """Each how-manieth label is written, so that they do not touch."""
    return -(-count // 16)


def _over(curve: Curve, each: float, width: float, height: float) -> list[Shape]:
    found: list[Shape] = []
    for mark in (0, 50, 100):
        y = TOP + height * (1 - mark / 100)
        found.append(Words(LEFT + width + 4, y + 2.4, f"{mark} %", 6.5))
    if curve.goal is not None:
        y = TOP + height * (1 - curve.goal / 100)
        found.append(Line(((LEFT, y), (LEFT + width, y)), INK, 0.6, True))
        found.append(Words(LEFT + width + 4, y + 2.4, curve.goal_says, 6, INK, room=27))
    part: list[tuple[float, float]] = []
    for at, value in enumerate([*curve.values, None]):
        if value is not None:
            part.append((LEFT + (at + 0.5) * each, TOP + height * (1 - value / 100)))
        elif part:
            found += [Line(tuple(part), "#ffffff", 3), Line(tuple(part), INK, 1.2)]
            found += [Bar(x - 1.3, y - 1.3, 2.6, 2.6, INK) for x, y in part]
            part = []
    return found


def _says(labels: Sequence[str], sums: Sequence[float]) -> str:
    return ", ".join(f"{label}: {value:g}" for label, value in zip(labels, sums, strict=True))


def bars(
    title: str,
    rows: Sequence[tuple[str, Mapping[str, float]]],
    colours: Mapping[str, str],
    written: Callable[[float], str] = "{:g}".format,
) -> Chart:
    """A bar of several parts for each row, in their order; `written` is how a sum is shown."""
    height = TOP + ROW * max(len(rows), 1) + 4
    width = WIDTH - NAMES - 44
    longest = max((sum(parts.values()) for _, parts in rows), default=0) or 1
    shapes: list[Shape] = []
    for at, (name, parts) in enumerate(rows):
        x, y = NAMES, TOP + at * ROW
        shapes.append(Words(NAMES - 5, y + 9, name, 7.5, INK, "end", room=NAMES - 8))
        shapes.append(Bar(NAMES, y + 2, width, ROW - 5, PALE))
        for part, value in parts.items():
            wide = width * value / longest
            if wide:
                shapes.append(
                    Bar(x, y + 2, wide, ROW - 5, colours[part], f"{name}: {part} {value:g}")
                )
                x += wide
        shapes.append(Words(x + 4, y + 9, written(sum(parts.values())), 7.5, INK, room=40))
    shapes.append(Line(((NAMES, TOP), (NAMES, height - 4)), GREY))
    used = {part for _, parts in rows for part, value in parts.items() if value}
    legend = {part: colours[part] for part in colours if part in used} if len(used) > 1 else {}
    says = ", ".join(f"{name}: {written(sum(parts.values()))}" for name, parts in rows)
    return Chart(title, WIDTH, height, shapes, says, legend)


def heat(
    title: str,
    rows: Sequence[str],
    labels: Sequence[str],
    values: Mapping[tuple[int, int], float],
    colour: str,
) -> Chart:
    """A field for each row and label, the darker the more; the figure stands in it."""
    top = max(values.values(), default=0) or 1
    width, each = (2 * WIDTH + 24 - 34) / len(labels), 15.0
    shapes: list[Shape] = []
    for down, row in enumerate(rows):
        y = TOP + down * each
        shapes.append(Words(28, y + 10, row, 7.5, INK, "end"))
        for right in range(len(labels)):
            value = values.get((down, right), 0)
            x, fill = 34 + right * width, mixed(colour, value / top)
            says = f"{row} {labels[right]}: {value:g}"
            shapes.append(Bar(x + 0.5, y + 0.5, width - 1, each - 1, fill, says))
            if value:
                ink = readable_on(fill)
                shapes.append(Words(x + width / 2, y + 10, f"{value:g}", 7, ink, "middle"))
    for right, label in enumerate(labels):
        shapes.append(Words(34 + (right + 0.5) * width, TOP - 4, label, 6.5, anchor="middle"))
    says = ", ".join(f"{rows[d]} {labels[r]}: {v:g}" for (d, r), v in sorted(values.items()))
    return Chart(title, 2 * WIDTH + 24, TOP + each * len(rows) + 4, shapes, says)


def mixed(colour: str, share: float) -> str:
    """White and so much of a colour; nothing of it is nearly white."""
    share = 0.04 + 0.96 * share if share else 0.03
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)
