"""Recordings and speech brought to one loudness, in the two rates that Asterisk plays."""

import re
import wave
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from pydub import AudioSegment
from pydub.silence import detect_leading_silence

from switchboard.convert import ConversionFailed, convert

NARROW_HZ = 8000  # Asterisk's format `wav`
WIDE_HZ = 16000  # Asterisk's format `wav16`
WORKING_HZ = 48000
HEADER_BYTES = 44

EDGE_MS = 100  # silence before and after: the first packets of a call are often lost
GAP_MS = 250  # between the parts of a prompt
SILENCE_BELOW_PEAK_DB = 45
SILENT_DBFS = -60
EVENED_DBFS = -28
# 0.7 is -3.1 dBFS. Speech engines have peaks 20 dB above their loudness, so these few are held
# back; ffmpeg's `loudnorm` would change its gain all along such a sound instead.
LIMITER = "alimiter=limit=0.7:level=false:latency=1:attack=2:release=30"
CLOSE_ENOUGH_LU = 0.3
MOST_TRIES = 4
MOST_GAIN_DB = 30.0
UNMEASURABLE_LUFS = -69  # what ebur128 says of a sound under 0.4 s


@dataclass(frozen=True, slots=True)
class Finish:
    """How a sound is to come out; `trimmed` gives it equal silence before and after."""

    lufs: float
    trimmed: bool
    longest_seconds: int
    deadline_seconds: int


SPEECH = Finish(lufs=-19, trimmed=True, longest_seconds=600, deadline_seconds=120)
MUSIC = Finish(lufs=-23, trimmed=False, longest_seconds=3600, deadline_seconds=600)


def wav_seconds(path: Path) -> float | None:
    """The length of a mono 16 bit WAV by its header; None where it is absent or cut short."""
    try:
        with wave.open(str(path), "rb") as wav:
            frames, rate = wav.getnframes(), wav.getframerate()
        whole = path.stat().st_size == HEADER_BYTES + 2 * frames
    except (OSError, EOFError, wave.Error):
        return None
    return frames / rate if whole and frames else None


async def decode(source: Path, wav: Path, finish: Finish) -> None:
    """Bring a file of any format that ffmpeg reads to a mono WAV. Raises ConversionFailed."""
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"]
    argv += ["-i", f"file:{source}", "-map", "0:a:0", "-t", str(finish.longest_seconds + 1)]
    argv += ["-ac", "1", "-ar", str(WORKING_HZ), *_wav(wav)]
    await convert(argv, seconds=finish.deadline_seconds, directory=wav.parent)
    seconds = wav_seconds(wav)
    if seconds is None:
        raise ConversionFailed("there is no sound in it")
    if seconds > finish.longest_seconds:
        raise ConversionFailed(f"is longer than {finish.longest_seconds // 60} minutes")


def join(pieces: list[Path], wav: Path) -> float:
    """Join WAVs into one, trimmed and evened out, and return its level (RMS) in dBFS.

    Raises ConversionFailed where nothing can be heard.
    """
    heard = [_evened(_trimmed(AudioSegment.from_wav(piece))) for piece in pieces]
    whole = reduce(lambda before, after: before + _silence(GAP_MS, after) + after, heard)
    edge = _silence(EDGE_MS, whole)
    (edge + whole + edge).export(wav, format="wav").close()
    return float(whole.dBFS)


def _trimmed(sound: AudioSegment) -> AudioSegment:
    if sound.max_dBFS < SILENT_DBFS:
        raise ConversionFailed("nothing can be heard in it")
    threshold = sound.max_dBFS - SILENCE_BELOW_PEAK_DB
    start = detect_leading_silence(sound, threshold)
    end = len(sound) - detect_leading_silence(sound.reverse(), threshold)
    return sound[start:end]


def _evened(sound: AudioSegment) -> AudioSegment:
    """Parts of one prompt at one level, low enough that no peak is cut off."""
    return sound.apply_gain(min(EVENED_DBFS - sound.dBFS, MOST_GAIN_DB))


def _silence(milliseconds: int, like: AudioSegment) -> AudioSegment:
    return AudioSegment.silent(milliseconds, frame_rate=like.frame_rate)


async def level(wav: Path, narrow: Path, wide: Path, finish: Finish, guess_db: float) -> None:
    """Write both rates of a sound at its finish's loudness, beginning with a guess of its gain.

    The gain is one for the whole sound; only its highest peaks are held back, which costs
    loudness, so what came out is measured and the gain mended. Raises ConversionFailed.
    """
    gain = min(guess_db, MOST_GAIN_DB)
    for _ in range(MOST_TRIES):
        argv = _levelling(wav, narrow, wide, gain)
        said = await convert(argv, seconds=finish.deadline_seconds, directory=wav.parent)
        loudness = _loudness(said)
        if loudness is None or abs(finish.lufs - loudness) <= CLOSE_ENOUGH_LU:
            return
        gain = min(gain + finish.lufs - loudness, MOST_GAIN_DB)


def _levelling(wav: Path, narrow: Path, wide: Path, gain: float) -> list[str]:
    graph = (
        f"[0:a]volume={gain:.2f}dB,asplit[n][w];"
        f"[n]aresample={NARROW_HZ},{LIMITER},asplit[narrow][measured];"
        f"[w]aresample={WIDE_HZ},{LIMITER}[wide];"
        "[measured]ebur128=framelog=verbose,anullsink"
    )
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", f"file:{wav}"]
    argv += ["-filter_complex", graph]
    return [*argv, "-map", "[narrow]", *_wav(narrow), "-map", "[wide]", *_wav(wide)]


def _wav(path: Path) -> list[str]:
    # bitexact: a header of 44 bytes and nothing behind the samples, which `wav_seconds` counts on
    return ["-c:a", "pcm_s16le", "-bitexact", "-f", "wav", "-y", f"file:{path}"]


def _loudness(said: str) -> float | None:
    """Integrated loudness in LUFS, from ebur128's summary; a sound too short for it has none."""
    found = re.findall(r"I:\s+(-?[\d.]+) LUFS", said)
    if not found:
        raise ConversionFailed("ffmpeg did not say how loud it is")
    return float(found[-1]) if float(found[-1]) > UNMEASURABLE_LUFS else None
