"""What is written down of a fax: from what Asterisk left of it, and what could be made of that."""

from fax2pdf.fax import Status, cause_of, status_of
from fax2pdf.making import Made
from fax2pdf.pdf import Facts
from fax2pdf.spool import Found
from fax2pdf.store import LONGEST_ID, FaxRow
from switchboard.letterhead import plain


def row_of(found: Found) -> FaxRow:
    """What is known before anything was made of it."""
    beginning, ending = found.sidecar.beginning, found.sidecar.ending
    seconds = (ending.at - found.began_at).total_seconds() if ending else 0.0
    return FaxRow(
        id=found.id,
        line=found.line,
        spooled=found.name,
        uniqueid=found.uniqueid,
        linkedid=(beginning.linkedid if beginning else found.uniqueid)[:LONGEST_ID],
        caller_number=beginning.number if beginning else None,
        caller_name=plain(beginning.name) if beginning and beginning.name else None,
        station=plain(ending.station, 64) if ending else "",
        dialled=(beginning.dialled if beginning else "")[:LONGEST_ID],
        received_at=found.began_at,
        seconds=max(0.0, seconds),
        confirmed=ending.pages if ending else 0,
        bits_per_second=ending.bits_per_second if ending else 0,
        error=plain(ending.error) if ending else "",
        tiff_bytes=found.tiff[2] if found.tiff else 0,
        letters=0,
    )


def judge(row: FaxRow, found: Found, made: Made) -> None:
    """How much of it there is, and why not more."""
    row.pages = made.pages
    row.resolution = f"{made.dpi[0]}x{made.dpi[1]}" if made.dpi else ""
    status = status_of(found.sidecar.ending, made.pages, is_whole=not made.trouble)
    row.status = status.value
    row.cause = cause_of(found.sidecar.ending) if status in (Status.PARTIAL, Status.FAILED) else ""
    row.error = row.error or made.trouble


def facts_of(row: FaxRow) -> Facts:
    """What its PDF says of itself."""
    author = ", ".join(filter(None, (row.caller_name, row.caller_number, plain(row.station))))
    return Facts(f"Fax, {row.line}", author, row.received_at)
