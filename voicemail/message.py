"""A message: who left it, when, and how much of it is there.

`read_envelope` is the one reader of `msgNNNN.txt`, `read_wav` of the sound's header.
"""

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # as format_wav writes it: 44 bytes, then samples
LATEST = 1 << 33  # seconds since 1970 that a date can have
LONGEST = (1 << 32) - 1 - HEADER.size  # bytes of samples that a header can tell

_MSG_ID = re.compile(r"[0-9]{1,12}-[0-9a-f]{8}")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"\+?[0-9]{1,32}")
_NAMED = re.compile(r'"(?P<name>.*)" <(?P<number>[^<>]*)>')
NOBODY = "Unknown"  # Asterisk's word for a caller without number and name


class Status(StrEnum):
    """`PARTIAL`: the recording was cut by an end of Asterisk; `DAMAGED`: something is missing."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Caller:
    """`number` is E.164 where it could be, or an extension; None when withheld."""

    number: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the call can be found again, and what it dialled; empty where that is not known."""

    linkedid: str = ""
    uniqueid: str = ""
    dialled: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What Asterisk wrote beside a sound. `msg_id` stays when the message gets another number."""

    msg_id: str
    received_at: datetime
    caller: Caller
    trace: Trace


@dataclass(frozen=True, slots=True)
class Wav:
    """A sound by its header: how many bytes of samples it promises, and how many are there."""

    bytes_per_second: int
    promised_bytes: int
    there_bytes: int

    @property
    def seconds(self) -> float:
        return self.there_bytes / self.bytes_per_second

    @property
    def is_whole(self) -> bool:
        return self.promised_bytes == self.there_bytes > 0


def read_envelope(text: bytes) -> Envelope | None:
    """The envelope in a `msgNNNN.txt`; None while it is not whole (`duration` comes last)."""
    fields: dict[str, str] = {}
    _, _, body = text.decode(errors="replace").partition("\n[message]\n")
    for line in body.split("\n")[:-1]:
        key, _, value = line.partition("=")
        fields.setdefault(key, value)
    msg_id, seconds = fields.get("msg_id", ""), fields.get("origtime", "")
    is_whole = _WHOLE_NUMBER.fullmatch(fields.get("duration", ""))
    if not (is_whole and _MSG_ID.fullmatch(msg_id) and _WHOLE_NUMBER.fullmatch(seconds)):
        return None
    return Envelope(
        msg_id=msg_id,
        received_at=datetime.fromtimestamp(min(int(seconds), LATEST), UTC),
        caller=_caller(fields.get("callerid", NOBODY)),
        trace=_trace(fields.get("category", "")),
    )


def _caller(written: str) -> Caller:
    """`"NAME" <NUMBER>`, one of both alone, or Asterisk's word for nobody."""
    named = _NAMED.fullmatch(written)
    if named:
        return known_caller(named["number"], named["name"])
    if _NUMBER.fullmatch(written):
        return Caller(number=written)
    return known_caller("", "" if written == NOBODY else written)


def known_caller(number: str, name: str) -> Caller:
    """What is no number is left out; a name may be anything: whoever shows it makes it harmless."""
    return Caller(number if _NUMBER.fullmatch(number) else None, name or None)


def _trace(category: str) -> Trace:
    """What `leave-message` puts into VM_CATEGORY: LINKEDID UNIQUEID DIALLED."""
    linkedid, _, rest = category.partition(" ")
    uniqueid, _, dialled = rest.partition(" ")
    return Trace(linkedid, uniqueid, dialled)


def read_wav(head: bytes, size: int) -> Wav | None:
    """A WAV of `size` bytes by its first 44; None when it is not one that Asterisk writes."""
    if len(head) < HEADER.size:
        return None
    riff, _, wave, _, _, _, _, _, rate, align, _, data, promised = HEADER.unpack_from(head)
    if (riff, wave, data) != (b"RIFF", b"WAVE", b"data") or not rate or not align:
        return None
    there = size - HEADER.size
    return Wav(rate, promised, there - there % align)


def mended(head: bytes, wav: Wav) -> bytes:
    """The first 44 bytes with the length that is there instead of the one that was promised."""
    fields, told = list(HEADER.unpack_from(head)), min(wav.there_bytes, LONGEST)
    fields[1], fields[-1] = HEADER.size - 8 + told, told
    return HEADER.pack(*fields)
