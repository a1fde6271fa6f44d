"""A page before those of a fax: whose machine took it, who sent it, when, how much of it came."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from switchboard.paper.house import House
from switchboard.paper.pictures import logo_of
from switchboard.paper.setting import Type

MARGIN, LOGO = 60.0, (150.0, 44.0)  # points
TOP, RIGHT = A4[1] - MARGIN, A4[0] - MARGIN
ROOM, LABELS = RIGHT - MARGIN, 190.0
INK, GREY, RULE, BAD = "#1b1b1b", "#666666", "#c8c8c8", "#b3261e"
SMALL, BODY, LARGE = 9.0, 11.0, 20.0
MOST_LINES = 4  # of one text


@dataclass(frozen=True)
class Cover:
    """What it says, in words that may be anybody's: `sent` by `caller`, each note a sentence."""

    house: House
    language: str
    sent: str
    caller: str
    notes: Sequence[str]
    is_whole: bool
    rows: Sequence[tuple[str, str]]
    foot: str

    def as_json(self) -> str:
        """For a child."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def of_json(cls, text: str) -> "Cover":
        """What `as_json` made."""
        told = json.loads(text)
        house = told.pop("house")
        logo = Path(house["logo"]) if house["logo"] else None
        return cls(house=House(**{**house, "logo": logo}), **told)


def draw_cover(cover: Cover, target: Path) -> None:
    """One page A4; the same bytes for the same cover."""
    with target.open("wb") as made:
        page = _Page(made, cover.language)
        page.logo(cover.house)
        page.write([cover.house.name], BODY, cover.house.colour, bold=True)
        page.down(64)
        page.write([cover.sent], BODY, GREY)
        page.down(10)
        page.write(page.lines(cover.caller, LARGE, ROOM), LARGE, INK, bold=True)
        page.down(14)
        for note in cover.notes:
            page.write(page.lines(note, BODY, ROOM), BODY, INK if cover.is_whole else BAD)
            page.down(4)
        page.down(16)
        for label, value in cover.rows:
            page.row(label, value)
        page.foot(cover.foot)
        page.canvas.showPage()
        page.canvas.save()


class _Page:
    """What stands on it ends at `y`."""

    def __init__(self, made: BinaryIO, language: str) -> None:
        self.y, self._type = TOP, Type()
        self.canvas = Canvas(made, A4, invariant=1, lang=language, initialFontName=self._type.first)

    def down(self, points: float) -> None:
        self.y -= points

    def lines(self, text: str, size: float, room: float) -> list[str]:
        """A text in as many lines as it may have."""
        # bold is wider, and is cut where it must be when it is written
        return list(self._type.wrapped(text, size, room))[:MOST_LINES]

    def write(
        self,
        lines: Sequence[str],
        size: float,
        colour: str,
        x: float = MARGIN,
        *,
        bold: bool = False,
    ) -> None:
        self.canvas.setFillColor(HexColor(colour))
        for line in lines:
            self.y -= 1.3 * size
            fitting = self._type.fitting(line, size, RIGHT - x, bold)
            self._type.draw(self.canvas, x, self.y, fitting, size, bold)

    def row(self, label: str, value: str) -> None:
        """A label and beside it its value, below a thin line."""
        self._rule(self.y)
        top = self.y = self.y - 4
        self.write(self.lines(label, BODY, LABELS - 12), BODY, GREY)
        below, self.y = self.y, top
        self.write(self.lines(value, BODY, ROOM - LABELS), BODY, INK, MARGIN + LABELS)
        self.y = min(self.y, below) - 7

    def foot(self, text: str) -> None:
        self._rule(MARGIN + 16)
        self.y = MARGIN + 1.3 * SMALL
        self.write([text], SMALL, GREY)

    def logo(self, house: House) -> None:
        """In the upper right corner."""
        content = logo_of(house.logo)
        if content is None:
            return
        picture = ImageReader(BytesIO(content))
        width, height = picture.getSize()
        scale = min(LOGO[0] / width, LOGO[1] / height)
        x, y = RIGHT - width * scale, TOP - height * scale
        self.canvas.drawImage(picture, x, y, width * scale, height * scale, mask="auto")

    def _rule(self, y: float) -> None:
        self.canvas.setStrokeColor(HexColor(RULE))
        self.canvas.setLineWidth(0.5)
        self.canvas.line(MARGIN, y, RIGHT, y)
