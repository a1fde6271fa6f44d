"""One call as PDF: the drawing, and line by line what happened."""

from typing import BinaryIO

from reports.call import Call
from reports.listing import timeline
from reports.paper.pdf import Pages, draw, logo, printing
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
        pages.write(pages.left, pages.y - 8, house.name, 9, house.colour, bold=True, room=600)
        pages.y -= 30
        pages.write(pages.left, pages.y, title_of(call, words), 16, bold=True, room=640)
        pages.y -= 15
        pages.write(pages.left, pages.y, about(call, period, words), 10, GREY, room=740)
        pages.y -= 20
        _drawn(pages, call)
        _timeline(pages, call, period)
        pages.close()


def _drawn(pages: Pages, call: Call) -> None:
    chart = drawing(call, pages.words)
    pages.mark(chart.title)
    for shape in chart.shapes:
        draw(pages, shape, pages.left, pages.y)
    pages.y -= chart.height


def _timeline(pages: Pages, call: Call, period: Period) -> None:
    pages.heading(pages.words.say("happened"), 40)
    for began, lasted, what in timeline(call, period, pages.words):
        pages.need(14)
        pages.write(pages.left, pages.y - 10, began, 8.5, GREY)
        pages.write(pages.left + 110, pages.y - 10, lasted, 8.5, INK, anchor="end")
        indent = 10 if what.startswith(" ") else 0
        pages.write(pages.left + 126 + indent, pages.y - 10, what, 8.5, INK, room=600)
        pages.y -= 14
        pages.rule(pages.y, RULE, 0.3)
