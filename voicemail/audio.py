"""A recording made ready for a letter: silence before and after gone, one loudness, small.

The samples are read by pydub in a child process with limits (`python -m voicemail.audio IN OUT`,
which writes the trimmed WAV and prints the gain it needs), then encoded by ffmpeg in another.
"""

import sys
import wave
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from pydub import AudioSegment
from pydub.exceptions import CouldntDecodeError
from pydub.silence import detect_leading_silence
from pydub.utils import ratio_to_db

from switchboard.convert import ConversionFailed, convert

DEADLINE_SECONDS = 120
LONGEST_SECONDS = 7200

SILENT_DBFS = -60
SILENCE_BELOW_PEAK_DB = 40
EDGE_MS = 200
SPEECH_DBFS = -20  # RMS of the words, as loud as our prompts
WINDOW_MS = 400
PAUSE_SHARE = 0.3  # of the level of the whole
MOST_GAIN_DB = 30.0
# peaks are held back 3 dB below full scale: an encoder's overshoot would be heard as a crackle
LIMITER = "alimiter=limit=0.7:level=false:latency=1"


@dataclass(frozen=True, slots=True)
class Format:
    """How a sound is encoded. MP3 at 16 kHz: many players do not know the lower rates."""

    suffix: str
    kind: str
    arguments: tuple[str, ...]


FORMATS = {
    "mp3": Format("mp3", "audio/mpeg", ("-ar", "16000", "-c:a", "libmp3lame", "-b:a", "32k")),
    "opus": Format("opus", "audio/ogg", ("-ar", "16000", "-c:a", "libopus", "-b:a", "16k")),
    "wav": Format("wav", "audio/wav", ("-ar", "8000", "-c:a", "pcm_s16le")),
}


async def encode(recording: Path, sound: Path, form: Format) -> None:
    """Write `sound` beside which there is room for scratch. Raises ConversionFailed."""
    trimmed = sound.with_name(f"{sound.name}.trimmed.wav")
    child = [sys.executable, "-P", "-m", "voicemail.audio", str(recording), str(trimmed)]
    try:
        said = await convert(child, seconds=DEADLINE_SECONDS, directory=sound.parent)
        argv = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y"]
        argv += ["-protocol_whitelist", "file", "-f", "wav", "-i", f"file:{trimmed}"]
        argv += ["-af", f"volume={_gain(said):.1f}dB,{LIMITER}", "-ac", "1", *form.arguments]
        argv += ["-map_metadata", "-1", f"file:{sound}"]
        await convert(argv, seconds=DEADLINE_SECONDS, directory=sound.parent)
    finally:
        trimmed.unlink(missing_ok=True)


def _gain(said: str) -> float:
    try:
        return max(-MOST_GAIN_DB, min(float(said), MOST_GAIN_DB))
    except ValueError:
        raise ConversionFailed(f"no gain was told, but {said[:100]!r}") from None


def trim(recording: Path, trimmed: Path) -> float:
    """Write the recording without the silence around it; the gain in dB that it needs."""
    with wave.open(str(recording), "rb") as header:
        if header.getnframes() > LONGEST_SECONDS * header.getframerate():
            raise ConversionFailed(f"it is longer than {LONGEST_SECONDS} s")
    sound = AudioSegment.from_wav(recording)
    if sound.max_dBFS < SILENT_DBFS:
        sound.export(trimmed, format="wav").close()
        return 0.0
    threshold = sound.max_dBFS - SILENCE_BELOW_PEAK_DB
    start = detect_leading_silence(sound, threshold)
    end = len(sound) - detect_leading_silence(sound.reverse(), threshold)
    words = sound[max(0, start - EDGE_MS) : end + EDGE_MS]
    words.export(trimmed, format="wav").close()
    return SPEECH_DBFS - _speech_dbfs(words)


def _speech_dbfs(sound: AudioSegment) -> float:
    """RMS of the parts in which somebody speaks: pauses would make a message seem quiet."""
    levels = [sound[at : at + WINDOW_MS].rms for at in range(0, len(sound), WINDOW_MS)]
    quietest = sound.rms * PAUSE_SHARE
    spoken = [rms**2 for rms in levels if rms > quietest]
    return float(ratio_to_db(mean(spoken) ** 0.5, sound.max_possible_amplitude))


def main() -> None:
    """Prints the gain to standard error, which `convert` returns."""
    recording, trimmed = map(Path, sys.argv[1:])
    try:
        sys.stderr.write(str(trim(recording, trimmed)))
    except (ConversionFailed, CouldntDecodeError, EOFError, wave.Error) as failed:
        raise SystemExit(str(failed) or type(failed).__name__) from None


if __name__ == "__main__":
    main()
