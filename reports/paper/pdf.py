"""A report as PDF: A4 across, streamed page by page, the same bytes for the same report."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, BinaryIO

from reportlab.lib.utils import ImageReader

from reports.paper.pages import BODY, FOOT, MARGIN, PAGE, SMALL, Pages, printing
from reports.paper.shapes import BAD, GOOD, GREY, INK, PALE, Bar, Chart, Line, Shape, Words
from reports.paper.sheet import Sheet, Tile, defined
from reports.paper.table import Table
from switchboard.paper.house import House
from switchboard.paper.pictures import logo_of
from switchboard.paper.tags import in_words

GAP, LARGE = 24.0, 18.0
HALF = (PAGE[0] - 2 * MARGIN - GAP) / 2  # the width of one of two columns
ROOM = PAGE[1] - 2 * MARGIN - FOOT - 60  # the most that can stand below a heading
Lines = tuple[str, list[str]]  # a word and how it is defined
LOGO = (120.0, 34.0)  # the most that one takes, in points


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


def _head(pages: Pages, sheet: Sheet) -> None:
    logo(pages, sheet.house)
    pages.mark(pages.words.say("key_figures"))
    title(pages, sheet.house, sheet.title, LARGE)
    pages.y -= 16
    pages.write(pages.left, pages.y, sheet.period, 10, GREY, role="P")
    for words in filter(
        None,
        (
            sheet.compared_with and pages.words.say("compared", period=sheet.compared_with),
            sheet.asked and pages.words.say("only", filters=sheet.asked),
        ),
    ):
        pages.y -= 12
        pages.write(pages.left, pages.y, words, 9, GREY, room=700, role="P")
    pages.y -= 10


def title(pages: Pages, house: House, words: str, size: float) -> None:
    """What the document is, below the name of the house."""
    y = pages.y - 8
    pages.write(pages.left, y, house.name, 9, house.colour, bold=True, room=600, role="P")
    pages.y -= 30
    pages.write(pages.left, pages.y, words, size, bold=True, room=620, role="H1")


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
        with pages.piece("P", in_words(tile.told, "ActualText")):
            pages.write(x + 10, pages.y + 40, tile.label, 8, GREY, room=width - 14)
            pages.write(x + 10, pages.y + 19, tile.value, 17, INK, bold=True, room=width - 14)
            if tile.goal and tile.before:  # both below the figure have no room
                after = x + 16 + pages.type.width(tile.value, 17, True)
                pages.write(after, pages.y + 19, tile.before, 7.5, GREY, room=x + width - after)
            shade, more = (colour, tile.goal) if tile.goal else (GREY, tile.before)
            pages.write(x + 10, pages.y + 7, more, 7.5, shade, room=width - 14)
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
            left = pages.left + at * (row[0].width + GAP)
            pages.write(left, pages.y - 9, chart.title, 9.5, INK, bold=True, role="H3")
            figure(pages, chart, left, pages.y)
        pages.y -= height


def figure(pages: Pages, chart: Chart, left: float, top: float) -> None:
    """A drawing and its legend; who cannot see it hears what it says."""
    edges = (left, top - chart.height, left + chart.width, top)
    box = "/A<</O/Layout/BBox[{:.0f} {:.0f} {:.0f} {:.0f}]>>".format(*edges)
    with pages.piece("Figure", in_words(chart.says or chart.title) + box):
        for shape in chart.shapes:
            _draw(pages, shape, left, top)
        x, y = left, top - chart.height - 9
        for words, colour in chart.legend.items():
            pages.fill(x, y, 6, 6, colour)
            pages.write(x + 9, y, words, 7.5, GREY)
            x += pages.type.width(words, 7.5) + 20


def _draw(pages: Pages, shape: Shape, left: float, top: float) -> None:
    """A shape of a drawing whose upper left corner is there."""
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
        points = [(left + x, top - y) for x, y in shape.points]
        pages.line(points, shape.colour, shape.width, shape.is_dashed)


def _table(pages: Pages, sheet: Sheet) -> None:
    pages.heading(sheet.words.say("table"), 60)
    Table(pages, sheet).print()


def _foot(pages: Pages, sheet: Sheet) -> None:
    """The balance, and the definitions on the same page: neither stands alone on a last one."""
    words, report = sheet.words, sheet.report
    told = defined(sheet)
    name = _widest(pages, told)
    half = [_laid(pages, part, name) for part in halves(told, lambda pair: len(pair[1]) + 60)]
    tall = 10.5 * max(sum(len(lines) for _, lines in part) for part in half)
    pages.heading(words.say("balance"), min(tall + 90, ROOM) if told else 40)
    for line in words.balance(report.balance):
        _paragraph(pages, line)
    if told:
        pages.heading(words.say("definitions"), min(tall, ROOM))
        with pages.tags.branch("L"):
            _defined(pages, half, name)
        pages.y -= tall


def _paragraph(pages: Pages, text: str) -> None:
    for line in pages.type.wrapped(text, BODY, pages.right - pages.left):
        pages.need(12)
        pages.write(pages.left, pages.y - 8, line, role="P")
        pages.y -= 12


def _widest(pages: Pages, told: Sequence[tuple[str, str]]) -> float:
    """The room for the words that are defined."""
    widest: float = max((pages.type.width(word, SMALL, True) for word, _ in told), default=0)
    return float(min(widest + 8, HALF / 3))


def _laid(pages: Pages, told: Sequence[tuple[str, str]], name: float) -> Sequence[Lines]:
    return [(word, list(pages.type.wrapped(text, SMALL, HALF - name))) for word, text in told]


def _defined(pages: Pages, half: Sequence[Sequence[Lines]], name: float) -> None:
    """In two columns: the left one is filled first."""
    for part, x in zip(half, (pages.left, pages.left + HALF + GAP), strict=True):
        y = pages.y
        for word, lines in part:
            with pages.tags.branch("LI"):
                pages.write(x, y - 7, word, SMALL, bold=True, room=name - 4, role="Lbl")
                with pages.piece("LBody", in_words(" ".join(lines), "ActualText")):
                    for line in lines:
                        pages.write(x + name, y - 7, line, SMALL, GREY)
                        y -= 10.5


def halves(blocks: Sequence[Any], tall: Callable[[Any], int]) -> tuple[list[Any], list[Any]]:
    """Two columns of about the same height, in their order."""
    left: list[Any] = []
    rest, whole = list(blocks), sum(map(tall, blocks))
    while rest and 2 * sum(map(tall, left)) < whole:
        left.append(rest.pop(0))
    return left, rest
