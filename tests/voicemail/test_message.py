"""What Asterisk writes beside a sound, and the sound's own header, whatever is in them."""

import wave
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voicemail.written import ENVELOPE, noise, wav
from voicemail.message import HEADER, Caller, Trace, mended, read_envelope, read_wav

NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)
NUMBERS = st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True)


def written(callerid: str = "+79260000001", category: str = "") -> bytes:
    return ENVELOPE.format(
        mailbox="sales",
        callerid=callerid,
        category=category,
        origtime=1795307111,
        msg_id="1795307111-00000000",
        seconds=4,
    ).encode()


def test_an_envelope_tells_who_called_when_and_where_the_call_is_found() -> None:
    text = written('"Иван" <+79260000001>', "switchboard-1.0 switchboard-1.2 +74950000003")
    envelope = read_envelope(text)
    assert envelope is not None
    assert envelope.msg_id == "1795307111-00000000"
    assert envelope.received_at == datetime(2026, 11, 22, 0, 25, 11, tzinfo=UTC)
    assert envelope.caller == Caller("+79260000001", "Иван")
    assert envelope.trace == Trace("switchboard-1.0", "switchboard-1.2", "+74950000003")


@pytest.mark.parametrize(
    ("written_as", "caller"),
    [
        ("+79260000001", Caller("+79260000001")),
        ("Unknown", Caller()),
        ("", Caller()),
        ("Anna", Caller(name="Anna")),
        ('"" <201>', Caller("201")),
        ('"A "b" <c>" <201>', Caller("201", 'A "b" <c>')),
        ('"Anna" <anonymous>', Caller(name="Anna")),
    ],
)
def test_a_caller_has_a_number_or_a_name_or_both_or_neither(
    written_as: str, caller: Caller
) -> None:
    envelope = read_envelope(written(written_as))
    assert envelope is not None
    assert envelope.caller == caller


@given(NAMES.filter(bool), NUMBERS)
def test_a_name_in_any_script_comes_through_as_it_was(name: str, number: str) -> None:
    envelope = read_envelope(written(f'"{name}" <{number}>'))
    assert envelope is not None
    assert envelope.caller == Caller(number, name)


@given(st.binary(max_size=40))
def test_no_bytes_in_a_name_forge_another_line(name: bytes) -> None:
    line = name.replace(b"\n", b" ")
    text = written("@").replace(b"@", b'"' + line + b'" <201>')
    envelope = read_envelope(text)
    assert envelope is not None
    assert envelope.msg_id == "1795307111-00000000"


@pytest.mark.parametrize("kept", [0, 1, 40, 200, -3, -1])
def test_an_envelope_cut_short_anywhere_is_none(kept: int) -> None:
    assert read_envelope(written()[:kept]) is None


@given(st.binary(max_size=300))
def test_garbage_is_no_envelope_and_no_sound(garbage: bytes) -> None:
    assert read_envelope(garbage) is None
    assert read_wav(garbage, len(garbage)) is None


def test_a_sound_is_whole_when_it_has_its_length() -> None:
    content = wav(noise(2))
    sound = read_wav(content[: HEADER.size], len(content))
    assert sound is not None
    assert sound.is_whole
    assert sound.seconds == 2


@pytest.mark.parametrize("promised", [0, 10, 1_000_000, 0xFFFFFFFF])
def test_a_false_length_is_mended_and_every_sample_is_heard(promised: int) -> None:
    samples = noise(2)
    content = wav(samples, promised)
    sound = read_wav(content[: HEADER.size], len(content))
    assert sound is not None
    assert not sound.is_whole
    with wave.open(BytesIO(mended(content[: HEADER.size], sound) + samples)) as heard:
        assert heard.readframes(heard.getnframes()) == samples


def test_a_header_alone_and_half_a_sample_are_no_sound() -> None:
    for more in (b"", b"x"):
        content = wav(b"", 0) + more
        sound = read_wav(content[: HEADER.size], len(content))
        assert sound is not None
        assert not sound.is_whole
        assert sound.seconds == 0
