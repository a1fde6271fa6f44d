"""A fax line, and what is known of a fax: who sent it, how it ended, how much of it there is.

`read_sidecar` is the one reader of `LINE-UNIQUEID.txt`, which the dialplan writes (`receive-fax`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from switchboard.noun import Noun
from switchboard.shapes import Texts
from switchboard.yamltext import Text

LATEST = 1 << 33  # seconds since 1970 that a date can have
SUCCESS = "SUCCESS"  # Asterisk's word in FAXOPT(status)
TOO_LONG = "took too long"  # the dialplan's word instead of Asterisk's: it was ended by us

_NUMBER = re.compile(r"\+?[0-9]{1,32}")


class FaxLine(Noun):
    """One line that answers as a fax machine."""

    email: Texts = ()
    station_id: Text = Field(default=Text(""), description="shown on the sender's display")
    language: Text | None = None
    max_minutes: Annotated[int, Field(ge=1, le=1440)] = 120
    cover: bool = Field(default=False, description="a page that says who sent it before the others")
    searchable: bool = Field(default=False, description="recognise the text on the pages")


class Status(StrEnum):
    """`PARTIAL`: it broke off after some pages; `DAMAGED`: confirmed pages are not there or cannot
    be shown; `FAILED`: no page came."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DAMAGED = "damaged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was known before the first page. `number` is None when it was withheld."""

    at: datetime
    linkedid: str
    dialled: str
    number: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How it went. `error` says in Asterisk's words what went wrong, empty where nothing did."""

    at: datetime
    status: str
    pages: int
    bits_per_second: int
    error: str
    station: str


@dataclass(frozen=True, slots=True)
class Sidecar:
    """None is what was not written: the end of a fax that was cut, both where the disk was full."""

    beginning: Beginning | None = None
    ending: Ending | None = None


def read_sidecar(content: bytes) -> Sidecar:
    """The first line of each kind; a line without its end is none. Raises nothing."""
    beginning = ending = None
    for line in content.split(b"\n")[:-1]:
        kind, _, rest = line.decode(errors="replace").partition("|")
        if kind == "call" and beginning is None:
            beginning = _beginning(rest.split("|", 4))
        elif kind == "end" and ending is None:
            ending = _ending(rest.split("|", 5))
    return Sidecar(beginning, ending)


def _beginning(fields: list[str]) -> Beginning | None:
    if len(fields) != 5:
        return None
    at, linkedid, dialled, number, name = fields
    known = number if _NUMBER.fullmatch(number) else None
    return Beginning(_moment(at), linkedid, dialled, known, name or None)


def _ending(fields: list[str]) -> Ending | None:
    if len(fields) != 6:
        return None
    at, status, pages, rate, error, station = fields
    return Ending(_moment(at), status, _whole(pages), _whole(rate), error, station.strip())


def _moment(written: str) -> datetime:
    return datetime.fromtimestamp(min(_whole(written), LATEST), UTC)


def _whole(written: str) -> int:
    return int(written) if re.fullmatch("[0-9]{1,10}", written) else 0


# what spandsp says of a call that went wrong -> the word of our letters, the first that is found
_CAUSES = {
    f"^{TOO_LONG}$": "too_long",
    r"TIFF|memory|FILE_ERROR": "not_kept",
    r"dropped prematurely|hangup|DCN": "hung_up",
    r"initial communication|first message|CED tone|T38|T\.38": "no_machine",
    r"train|carrier|EOL|first line|retries|ECM|HDLC|T2 |no response": "bad_line",
    r"bad response|invalid|unexpected|timed out|TIMEOUT": "bad_line",
    r"compatible|not able|cannot receive": "incompatible",
}


def cause_of(ending: Ending | None) -> str:
    """Why a fax is not whole, in the word under which letters say it in every language."""
    if ending is None:
        return "restarted"
    for pattern, cause in _CAUSES.items():
        if re.search(pattern, ending.error, re.IGNORECASE):
            return cause
    return "broke_off"


CAUSES = (*_CAUSES.values(), "restarted", "broke_off")


def status_of(ending: Ending | None, pages: int, *, is_whole: bool) -> Status:
    """`pages` can be shown; `is_whole` says that nothing was in the way of showing more."""
    confirmed = ending.pages if ending else 0
    if not is_whole or pages < confirmed:
        return Status.DAMAGED
    if pages == 0:
        return Status.FAILED
    return Status.COMPLETE if ending and ending.status == SUCCESS else Status.PARTIAL
