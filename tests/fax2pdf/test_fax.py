"""The sidecar that the dialplan writes, and what is concluded from it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fax2pdf.fax import (
    CAUSES,
    TOO_LONG,
    Beginning,
    Ending,
    Status,
    cause_of,
    read_sidecar,
    status_of,
)

CALL = b"call|1795316552|switchboard-1795316552.0|+74950000009|+79260000001|Anna\n"
END = b"end|1795316574|SUCCESS|2|14400||+7 926 000 00 01\n"
AT = datetime(2026, 11, 22, 3, 2, 32, tzinfo=UTC)


def ending(status: str = "SUCCESS", pages: int = 2, error: str = "") -> Ending:
    return Ending(AT, status, pages, 14400, error, "")


def test_a_sidecar_is_read_as_asterisk_wrote_it() -> None:
    told = read_sidecar(CALL + END)
    assert told.beginning == Beginning(
        AT, "switchboard-1795316552.0", "+74950000009", "+79260000001", "Anna"
    )
    assert told.ending
    assert (told.ending.status, told.ending.pages, told.ending.bits_per_second) == (
        "SUCCESS",
        2,
        14400,
    )
    assert told.ending.station == "+7 926 000 00 01"


@pytest.mark.parametrize("length", range(0, len(CALL + END)))
def test_a_sidecar_cut_anywhere_tells_the_lines_that_are_whole(length: int) -> None:
    told = read_sidecar((CALL + END)[:length])
    assert (told.beginning is not None) == (length >= len(CALL))
    assert told.ending is None


@pytest.mark.parametrize("name", ["|end|1|SUCCESS|9|1||x", "a|b", "\u2028end|1|SUCCESS|9|1||x", ""])
def test_a_hostile_name_stays_a_name(name: str) -> None:
    told = read_sidecar(CALL.replace(b"Anna", name.encode()) + END)
    assert told.beginning
    assert told.beginning.name == (name or None)
    assert told.ending
    assert told.ending.pages == 2


def test_a_fax_that_was_ended_because_it_took_too_long_says_so() -> None:
    assert cause_of(ending("FAILED", 1, "took too long")) == "too_long"
    part = Path(__file__).resolve().parents[2] / "asterisk-config" / "parts" / "leave.conf.j2"
    assert f"?{TOO_LONG}:${{FAXOPT(error)}}" in part.read_text()


def test_a_station_that_looks_like_more_stays_a_station() -> None:
    told = read_sidecar(CALL + END.replace(b"+7 926 000 00 01", b"a|SUCCESS|99"))
    assert told.ending
    assert (told.ending.pages, told.ending.station) == (2, "a|SUCCESS|99")


@pytest.mark.parametrize("number", ["", "anonymous", "x", "+", "1" * 50])
def test_what_is_no_number_is_none(number: str) -> None:
    told = read_sidecar(CALL.replace(b"+79260000001", number.encode()))
    assert told.beginning
    assert told.beginning.number is None


@given(st.binary(max_size=300))
def test_any_bytes_raise_nothing(content: bytes) -> None:
    read_sidecar(content)
    read_sidecar(b"call|" + content + b"\nend|" + content + b"\n")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("The call dropped prematurely", "hung_up"),
        ("Unexpected DCN while waiting for EOM, EOP or MPS", "hung_up"),
        ("Timed out waiting for initial communication", "no_machine"),
        ("Timed out waiting for the first message", "no_machine"),
        ("Failed to train with any of the compatible modems", "bad_line"),
        ("Carrier lost during fax receive", "bad_line"),
        ("Disconnected after permitted retries", "bad_line"),
        ("Timer T2 expired while waiting for next fax page", "bad_line"),
        ("Received bad response to DCS or training", "bad_line"),
        ("Unexpected command after page received", "bad_line"),
        ("Timed out waiting for procedural interrupt", "bad_line"),
        ("TIMEOUT", "bad_line"),
        ("HANGUP", "hung_up"),
        ("Far end is not compatible", "incompatible"),
        ("Far end is not able to transmit", "incompatible"),
        ("TIFF/F file cannot be opened", "not_kept"),
        ("TIFF/F format is not compatible", "not_kept"),
        ("FILE_ERROR", "not_kept"),
        ("Something that nobody knows", "broke_off"),
        ("", "broke_off"),
    ],
)
def test_every_cause_has_a_word(error: str, cause: str) -> None:
    assert cause_of(ending("FAILED", 1, error)) == cause
    assert cause in CAUSES


def test_a_fax_without_an_end_was_cut_by_a_restart() -> None:
    assert cause_of(None) == "restarted"


@pytest.mark.parametrize(
    ("end", "pages", "is_whole", "status"),
    [
        (ending(), 2, True, Status.COMPLETE),
        (ending("FAILED"), 2, True, Status.PARTIAL),
        (None, 2, True, Status.PARTIAL),
        (ending(), 1, True, Status.DAMAGED),
        (ending(), 0, True, Status.DAMAGED),
        (ending(), 2, False, Status.DAMAGED),
        (ending("FAILED", 0), 0, True, Status.FAILED),
        (None, 0, True, Status.FAILED),
    ],
)
def test_a_fax_is_complete_only_when_every_confirmed_page_can_be_shown(
    end: Ending | None, pages: int, is_whole: bool, status: Status
) -> None:
    assert status_of(end, pages, is_whole=is_whole) is status
