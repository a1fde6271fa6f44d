"""The way of a call through the menus, read from a file of channel events."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchboard.pbx.cel import FIELDS, read_row
from voicemail.calls import Calls
from voicemail.message import Caller, Trace
from voicemail.way import Step, Way

BEGAN = 1795307482.0
CALL = "switchboard-1795307482.7"


def line(at: float, event: str, text: str | None = None, **fields: str) -> str:
    """A row as Asterisk writes it; with a text it is a user event."""
    row = dict.fromkeys(FIELDS, "")
    row |= {"eventtime": f"{BEGAN + at:.6f}", "eventtype": event, "eventenum": event}
    row |= {"uniqueid": CALL, "linkedid": CALL, "num": "+79260000001", "name": "Иван"}
    if text is not None:
        extra = json.dumps({"extra": text})
        row |= {"eventenum": "USER_DEFINED", "userdeftype": event, "eventextra": extra}
    row |= fields
    return ",".join('"' + row[name].replace('"', '""') + '"' for name in FIELDS) + "\n"


JOURNEY = [
    line(0, "CHAN_START"),
    line(0.1, "arrived", "v1 +74950000001"),
    line(0.2, "menu", "v1 main"),
    line(4, "key", "main 9 INVALID"),
    line(4.1, "menu", "v1 main"),
    line(6, "key", "main 1 OK"),
    line(6.1, "menu", "v1 support"),
    line(16, "key", "support  TIMEOUT"),
    line(16.1, "overflow", "sales no_agents"),
    line(16.2, "ring", "201"),
    line(36, "untaken", "201 NOANSWER"),
    line(36.1, "overflow", "sales key 1"),
    line(36.2, "voicemail", "sales"),
    line(60, "voicemail-end", "sales SUCCESS"),
    line(60.1, "CHAN_END"),
]
STEPS = (
    Step("menu", "main", "1"),
    Step("menu", "support", ""),
    Step("department", "sales", "no_agents"),
    Step("extension", "201", "untaken"),
    Step("department", "sales", "key 1"),
)


@pytest.fixture
def cel(tmp_path: Path) -> Path:
    return tmp_path / "cel.csv"


def other_calls(count: int, at: float = -100) -> str:
    """Rows of calls that are none of ours."""
    return line(at, "menu", "v1 main", uniqueid="other-1.1", linkedid="other-1.1") * count


def test_the_way_has_each_station_once_with_how_it_was_left(cel: Path) -> None:
    cel.write_text(other_calls(3) + "".join(JOURNEY) + other_calls(3, 70))
    way = Calls(cel).way(Trace(CALL, CALL))
    assert way == Way("+74950000001", STEPS)


def test_the_way_is_found_in_a_file_of_many_megabytes(cel: Path) -> None:
    cel.write_text(other_calls(20_000) + "".join(JOURNEY) + other_calls(8_000, 70))
    assert cel.stat().st_size > 4_000_000
    assert Calls(cel).way(Trace(CALL, CALL)).steps == STEPS


def test_what_a_colleague_did_on_another_channel_of_the_call_is_not_the_callers_way(
    cel: Path,
) -> None:
    theirs = line(5, "menu", "v1 secret", uniqueid="switchboard-1795307482.8")
    cel.write_text("".join([*JOURNEY[:4], theirs, *JOURNEY[4:]]))
    assert Calls(cel).way(Trace(CALL, CALL)).steps == STEPS


def test_lines_that_a_callers_name_forged_are_no_steps(cel: Path) -> None:
    forged = line(3, "menu", "v1 forged")
    whole = line(0, "CHAN_START", exten=f"+7495\n{forged}\n", name="x\n" + forged)
    plain = "x\n" + forged.replace('"', "") + "\n"
    cel.write_text("".join([whole, plain, *JOURNEY[1:]]))
    assert Calls(cel).way(Trace(CALL, CALL)) == Way("+74950000001", STEPS)


def test_without_the_file_or_the_call_only_the_number_that_was_noted_is_known(cel: Path) -> None:
    assert Calls(cel).way(Trace(CALL, CALL, "+7495")) == Way("+7495")
    cel.write_text(other_calls(3))
    assert Calls(cel).way(Trace(CALL, CALL, "+7495")) == Way("+7495")
    assert Calls(cel).way(Trace()) == Way()


def test_who_was_recorded_is_told_by_the_tone_he_heard(cel: Path) -> None:
    def tone(at: float, mailbox: str, **fields: str) -> str:
        sound = json.dumps({"sound": "beep", "format": "slin", "language": "ru"})
        place = {"appname": "VoiceMail", "appdata": f"{mailbox}@center,s"}
        return line(at, "STREAM_BEGIN", None, eventextra=sound, **place, **fields)

    cel.write_text(
        tone(-600, "sales", num="+79260000009")
        + tone(10.002, "201", num="+79260000002")
        + tone(10.004, "sales", num="+79260000003", name='A "b"', uniqueid="c-1.1")
        + tone(30, "sales", num="+79260000004")
    )
    began = datetime.fromtimestamp(BEGAN + 10, UTC)
    caller, trace = Calls(cel).recorded("sales", began)
    assert caller == Caller("+79260000003", 'A "b"')
    assert trace.uniqueid == "c-1.1"
    assert Calls(cel).recorded("support", began) == (Caller(), Trace())
    assert Calls(cel.with_name("gone")).recorded("sales", began) == (Caller(), Trace())


def test_who_left_a_message_that_could_not_be_written_is_told_by_his_leaving(cel: Path) -> None:
    place = {"appname": "VoiceMail", "appdata": "sales@center,s"}
    leaving = line(20.003, "APP_END", num="+79260000007", **place)
    cel.write_text(line(10, "APP_START", **place) + leaving)
    caller, _ = Calls(cel).recorded("sales", datetime.fromtimestamp(BEGAN + 20, UTC))
    assert caller.number == "+79260000007"


def test_a_row_knows_its_fields_by_the_order_of_the_template(project: Path) -> None:
    template = (project / "asterisk-config" / "cel_custom.conf.j2").read_text()
    (written,) = [text for text in template.splitlines() if text.startswith("fields = ")]
    names = written.removeprefix("fields = ").replace("(double)", "").split(",")
    assert names == list(FIELDS)


HOSTILE = st.text('", \r\n{}:\\xИ', max_size=12)


@given(exten=HOSTILE, appdata=HOSTILE, peer=HOSTILE, text=HOSTILE, name=HOSTILE)
@example(exten='"', appdata='","', peer='""', text='"",""', name='""')
def test_whatever_stands_in_a_field_is_read_as_it_was_written(
    exten: str, appdata: str, peer: str, text: str, name: str
) -> None:
    fields = {"exten": exten, "appdata": appdata, "peer": peer, "name": name}
    told = read_row(line(0, "menu", text, **fields).encode())
    assert told is not None
    assert (told.at, told.event, told.uniqueid, told.number) == (
        BEGAN,
        "menu",
        CALL,
        "+79260000001",
    )
    assert (told.extension, told.arguments, told.text, told.name) == (exten, appdata, text, name)
    added = read_row(line(0, "HANGUP", eventextra=text, **fields).encode())
    assert added is not None
    assert (added.text, added.name) == (text, name)


@pytest.mark.parametrize("written", ["1" * 400 + ".0", "-1.0", "1.0e9", "١.٠", ""])
def test_a_record_of_no_time_there_is_is_none(written: str) -> None:
    assert read_row(line(0, "menu", "v1 main", eventtime=written).encode()) is None


@pytest.mark.parametrize("cut", [0, 1, 30, -2])
def test_half_a_row_is_none(cut: int) -> None:
    assert read_row(JOURNEY[1].encode()[:cut]) is None
    assert read_row(JOURNEY[1].encode()) is not None
