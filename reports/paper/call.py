"""One call as PDF: the drawing, and line by line what happened."""

from typing import BinaryIO

from reports.call import Call
from reports.listing import timeline
from reports.paper.pages import Pages, printing
from reports.paper.pdf import figure, logo, title
from reports.paper.picture import about, drawing, title_of
from reports.paper.shapes import GREY, INK, RULE
from reports.period import Period
from reports.wording import wording_of
from switchboard.paper.house import House


def write_call(call: Call, period: Period, house: House, out: BinaryIO) -> None:
    """A page, more where a call has more to tell."""
    with printing():
        words = wording_of(house.language)
        name = words.say("call", id=call.id)
        pages = Pages(out, house, name, about(call, period, words)[:19])
        logo(pages, house)
        title(pages, house, title_of(call, words), 16)
        pages.y -= 15
        pages.write(pages.left, pages.y, about(call, period, words), 10, GREY, room=740, role="P")
        pages.y -= 20
        _drawn(pages, call)
        _timeline(pages, call, period)
        pages.close()


def _drawn(pages: Pages, call: Call) -> None:
    chart = drawing(call, pages.words)
    pages.mark(chart.title)
    figure(pages, chart, pages.left, pages.y)
    pages.y -= chart.height


def _timeline(pages: Pages, call: Call, period: Period) -> None:
    pages.heading(pages.words.say("happened"), 40)
    with pages.tags.branch("Table"):
        for line in timeline(call, period, pages.words):
            pages.need(14)
            with pages.tags.branch("TR"):
                _line(pages, *line)
            pages.y -= 14
            pages.rule(pages.y, RULE, 0.3)


def _line(pages: Pages, began: str, lasted: str, what: str) -> None:
    left, y = pages.left, pages.y - 10
    indent = 10 if what.startswith(" ") else 0
    pages.write(left, y, began, 8.5, GREY, role="TD")
    pages.write(left + 110, y, lasted, 8.5, INK, anchor="end", role="TD")
    pages.write(left + 126 + indent, y, what.strip(), 8.5, INK, room=600, role="TD")
