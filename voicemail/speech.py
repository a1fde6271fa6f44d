"""What was said, written down automatically in a process of its own (`-m voicemail.speech`).

An optional extra: `pip install switchboard[speech]` and a model's directory. It is advisory: the
letter waits for it only so long, and goes without it then.
"""

import asyncio
import sys
from pathlib import Path

from switchboard.convert import ConversionFailed, convert
from switchboard.noun import Noun
from switchboard.shapes import Seconds
from switchboard.yamltext import Text


class SpeechToText(Noun):
    """`model` is the directory of a faster-whisper model, relative to the center."""

    model: Text
    wait_seconds: Seconds = 60


async def transcribe(sound: Path, written: Path, model: Path, seconds: int) -> str:
    """What was said in `sound`, by way of the file `written`. Raises ConversionFailed, OSError."""
    if seconds < 1:
        raise ConversionFailed("there is no time left to write down what was said")
    argv = [sys.executable, "-P", "-m", "voicemail.speech", str(model), str(sound), str(written)]
    await convert(argv, seconds=seconds, directory=written.parent)
    return await asyncio.to_thread(written.read_text, "utf-8")


def main() -> None:
    """`python -m voicemail.speech MODEL SOUND WRITTEN`; nothing is ever fetched."""
    model, sound, written = map(Path, sys.argv[1:])
    if not (model / "model.bin").is_file():
        raise SystemExit(f"there is no model in {model}")
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        raise SystemExit(
            "faster-whisper is not installed: pip install switchboard[speech]"
        ) from None
    whisper = WhisperModel(
        str(model), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )
    parts, _ = whisper.transcribe(str(sound), beam_size=1)
    written.write_text(" ".join(part.text.strip() for part in parts), "utf-8")


if __name__ == "__main__":
    main()
