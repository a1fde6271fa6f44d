"""Sounds for trials, and an engine that counts how often it was asked."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.prompts import PromptMaker, Sound
from ivr.recordings import Recordings
from ivr.section import Speech
from ivr.speech import Voices
from switchboard.prompt import Part
from switchboard.yamltext import Text

ENGINE = """
import sys, time, wave
from math import sin
text_file, voice, wav, asked, slow = sys.argv[1:]
with open(asked, "a") as log:
    log.write(voice + ": " + open(text_file, encoding="utf-8").read() + "\\n")
time.sleep(float(slow))
with wave.open(wav, "wb") as sound:
    sound.setnchannels(1); sound.setsampwidth(2); sound.setframerate(16000)
    tone = (int(9000 * sin(n / 8)) for n in range(16000))
    sound.writeframes(b"".join(n.to_bytes(2, "little", signed=True) for n in tone))
"""


class Studio:
    """A center's directory with its prompt maker; `espeak-ng` where no engine is given."""

    def __init__(self, directory: Path, speech: Speech | None = None) -> None:
        self.directory = directory
        self.sounds = directory / "sounds"
        self.sounds.mkdir(exist_ok=True)
        self.cache = directory / "prompts"
        self.asked = directory / "asked.txt"
        self.voices = Voices(speech or Speech(), directory)
        recordings = Recordings(self.sounds, self.cache / "probed.json")
        self.maker = PromptMaker(self.voices, recordings, self.cache)

    def counting(self, slow: float = 0, voice: str = "robot") -> "Studio":
        """The same center with an engine that notes in `asked` what it is asked."""
        program = self.directory / "engine.py"
        program.write_text(ENGINE)
        words = [sys.executable, str(program), "{text_file}", "{voice}", "{wav}"]
        command = tuple(Text(word) for word in [*words, str(self.asked), str(slow)])
        voices = {Text("en"): Text(voice)}
        return Studio(self.directory, Speech(engine="command", command=command, voices=voices))

    def spoken(self) -> list[str]:
        """What the counting engine was asked, as `VOICE: TEXT`."""
        return self.asked.read_text("utf-8").splitlines() if self.asked.exists() else []

    def record(self, name: str, *arguments: str) -> Path:
        """Make `sounds/NAME` with ffmpeg, from its arguments."""
        path = self.sounds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, str(path)], check=True)
        return path

    def tone(self, name: str, seconds: float, volume_db: float = 0) -> Path:
        """Make `sounds/NAME`, a tone of 440 Hz (at -21 dBFS, changed by `volume_db`)."""
        source = f"sine=frequency=440:duration={seconds}"
        return self.record(name, "-f", "lavfi", "-i", source, "-af", f"volume={volume_db}dB")


def say(text: str, language: str = "en") -> Sound:
    """A sound of one spoken text."""
    return Sound(language, (Part(say=Text(text)),))


def play(*names: str) -> Sound:
    """A sound of recordings."""
    return Sound("en", tuple(Part(file=Text(name)) for name in names))


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


@pytest.fixture
def without_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Call it, and no program is installed but those put into the directory it returns."""

    def hide() -> Path:
        empty = tmp_path / "bin"
        empty.mkdir(exist_ok=True)
        monkeypatch.setenv("PATH", str(empty))
        return empty

    return hide
