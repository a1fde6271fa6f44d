"""A report as PDF: A4 across, streamed page by page, the same bytes for the same report."""

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, BinaryIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from reports.paper.shapes import BAD, GOOD, GREY, INK, PALE, RULE, Bar, Chart, Line, Shape, Words
from reports.paper.sheet import Sheet, Tile, defined
from reports.paper.table import Table
from reports.wording import wording_of
from switchboard.paper.house import House
from switchboard.paper.pictures import logo_of
from switchboard.paper.setting import Type

PAGE = landscape(A4)
MARGIN, FOOT, GAP = 36.0, 30.0, 24.0
SMALL, BODY, LARGE = 7.5, 8.5, 18.0
LOGO = (120.0, 34.0)  # the most that one takes, in points
_ALONE = threading.Lock()  # reportlab knows fonts by name, for the whole process


def write_pdf(sheet: Sheet, out: BinaryIO) -> None:
    """All of a report. Its rows are read as they are printed."""
    with printing():
        pages = Pages(out, sheet.house, sheet.title, sheet.period)
        _head(pages, sheet)
        _tiles(pages, sheet.tiles)
        _charts(pages, sheet.charts)
        _table(pages, sheet)
        _foot(pages, sheet)
        pages.close()


def printing() -> threading.Lock:
    """Held while a document is made: one after the other."""
    return _ALONE


ink = lru_cache(maxsize=512)(HexColor)


