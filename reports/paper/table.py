"""The table of a report on paper: headings again on each page, rows as they are read."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from itertools import chain, islice
from typing import TYPE_CHECKING

from reports.paper.shapes import GREY, INK, PALE, RULE
from reports.paper.sheet import Sheet
from reports.report import Row, cell, figures
from switchboard.paper.tags import HEAD_OF_COLUMN, in_words

if TYPE_CHECKING:
    from reports.paper.pages import Pages

SIZE, TALL, TALLER = 8.0, 14.0, 22.0  # of the letters; of a row, and of one with an earlier figure
GAP, WIDEST, MOST_ROOM = 9.0, 150.0, 40.0
WORDS = frozenset(  # columns of words; the others hold figures
    "department agent day hour menu version number mailbox fax name direction from to outcome id"
    " keys".split()
)
MEASURED = 500  # rows whose cells say how wide a column is; what is wider later is cut


class Table:
    """Columns as wide as their cells; words begin at the left, figures end at the right."""

    def __init__(self, pages: "Pages", sheet: Sheet) -> None:
        columns, report, words = sheet.columns, sheet.report, sheet.words
        self._pages, self._columns, self._report, self._words = pages, columns, report, words
        self._rows = iter(report.rows)
        self._first = list(islice(self._rows, MEASURED))
        self._numeric = {column: is_numeric(column) for column in columns}
        self._titles = {column: words.title(column, report.name) for column in columns}
        self._widths = self._measured()
        self._places = self._placed()

    def print(self) -> None:
        """All rows, and the total below a line."""
        pages = self._pages
        if not self._first:
            nothing = self._words.say("nothing")
            pages.write(pages.left, pages.y - 9, nothing, 9, GREY, role="P")
            pages.y -= 16
            return
        with pages.tags.branch("Table"):
            with pages.tags.branch("THead"), pages.tags.branch("TR"):
                self._head(is_read=True)
            with pages.tags.branch("TBody"):
                for number, row in enumerate(chain(self._first, self._rows)):
                    self._row(row, number % 2 == 1)
                if self._report.total is not None:
                    self._row(self._report.total, False, bold=True)

    def _measured(self) -> dict[str, float]:
        """As wide as needed, less where all together are wider than the page."""
        pages, rows = self._pages, [*self._first]
        if self._report.total is not None:
            rows.append(self._report.total)
        widths = {}
        for column in self._columns:
            bold = pages.type.width
            head = max(bold(part, 7.5, True) for part in self._titles[column].split(" ") or [""])
            cells = (bold(self._shown(row, column), SIZE, True) for row in rows)
            widths[column] = min(max(head, *cells, 16), WIDEST) if rows else head
        room = pages.right - pages.left - GAP * (len(widths) - 1)
        if sum(widths.values()) > room:
            most = _most([*widths.values()], room)
            return {column: min(width, most) for column, width in widths.items()}
        more = min((room - sum(widths.values())) / len(widths), MOST_ROOM)
        return {column: width + more for column, width in widths.items()}

    def _shown(self, row: Row, column: str) -> str:
        return self._words.cell(cell(row, column), column, self._report.name)

    def _placed(self) -> dict[str, tuple[float, str]]:
        """Where each column's text begins or ends."""
        x, found = self._pages.left, {}
        for column, width in self._widths.items():
            found[column] = (x + width, "end") if self._numeric[column] else (x, "start")
            x += width + GAP
        return found

    def _head(self, is_read: bool = False) -> None:
        """Read aloud where the table begins; on its other pages it is for the eye."""
        pages = self._pages
        lines = {
            column: list(pages.type.wrapped(self._titles[column], 7.5, self._widths[column] + 4))
            for column in self._columns
        }
        deep = max(map(len, lines.values()))
        for column, (x, anchor) in self._places.items():
            name = HEAD_OF_COLUMN + in_words(self._titles[column], "ActualText")
            with pages.piece("TH", name) if is_read else nullcontext():
                for at, words in enumerate(lines[column]):
                    y = pages.y - 9 * (deep - len(lines[column]) + at + 1)
                    pages.write(x, y, words, 7.5, GREY, bold=True, anchor=anchor)
        pages.y -= 9 * deep + 4
        pages.rule(pages.y, GREY, 0.8)

    def _row(self, row: Row, is_odd: bool, bold: bool = False) -> None:
        pages = self._pages
        previous = row.get("previous") or {}
        known = figures(previous) if isinstance(previous, Mapping) else {}
        tall = TALLER if known else TALL
        if pages.need(tall):
            pages.tags.close()
            self._head()
            pages.tags.open("TBody")  # one for each page: a branch is in memory while it is open
        if is_odd:
            width = pages.right - pages.left + 6
            pages.fill(pages.left - 3, pages.y - tall, width, tall, PALE)
        if bold:
            pages.rule(pages.y, GREY, 0.8)
        with pages.tags.branch("TR"):
            for column in self._places:
                now, before, told = self._shown(row, column), "", ""
                if column in known:
                    before = self._words.cell(cell(previous, column), column)
                    both = f"{now}; {self._words.say('before', value=before)}"
                    told = in_words(both, "ActualText")
                with pages.piece("TD", told):
                    self._cell(column, now, -10, SIZE, INK, bold)
                    if before:
                        self._cell(column, before, -18.5, 6.5, GREY)
        pages.y -= tall
        pages.rule(pages.y, RULE, 0.3)

    def _cell(
        self, column: str, words: str, y: float, size: float, colour: str, bold: bool = False
    ) -> None:
        (x, anchor), pages = self._places[column], self._pages
        room = self._widths[column] + 2
        pages.write(x, pages.y + y, words, size, colour, bold=bold, anchor=anchor, room=room)


def _most(widths: Sequence[float], room: float) -> float:
    """The width at which the widest are cut, so that all together have room: figures stay whole
    as long as names can give way."""
    for at, width in enumerate(sorted(widths)):
        share = room / (len(widths) - at)
        if width > share:
            return share
        room -= width
    return max(widths)


def is_numeric(column: str) -> bool:
    """Whether figures stand in it."""
    return column not in WORDS and not column.endswith("_at")
