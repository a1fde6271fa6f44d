"""The file `queue_log` as Asterisk writes it, read here and only here."""

from dataclasses import dataclass

NOBODY = "NONE"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line. `at` in whole seconds since 1970; `uniqueid`, `queue`, `member` empty for NONE."""

    at: int
    uniqueid: str
    queue: str
    member: str
    event: str
    data: tuple[str, ...]


def read_row(line: bytes) -> QueueRow | None:
    """The row of a line, None when it is none."""
    at, *fields = line.decode(errors="replace").rstrip("\r\n").split("|")
    if len(fields) < 4 or not (at.isascii() and at.isdigit()):
        return None
    uniqueid, queue, member, event = ("" if field == NOBODY else field for field in fields[:4])
    return QueueRow(int(at), uniqueid, queue, member, event, tuple(fields[4:]))