class Pages:
    """The pages of a document, and where on the last one there is room: below `y`."""

    def __init__(self, out: BinaryIO, house: House, name: str, about: str) -> None:
        self.type, self.colour, self.words = Type(), house.colour, wording_of(house.language)
        self.canvas = Canvas(
            out,
            PAGE,
            invariant=1,
            lang=self.words.language,
            pageCompression=1,
            initialFontName=self.type.first,
        )
        self.left, self.right, self.bottom = MARGIN, PAGE[0] - MARGIN, MARGIN + FOOT
        self.y = PAGE[1] - MARGIN
        self._number, self._running = 1, "  ·  ".join(filter(None, (house.name, name, about)))
        self.canvas.setTitle(f"{name}, {about}")
        self.canvas.setAuthor(house.name or "Switchboard")
        self.canvas.setSubject(about)
        self.canvas.setCreator("Switchboard")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.canvas.showOutline()

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
    ) -> None:
        """A line of text, cut where there is no room for it."""
        text = self.type.fitting(text, size, room, bold)
        if anchor != "start":
            width = self.type.width(text, size, bold)
            x -= width if anchor == "end" else width / 2
        self.canvas.setFillColor(ink(colour))
        self.type.draw(self.canvas, x, y, text, size, bold)

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A rectangle whose lower left corner is there."""
        self.canvas.setFillColor(ink(colour))
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def rule(self, y: float, colour: str = RULE, width: float = 0.5) -> None:
        self.canvas.setStrokeColor(ink(colour))
        self.canvas.setLineWidth(width)
        self.canvas.line(self.left, y, self.right, y)

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
        self.write(self.left, self.y, words, 11, self.colour, bold=True)
        self.y -= 10

    def _end(self) -> None:
        y = MARGIN + 6
        self.rule(y + 10)
        self.write(self.left, y, self._running, SMALL, GREY, room=620)
        self.write(
            self.right - 26,
            y,
            self.words.say("page", number=self._number),
            SMALL,
            GREY,
            anchor="end",
        )
        self.canvas.doForm("pages")  # known once the last page is made
        self.canvas.showPage()

    def close(self) -> None:
        self._end()
        self.canvas.beginForm("pages", 0, 0, *PAGE)
        self.write(self.right - 24, MARGIN + 6, str(self._number), SMALL, GREY)
        self.canvas.endForm()
        self.canvas.save()


def _head(pages: Pages, sheet: Sheet) -> None:
    logo(pages, sheet.house)
    pages.mark(pages.words.say("key_figures"))
    pages.write(
        pages.left, pages.y - 8, sheet.house.name, 9, sheet.house.colour, bold=True, room=600
    )
    pages.y -= 30
    pages.write(pages.left, pages.y, sheet.title, LARGE, bold=True, room=600)
    pages.y -= 16
    pages.write(pages.left, pages.y, sheet.period, 10, GREY)
    for words in filter(
        None,
        (
            sheet.compared_with and pages.words.say("compared", period=sheet.compared_with),
            sheet.asked and pages.words.say("only", filters=sheet.asked),
        ),
    ):
        pages.y -= 12
        pages.write(pages.left, pages.y, words, 9, GREY, room=700)
    pages.y -= 10


def logo(pages: Pages, house: House) -> None:
    """In the upper right corner."""
    content = logo_of(house.logo)
    if content is not None:
        picture = ImageReader(BytesIO(content))
        width, height = picture.getSize()
        scale = min(LOGO[0] / width, LOGO[1] / height)
        x, y = pages.right - width * scale, pages.y - height * scale
        pages.canvas.drawImage(picture, x, y, width * scale, height * scale, mask="auto")


def _tiles(pages: Pages, tiles: Sequence[Tile]) -> None:
    height, gap = 54.0, 8.0
    width = (pages.right - pages.left - gap * (len(tiles) - 1)) / len(tiles)
    pages.y -= height
    for at, tile in enumerate(tiles):
        x = pages.left + at * (width + gap)
        colour = {None: pages.colour, True: GOOD, False: BAD}[tile.met]
        pages.fill(x, pages.y, width, height, PALE)
        pages.fill(x, pages.y, 2.5, height, colour)
        pages.write(x + 10, pages.y + 40, tile.label, 8, GREY, room=width - 14)
        pages.write(x + 10, pages.y + 19, tile.value, 17, INK, bold=True, room=width - 14)
        after = x + 16 + pages.type.width(tile.value, 17, True)
        pages.write(after, pages.y + 19, tile.before, 7.5, GREY, room=x + width - after)
        pages.write(x + 10, pages.y + 7, tile.goal, 7.5, colour, room=width - 14)
    pages.y -= 14


def _charts(pages: Pages, charts: Sequence[Chart]) -> None:
    """Two side by side, a wide one alone."""
    if charts:
        pages.mark(pages.words.say("charts"))
    waiting = list(charts)
    while waiting:
        row = [waiting.pop(0)]
        if waiting and row[0].width + waiting[0].width + GAP <= pages.right - pages.left + 1:
            row.append(waiting.pop(0))
        height = max(chart.height for chart in row) + 16
        pages.need(height)
        for at, chart in enumerate(row):
            _chart(pages, chart, pages.left + at * (row[0].width + GAP), pages.y)
        pages.y -= height


def _chart(pages: Pages, chart: Chart, left: float, top: float) -> None:
    pages.write(left, top - 9, chart.title, 9.5, INK, bold=True)
    for shape in chart.shapes:
        draw(pages, shape, left, top)
    x, y = left, top - chart.height - 9
    for words, colour in chart.legend.items():
        pages.fill(x, y, 6, 6, colour)
        pages.write(x + 9, y, words, 7.5, GREY)
        x += pages.type.width(words, 7.5) + 20


def draw(pages: Pages, shape: Shape, left: float, top: float) -> None:
    """A shape of a drawing whose upper left corner is there."""
    canvas = pages.canvas
    if isinstance(shape, Words):
        pages.write(
            left + shape.x,
            top - shape.y,
            shape.text,
            shape.size,
            shape.colour,
            bold=shape.bold,
            anchor=shape.anchor,
            room=shape.room,
        )
    elif isinstance(shape, Bar):
        low = top - shape.y - shape.height
        pages.fill(left + shape.x, low, shape.width, shape.height, shape.colour)
    elif isinstance(shape, Line):
        canvas.setStrokeColor(ink(shape.colour))
        canvas.setLineWidth(shape.width)
        canvas.setDash([3, 2] if shape.is_dashed else [])
        path = canvas.beginPath()
        path.moveTo(left + shape.points[0][0], top - shape.points[0][1])
        for x, y in shape.points[1:]:
            path.lineTo(left + x, top - y)
        canvas.drawPath(path)
        canvas.setDash([])


def _table(pages: Pages, sheet: Sheet) -> None:
    pages.heading(sheet.words.say("table"), 60)
    Table(pages, sheet).print()


def _foot(pages: Pages, sheet: Sheet) -> None:
    words, report = sheet.words, sheet.report
    pages.heading(words.say("balance"), 40)
    for line in words.balance(report.balance):
        _paragraph(pages, line)
    if report.definitions:
        pages.heading(words.say("definitions"), 40)
        _defined(pages, defined(sheet))


def _paragraph(pages: Pages, text: str) -> None:
    for line in pages.type.wrapped(text, BODY, pages.right - pages.left):
        pages.need(12)
        pages.write(pages.left, pages.y - 8, line)
        pages.y -= 12


def _defined(pages: Pages, definitions: Sequence[tuple[str, str]]) -> None:
    """In two columns: the left one is filled first."""
    width = (pages.right - pages.left - GAP) / 2
    widest = max(pages.type.width(word, SMALL, True) for word, _ in definitions)
    name = min(widest + 8, width / 3)
    blocks = [
        (word, list(pages.type.wrapped(definition, SMALL, width - name)))
        for word, definition in definitions
    ]
    left, right = halves(blocks, lambda block: len(block[1]))
    tall = 10.5 * max(sum(len(lines) for _, lines in half) for half in (left, right))
    pages.need(min(tall, PAGE[1] - 2 * MARGIN - FOOT))
    top = pages.y
    for half, x in ((left, pages.left), (right, pages.left + width + GAP)):
        y = top
        for word, lines in half:
            pages.write(x, y - 7, word, SMALL, bold=True, room=name - 4)
            for line in lines:
                pages.write(x + name, y - 7, line, SMALL, GREY)
                y -= 10.5
    pages.y = top - tall


def halves(blocks: Sequence[Any], tall: Callable[[Any], int]) -> tuple[list[Any], list[Any]]:
    """Two columns of about the same height, in their order."""
    left: list[Any] = []
    rest, whole = list(blocks), sum(map(tall, blocks))
    while rest and 2 * sum(map(tall, left)) < whole:
        left.append(rest.pop(0))
    return left, rest
