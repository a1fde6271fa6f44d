"""A number is forgotten: its calls stay in every figure, and nobody can tell whose they were.

It is taken out of the raw records themselves, so that calls made again do not know it either.
"""

import csv
import io
import re

import phonenumbers
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from reports.records import Kind
from reports.refold import joined, refold
from reports.store import CallRow, RawRecord, alone, chunks
from switchboard.pbx.cdr import FIELDS as CDR
from switchboard.pbx.cel import FIELDS as CEL

FORGOTTEN = "forgotten"  # stands where a number was dialled
# who called: nobody any more; the name is the last field of both
_EMPTIED = {
    Kind.CEL: [CEL.index(name) for name in ("num", "ani", "rdnis", "name")],
    Kind.CDR: [CDR.index(name) for name in ("src", "clid")],
}


def calls_with(session: Session, number: str) -> list[str]:
    """The calls from and to a number outside, by their ids in order."""
    wanted = select(CallRow.id).where(CallRow.party == number)
    return list(session.scalars(wanted.order_by(CallRow.began, CallRow.id)))


def _naming(session: Session, number: str) -> list[str]:
    """Those, and calls of others that were led on to it."""
    names = CallRow.document.contains(number, autoescape=True)
    wanted = select(CallRow.id).where(or_(CallRow.party == number, names))
    return list(session.scalars(wanted.order_by(CallRow.began, CallRow.id)))


def forget(session: Session, number: str) -> int:
    """Take it out of the records of all calls that name it; how many these were."""
    alone(session)
    found = _naming(session, number)
    written = forms(number)
    for some in chunks(found):
        channels = joined(session, set(some)) | set(some)
        for names in chunks(sorted(channels)):
            _blank(session, names, written)
        refold(session, some)
    return len(found)


def _blank(session: Session, names: list[str], written: re.Pattern[str]) -> None:
    either = or_(RawRecord.uniqueid.in_(names), RawRecord.linkedid.in_(names))
    wanted = select(RawRecord.file_id, RawRecord.position, RawRecord.kind, RawRecord.record)
    changed = []
    for file_id, position, kind, record in session.execute(wanted.where(either)).all():
        blank = blanked(Kind(kind), record, written)
        if blank != record:
            changed.append({"file_id": file_id, "position": position, "record": blank})
    if changed:
        session.execute(update(RawRecord), changed)


def forms(number: str) -> re.Pattern[str]:
    """Every way in which an E.164 number may be written."""
    try:
        parsed = phonenumbers.parse(number)
        country, national = str(parsed.country_code), str(parsed.national_number)
    except phonenumbers.NumberParseException:
        country, national = "", number.lstrip("+")
    return re.compile(rf"(?<!\d)(?:(?:\+|00|810)?{country}|[08])?{re.escape(national)}(?!\d)")


def blanked(kind: Kind, record: bytes, written: re.Pattern[str]) -> bytes:
    """A record without the number, and without the name of who had it."""
    text = record.decode(errors="replace")
    if not written.search(text):
        return record
    if kind not in _EMPTIED:
        return written.sub(FORGOTTEN, text).encode()
    [fields] = csv.reader([text])
    blank = [written.sub(FORGOTTEN, field) for field in fields]
    for index in _EMPTIED[kind]:
        blank[index] = "" if FORGOTTEN in blank[index] or index == len(blank) - 1 else blank[index]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(blank)
    return out.getvalue().encode()
