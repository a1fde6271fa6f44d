"""The file of call detail records as Asterisk writes it (`cdr_custom.conf.j2`), read here alone."""

from dataclasses import dataclass

from switchboard.pbx.quoted import fields_of

FIELDS = (
    "uniqueid linkedid sequence start answer end disposition amaflags channel dstchannel lastapp"
    " dcontext accountcode peeraccount dst src clid"
).split()


@dataclass(frozen=True, slots=True)
class CdrRow:
    """One leg of a call; times in seconds since 1970, `answered_at` 0 where nobody answered."""

    uniqueid: str
    linkedid: str
    sequence: int
    started_at: float
    answered_at: float
    ended_at: float
    disposition: str
    channel: str
    other_channel: str
    application: str


def read_row(record: bytes) -> CdrRow | None:
    """The row of a record, None when it is none."""
    values = fields_of(record, len(FIELDS))
    if values is None:
        return None
    named = dict(zip(FIELDS, values, strict=True))
    try:
        return CdrRow(
            uniqueid=named["uniqueid"],
            linkedid=named["linkedid"],
            sequence=int(named["sequence"]),
            started_at=float(named["start"]),
            answered_at=float(named["answer"]),
            ended_at=float(named["end"]),
            disposition=named["disposition"],
            channel=named["channel"],
            other_channel=named["dstchannel"],
            application=named["lastapp"],
        )
    except ValueError:
        return None
