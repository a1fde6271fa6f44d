"""The administrator's recordings: files below the center's `sounds/`, and nothing outside it."""

import hashlib
import json
import shutil
import subprocess
import wave
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from switchboard.convert import ConversionFailed

PROBE_SECONDS = 10


@dataclass(frozen=True)
class Recordings:
    """`remembered` is a JSON file of earlier judgements, so that none is asked for twice."""

    directory: Path
    remembered: Path
    _judged: dict[str, str] = field(default_factory=dict, compare=False)
    _digests: dict[str, str] = field(default_factory=dict, compare=False)

    def path(self, name: str) -> Path:
        """The file of that name. Raises ConversionFailed, also for one that leads outside."""
        root = self.directory.resolve()
        if "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
            raise ConversionFailed(f"“{name}” does not lie in sounds/")
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            raise ConversionFailed(f"“{name}” leads outside sounds/")
        if not path.is_file():
            raise ConversionFailed(
                f"there is no file sounds/{name}; put it there, or write {{say: TEXT}}"
            )
        return path

    def digest(self, name: str) -> str:
        """A hash of the file's content. Raises ConversionFailed."""
        path = self.path(name)
        state = _state(path)
        if state not in self._digests:
            try:
                with path.open("rb") as recording:
                    self._digests[state] = hashlib.file_digest(recording, "sha256").hexdigest()
            except OSError as trouble:
                raise ConversionFailed(f"sounds/{name}: {trouble.strerror}") from trouble
        return self._digests[state]

    def problem(self, name: str) -> str | None:
        """Why a recording cannot be played, in words. A plain WAV costs no process."""
        try:
            path = self.path(name)
        except ConversionFailed as trouble:
            return str(trouble)
        if _is_plain_wav(path):
            return None
        if shutil.which("ffprobe") is None:
            return "ffmpeg is not installed"
        state = _state(path)
        self._remember()
        if state not in self._judged:
            self._judged[state] = "" if _has_sound(path) else "is not a sound that ffmpeg can read"
            self._note()
        return f"sounds/{name} {self._judged[state]}" if self._judged[state] else None

    def _remember(self) -> None:
        # Remembering is a matter of speed: what cannot be read is asked again.
        if not self._judged:
            with suppress(OSError, ValueError):
                self._judged.update(json.loads(self.remembered.read_text("utf-8")))

    def _note(self) -> None:
        with suppress(OSError):
            self.remembered.parent.mkdir(parents=True, exist_ok=True)
            new = self.remembered.with_suffix(".new")
            new.write_text(json.dumps(self._judged), encoding="utf-8")
            new.replace(self.remembered)


def _state(path: Path) -> str:
    stat = path.stat()
    return f"{path}|{stat.st_mtime_ns}|{stat.st_size}"


def _is_plain_wav(path: Path) -> bool:
    try:
        with wave.open(str(path), "rb") as recording:
            return recording.getnframes() > 0
    except (OSError, EOFError, wave.Error):
        return False


def _has_sound(path: Path) -> bool:
    argv = ["ffprobe", "-v", "error", "-protocol_whitelist", "file", "-select_streams", "a"]
    argv += ["-show_entries", "stream=codec_type", "-of", "csv=p=0", f"file:{path}"]
    try:
        asked = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0 and b"audio" in asked.stdout
