"""A number is forgotten: its calls stay in every figure, and nobody can tell whose they were.

It is taken out of the raw records themselves, so that calls made again do not know it either.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import replace

import phonenumbers
from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from reports.call import Call
from reports.records import Kind
from reports.refold import joined, refold
from reports.store import CallRow, RawRecord, alone, as_row, chunks, read_calls
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


def channels_naming(session: Session, number: str) -> list[str]:
    """The channels in whose records it stands, also where they were no calls: who dialled `*72`.

    Every record is looked at, which takes a while.
    """
    wanted = select(RawRecord.uniqueid).where(_holds(session, _national(number)[1])).distinct()
    return sorted(session.scalars(wanted))


def _holds(session: Session, digits: str) -> ColumnElement[bool]:
    sought = literal(digits.encode())
    if session.get_bind().dialect.name == "postgresql":
        return func.position(sought.op("IN")(RawRecord.record)) > 0
    return func.instr(RawRecord.record, sought) > 0


def _naming(number: str) -> ColumnElement[bool]:
    """Calls from and to it, and of others that were led on to it."""
    return or_(CallRow.party == number, CallRow.document.contains(number, autoescape=True))


def forget(session: Session, number: str, channels: Iterable[str] = ()) -> int:
    """Take it out of the records of all calls that name it, and of these channels; how many calls.

    Calls whose records were let go forget it themselves.
    """
    alone(session)
    written = forms(number)
    found = set(session.scalars(select(CallRow.id).where(_naming(number))))
    for some in chunks(sorted(found.union(channels))):
        whole = joined(session, set(some)) | set(some)
        for names in chunks(sorted(whole)):
            _blank(session, names, written)
        refold(session, some)
    for call in list(read_calls(session, select(CallRow.document).where(_naming(number)))):
        of_nobody = update(CallRow).where(CallRow.id == call.id)
        session.execute(of_nobody.values(as_row(without(call, written))))
    return len(found)


def without(call: Call, written: re.Pattern[str]) -> Call:
    """The call without the number, and without the name of who had it."""
    has_called = bool(written.search(call.from_number or ""))
    parts = (replace(part, name=written.sub(FORGOTTEN, part.name)) for part in call.segments)
    return replace(
        call,
        from_number=None if has_called else call.from_number,
        from_name="" if has_called else call.from_name,
        to=written.sub(FORGOTTEN, call.to),
        segments=tuple(parts),
    )


def _blank(session: Session, names: list[str], written: re.Pattern[str]) -> None:
    either = or_(RawRecord.uniqueid.in_(names), RawRecord.linkedid.in_(names))
    changed = []
    for raw in session.scalars(select(RawRecord).where(either)).all():
        blank = blanked(None if raw.is_damaged else Kind(raw.kind), raw.record, written)
        if blank != raw.record:
            place = {"file_id": raw.file_id, "position": raw.position}
            changed.append(place | {"record": blank})
    if changed:
        session.execute(update(RawRecord), changed)


def forms(number: str) -> re.Pattern[str]:
    """Every way in which an E.164 number may be written; a channel's id is none, nor is a time."""
    country, national = _national(number)
    begin = r"(?:(?<!\d)|(?<=\*72))"  # or behind the code that forwards to it
    prefix = rf"(?:(?:\+|00|810)?{country}|[08])?"
    return re.compile(rf"{begin}{prefix}{re.escape(national)}(?!\.?\d)")


def _national(number: str) -> tuple[str, str]:
    """The code of its country, and the rest."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", number.lstrip("+")
    return str(parsed.country_code), str(parsed.national_number)


def blanked(kind: Kind | None, record: bytes, written: re.Pattern[str]) -> bytes:
    """A record without the number, and without the name of who had it; None where it is damaged."""
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
