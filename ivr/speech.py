"""Text to speech: espeak-ng, piper, or any other engine by its command line."""

import re
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from ivr.audio import SPEECH, decode
from ivr.section import Speech
from switchboard.convert import ConversionFailed, convert
from switchboard.yamltext import Text

SPEAK_SECONDS = 60
ASK_ENGINE_SECONDS = 10


def spoken_text(text: str) -> str:
    """The text as it is given to an engine: one line of plain text.

    Engines obey control characters (espeak-ng: speed, pitch) and `[[...]]` (phonemes); here they
    are only text.
    """
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)
    return re.sub(r"\[(?=\[)", "[ ", " ".join(plain.split()))


@dataclass(frozen=True)
class Voices:
    """The engine of a center; `directory` is the center's, for paths in its `speech:` section."""

    speech: Speech
    directory: Path
    _problems: dict[str, str | None] = field(default_factory=dict, compare=False)

    def voice(self, language: str) -> str:
        """The configured voice; else the language itself, by which espeak-ng knows its voices."""
        return self.speech.voices.get(Text(language), Text(language))

    def identity(self, language: str) -> list[str]:
        """What decides how a text sounds in a language, besides the text."""
        return [self.speech.engine, self.voice(language), *self.speech.command]

    def problem(self, language: str) -> str | None:
        """Why this engine cannot speak a language, in words; asked of the engine once."""
        if language not in self._problems:
            check = {"espeak-ng": self._espeak, "piper": self._piper, "command": self._command}
            self._problems[language] = check[self.speech.engine](language)
        return self._problems[language]

    async def speak(self, text: str, language: str, wav: Path) -> Path:
        """Speak a text into `wav`, 16 bit of any rate; scratch files go beside it.

        Raises ConversionFailed.
        """
        if problem := self.problem(language):
            raise ConversionFailed(problem)
        text_file = wav.with_suffix(".txt")
        text_file.write_text(spoken_text(text), encoding="utf-8")
        said = wav.with_suffix(".said")
        argv = self._argv(language, text_file, said)
        await convert(argv, seconds=SPEAK_SECONDS, directory=wav.parent, stdin=text_file)
        if not said.is_file():
            raise ConversionFailed(f"{argv[0]} wrote no sound")
        if self.speech.engine == "command":
            await decode(said, wav, SPEECH)  # its format is anybody's guess
        else:
            said.rename(wav)
        return wav

    def _argv(self, language: str, text_file: Path, wav: Path) -> list[str]:
        voice = self.voice(language)
        if self.speech.engine == "espeak-ng":
            return ["espeak-ng", "-v", voice, "-b", "1", "-f", str(text_file), "-w", str(wav)]
        if self.speech.engine == "piper":
            return ["piper", "--model", str(self.directory / voice), "--output_file", str(wav)]
        values = {"text_file": str(text_file), "voice": str(voice)}
        values |= {"language": language, "wav": str(wav)}
        return [self._program(), *(_filled(word, values) for word in self.speech.command[1:])]

    def _program(self) -> str:
        """The engine's program; one with a slash lies in the center's directory."""
        program = self.speech.command[0]
        return str(self.directory / program) if "/" in program else program

    def _espeak(self, language: str) -> str | None:
        if shutil.which("espeak-ng") is None:
            return "espeak-ng is not installed"
        voice = self.voice(language)
        try:
            asked = subprocess.run(
                ["espeak-ng", "-q", "-v", voice, "--stdin"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=ASK_ENGINE_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return "espeak-ng does not answer"
        return f"espeak-ng has no voice “{voice}”" if asked.returncode else None

    def _piper(self, language: str) -> str | None:
        if shutil.which("piper") is None:
            return "piper is not installed"
        if language not in self.speech.voices:
            return f"speech has no voice file for “{language}” in `voices`"
        voice = self.directory / self.voice(language)
        return None if voice.is_file() else f"there is no voice file {self.voice(language)}"

    def _command(self, language: str) -> str | None:
        if not self.speech.command:
            return "speech has the engine “command”, but no `command`"
        for wanted in ("{text_file}", "{wav}"):
            if not any(wanted in word for word in self.speech.command[1:]):
                return f"the speech command has no {wanted}"
        if shutil.which(self._program()) is None:
            return f"{self.speech.command[0]} is not installed"
        return None


def _filled(word: str, values: dict[str, str]) -> str:
    """An argument with its placeholders filled, in one pass: a value's own braces stay."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), word)
