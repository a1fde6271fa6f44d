"""The pages of a document: A4 across, what is written on them and how it is read aloud."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import BinaryIO

from reportlab.lib.pagesizes import A4, landscape

from reports.paper.shapes import GREY, INK, RULE
from reports.wording import wording_of
from switchboard.paper.growing import GrowingCanvas
from switchboard.paper.house import House
from switchboard.paper.setting import Type
from switchboard.paper.tags import Tags

PAGE = landscape(A4)
MARGIN, FOOT = 36.0, 30.0
SMALL, BODY = 7.5, 8.5
COUNT = "pages"  # the form that shows how many there are
_ARTIFACT, _FOOT, _END = "/Artifact BMC", "/Artifact <</Type/Pagination>> BDC", "EMC"
_ALONE = threading.Lock()  # reportlab knows fonts by name, for the whole process


@lru_cache(maxsize=512)
def ink(colour: str) -> str:
    """The operator that fills with `#rrggbb`; in capitals it draws lines."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return " ".join(f"{part:.3f}" for part in parts) + " rg"


def printing() -> threading.Lock:
    """Held while a document is made: one after the other."""
    return _ALONE


class Pages:
    """The pages of a document, and where on the last one there is room: below `y`.

    What is drawn outside of a `piece` is not read aloud.
    """

    def __init__(self, out: BinaryIO, house: House, name: str, about: str) -> None:
        self.type, self.colour, self.words = Type(), house.colour, wording_of(house.language)
        self.canvas = GrowingCanvas(out, PAGE, self.type.first, self.words.language, COUNT)
        self.tags = Tags(self.canvas.document)
        self.left, self.right, self.bottom = MARGIN, PAGE[0] - MARGIN, MARGIN + FOOT
        self.y = PAGE[1] - MARGIN
        self._is_read = False
        self._number, self._running = 1, "  ·  ".join(filter(None, (house.name, name, about)))
        self.canvas.setTitle(f"{name}, {about}")
        self.canvas.setAuthor(house.name or "Switchboard")
        self.canvas.setSubject(about)
        self.canvas.setCreator("Switchboard")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.canvas.showOutline()

    @contextmanager
    def piece(self, role: str, more: str = "") -> Iterator[None]:
        """What is drawn meanwhile is read as one paragraph, heading, cell or figure."""
        self._code(self.tags.leaf(role, more))
        self._is_read = True
        yield
        self._is_read = False
        self._code(_END)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float = BODY,
        colour: str = INK,
        *,
        bold: bool = False,
        anchor: str = "start",
        room: float = 1000,
        role: str = "",
    ) -> None:
        """A line of text, cut where there is no room for it; a piece of its own with a role."""
        text = self.type.fitting(text, size, room, bold)
        if anchor != "start":
            width = self.type.width(text, size, bold)
            x -= width if anchor == "end" else width / 2
        self._begin(role)
        self._code(ink(colour))
        self.type.draw(self.canvas, x, y, text, size, bold)
        self._end_of(role)

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A rectangle whose lower left corner is there."""
        self._begin()
        self._code(f"{ink(colour)} {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")
        self._end_of()

    def rule(self, y: float, colour: str = RULE, width: float = 0.5) -> None:
        """A line from one margin to the other."""
        self.line(((self.left, y), (self.right, y)), colour, width)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        width: float,
        is_dashed: bool = False,
    ) -> None:
        """Through points, one after the other."""
        path = " l ".join(f"{x:.2f} {y:.2f}" for x, y in points).replace("l", "m", 1)
        dashes = "[3 2] 0 d" if is_dashed else "[] 0 d"
        self._begin()
        self._code(f"{ink(colour).upper()} {width:g} w {dashes} {path} l S")
        self._end_of()

    def _begin(self, role: str = "") -> None:
        if role:
            self._code(self.tags.leaf(role))
        elif not self._is_read:
            self._code(_ARTIFACT)

    def _end_of(self, role: str = "") -> None:
        if role or not self._is_read:
            self._code(_END)

    def _code(self, operator: str) -> None:
        self.canvas._code.append(operator)

    def need(self, height: float) -> bool:
        """A new page where that much does not fit on this one; whether there was one."""
        if self.y - height >= self.bottom:
            return False
        self._end()
        self._number += 1
        self.y = PAGE[1] - MARGIN
        return True

    def mark(self, words: str, level: int = 0) -> None:
        """A bookmark to this place."""
        key = f"{words} {self._number}"
        self.canvas.bookmarkHorizontal(key, 0, min(self.y + 14, PAGE[1]))
        self.canvas.addOutlineEntry(words, key, level)

    def heading(self, words: str, height: float) -> None:
        """A heading, on the page on which that much below it fits too."""
        self.need(height + 32)
        self.y -= 18
        self.mark(words)
        self.write(self.left, self.y, words, 11, self.colour, bold=True, role="H2")
        self.y -= 10

    def _end(self) -> None:
        y, number = MARGIN + 6, self.words.say("page", number=self._number)
        self._code(_FOOT)
        self._is_read = True
        self.rule(y + 10)
        self.write(self.left, y, self._running, SMALL, GREY, room=620)
        self.write(self.right - 19, y, number, SMALL, GREY, anchor="end")
        self.canvas.doForm(COUNT)  # known once the last page is made
        self._is_read = False
        self._code(_END)
        self.canvas.document.page_says = self.tags.end_page()
        self.canvas.showPage()

    def close(self) -> None:
        self._end()
        self.canvas.beginForm(COUNT, 0, 0, *PAGE)
        self._is_read = True  # the foot that shows it is none that is read
        self.write(self.right - 17, MARGIN + 6, str(self._number), SMALL, GREY)
        self.canvas.endForm()
        self.tags.finish()
        self.canvas.save()
