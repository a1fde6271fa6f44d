"""The letter that brings a scheduled report: key figures and a small chart in it, the file beside.

The chart is a table: mail programs show no drawings, and no pictures before they are asked to.
"""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from markupsafe import Markup, escape

from reports.paper.sheet import Sheet, Tile
from switchboard.letterhead import attach, domain_of, flatten, message_id_for, new_message
from switchboard.outbox import Letter

LARGEST_FILE_BYTES = 14_000_000  # a letter is a third larger, and most servers refuse 20 MB
TALL, SIGNS = 60, 30  # of the highest bar: pixels in HTML, signs in plain text
KINDS = {
    "pdf": "application/pdf",
    "html": "text/html",
    "csv": "text/csv",
    "json": "application/json",
    "table": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SUFFIXES = {"table": "txt"}


@dataclass(frozen=True)
class Enclosed:
    """A report as a file, and what is told of it in the letter."""

    sheet: Sheet
    form: str
    content: bytes


@dataclass(frozen=True)
class Address:
    """From whom to whom; `thing` is what the letter is about, for its Message-ID."""

    sender: str
    to: tuple[str, ...]
    thing: str


def report_letter(enclosed: Enclosed, address: Address, written_at: datetime) -> Letter:
    """Of one whose file no mail server would take the figures alone."""
    sheet = enclosed.sheet
    message_id = message_id_for(address.thing, domain_of(address.sender))
    subject = f"{sheet.house.name}: {sheet.title}, {sheet.period}"
    without = _message(sheet, address, subject, message_id, written_at, is_alone=True)
    bare = flatten(without)
    if len(enclosed.content) > LARGEST_FILE_BYTES:
        return Letter("report", message_id, address.sender, address.to, subject, bare)
    whole = _message(sheet, address, subject, message_id, written_at, is_alone=False)
    period = sheet.report.asked.period
    suffix = SUFFIXES.get(enclosed.form, enclosed.form)
    name = f"{sheet.report.name}-{period.begin:%Y-%m-%d}.{suffix}"
    attach(whole, enclosed.content, KINDS[enclosed.form], name)
    return Letter(
        "report", message_id, address.sender, address.to, subject, flatten(whole), smaller=bare
    )


def _message(
    sheet: Sheet,
    address: Address,
    subject: str,
    message_id: str,
    written_at: datetime,
    *,
    is_alone: bool,
) -> EmailMessage:
    message = new_message(address.sender, address.to, subject, message_id, written_at)
    note = sheet.words.say("too_large") if is_alone else ""
    message.set_content(_plain(sheet, note))
    message.add_alternative(str(_html(sheet, note)), subtype="html")
    return message


def _plain(sheet: Sheet, note: str) -> str:
    lines = [sheet.title, sheet.period]
    if sheet.compared_with:
        lines.append(sheet.words.say("compared", period=sheet.compared_with))
    lines += ["", *(tile.told for tile in sheet.tiles), ""]
    highest = max((point.balance.arrived for point in sheet.report.course), default=0)
    if highest:
        lines.append(sheet.words.report("calls"))
    for point in sheet.report.course if highest else ():
        count = point.balance.arrived
        lines.append(f"{point.label:>8} {'#' * round(SIGNS * count / highest)} {count}")
    lines += ["", *sheet.words.balance(sheet.report.balance)]
    return "\n".join([*lines, *(["", note] if note else []), ""])


_PAGE = Markup("""\
<div lang="{language}" style="font:15px/1.45 sans-serif;color:#1f2933;max-width:640px">
<p style="margin:0;color:{colour};font-weight:bold">{house}</p>
<h1 style="font-size:22px;margin:4px 0">{title}</h1>
<p style="margin:0;color:#5f6b78">{period}{compared}</p>
<table style="margin:14px 0;border-collapse:collapse">{tiles}</table>
{chart}
<p style="color:#5f6b78;font-size:13px">{balance}</p><p>{note}</p></div>
""")
_TILE = Markup(
    '<tr><td style="padding:3px 18px 3px 0;color:#5f6b78">{}</td><td style="font-weight:bold;'
    'text-align:right">{}</td><td style="padding-left:14px;color:{}">{}</td></tr>'
)
_BAR = Markup(
    '<td valign="bottom" align="center" title="{label}: {count}" style="padding:0 1px;'
    'font-size:9px;color:#5f6b78">{count}<div style="width:14px;height:{tall}px;'
    'background:{colour}"></div>{label}</td>'
)


def _html(sheet: Sheet, note: str) -> Markup:
    tiles = Markup("").join(_row(tile) for tile in sheet.tiles)
    words, earlier = sheet.words, sheet.compared_with
    balance = Markup("<br>").join(map(escape, words.balance(sheet.report.balance)))
    return _PAGE.format(
        language=words.language,
        colour=sheet.house.colour,
        house=sheet.house.name,
        title=sheet.title,
        period=sheet.period,
        compared=f"; {words.say('compared', period=earlier)}" if earlier else "",
        tiles=tiles,
        chart=_chart(sheet),
        balance=balance,
        note=note,
    )


def _row(tile: Tile) -> Markup:
    colour = {None: "#5f6b78", True: "#2c7a4b", False: "#b3452c"}[tile.met]
    more = "; ".join(filter(None, (tile.goal, tile.before)))
    return _TILE.format(tile.label, tile.value, colour, more)


def _chart(sheet: Sheet) -> Markup:
    """Calls over time; a bar of nothing has no height."""
    course, colour = sheet.report.course, sheet.house.colour
    highest = max((point.balance.arrived for point in course), default=0)
    if not highest:
        return Markup("")
    bars = Markup("").join(
        _BAR.format(
            label=point.label.partition(".")[0],
            count=point.balance.arrived,
            tall=round(TALL * point.balance.arrived / highest),
            colour=colour,
        )
        for point in course
    )
    title = Markup('<p style="margin:0;font-weight:bold">{}</p>').format(
        sheet.words.report("calls")
    )
    return Markup("{}<table cellspacing=0><tr>{}</tr></table>").format(title, bars)
