"""What charts are drawn of, in points from the upper left corner; for paper and for screens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

INK, GREY, RULE, PALE = "#1f2933", "#5f6b78", "#d5dae0", "#f3f5f7"
GOOD, BAD = "#2c7a4b", "#b3452c"


def readable_on(colour: str) -> str:
    """White where that can be read on `#rrggbb` (WCAG 2.1, 1.4.3: 4.5 to 1), else dark."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = linear
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (light + 0.05) >= 4.5 else INK


@dataclass(frozen=True)
class Bar:
    """A filled rectangle; `says` is what a pointer or a reading program is told of it."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    says: str = ""


@dataclass(frozen=True)
class Line:
    """Through points, one after the other."""

    points: Sequence[tuple[float, float]]
    colour: str
    width: float = 0.5
    is_dashed: bool = False


@dataclass(frozen=True)
class Words:
    """A text whose start, middle or end is at x, on the line y."""

    x: float
    y: float
    text: str
    size: float = 7
    colour: str = GREY
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    room: float = 400


Shape = Bar | Line | Words


@dataclass(frozen=True)
class Chart:
    """A drawing of that size, its title, and what it shows in words."""

    title: str
    width: float
    height: float
    shapes: Sequence[Shape]
    says: str = ""
    legend: Mapping[str, str] = field(default_factory=dict)  # words and their colours
