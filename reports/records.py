"""The files that Asterisk (and `run`) write, and what each record of them is to be found by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from reports.channels import FROM_OUTSIDE
from reports.sessions import Told, told_by_event, told_by_queue
from switchboard.pbx import cdr, cel, queue_log
from switchboard.pbx.quoted import whole_records

MOST_BYTES = 64 << 10  # of one record; what is longer is damaged


class Kind(StrEnum):
    CDR = "cdr"
    CEL = "cel"
    QUEUE_LOG = "queue_log"
    STARTS = "starts"


class Keys(NamedTuple):
    """`at` in seconds since 1970; `is_arrival` marks the first event of a call from outside.

    `agent` is what the record tells of an agent's session, `event` a channel event itself.
    """

    at: float
    uniqueid: str = ""
    linkedid: str = ""
    is_arrival: bool = False
    agent: Told | None = None
    event: cel.CelRow | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One of the files followed: where it lies below the log directory, and how it is read."""

    path: str
    split: Callable[[bytes], list[bytes]]
    read: Callable[[bytes], Keys | None]
    kept: Callable[[bytes], bytes] = bytes  # what is kept of a record, as it is unless said


def _lines(data: bytes) -> list[bytes]:
    """The whole lines; half a last one waits."""
    return [part + b"\n" for part in data.split(b"\n")[:-1]]


def _cdr(record: bytes) -> Keys | None:
    row = cdr.read_row(record)
    return None if row is None else Keys(row.started_at, row.uniqueid, row.linkedid)


def _cel(record: bytes) -> Keys | None:
    row = cel.read_row(record)
    if row is None:
        return None
    is_first = row.event == "CHAN_START" and row.uniqueid == row.linkedid
    arrives = is_first and row.context == FROM_OUTSIDE
    return Keys(row.at, row.uniqueid, row.linkedid, arrives, told_by_event(row), row)


def _queue_log(line: bytes) -> Keys | None:
    row = queue_log.read_row(line)
    return None if row is None else Keys(float(row.at), row.uniqueid, agent=told_by_queue(row))


def read_start(line: bytes) -> float | None:
    """The moment of a mark that `run` writes before it starts Asterisk; in seconds since 1970."""
    try:
        return datetime.fromisoformat(line.decode().partition(",")[0]).timestamp()
    except (ValueError, OverflowError):
        return None


def _start(line: bytes) -> Keys | None:
    at = read_start(line)
    return None if at is None else Keys(at)


FILES = {
    Kind.STARTS: File("starts.csv", _lines, _start),
    Kind.CEL: File("cel-custom/cel.csv", whole_records, _cel, cel.without_secrets),
    Kind.CDR: File("cdr-custom/cdr.csv", whole_records, _cdr),
    Kind.QUEUE_LOG: File("queue_log", _lines, _queue_log),
}
