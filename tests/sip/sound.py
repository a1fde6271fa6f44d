"""Sound as numbers: mono float32 in [-1, 1] at 8 kHz, the band a telephone call has."""

import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

HZ = 8000
DTMF_ROWS, DTMF_COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
DTMF_KEYS = ("123A", "456B", "789C", "*0#D")


def tone(hz: float, seconds: float = 1.0, level: float = 0.3) -> Sound:
    """A sine; `level` is its peak."""
    moments = np.arange(int(seconds * HZ)) / HZ
    return (level * np.sin(2 * np.pi * hz * moments)).astype(np.float32)


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * HZ), np.float32)


def key_tones(keys: str, on_seconds: float = 0.1, off_seconds: float = 0.1) -> Sound:
    """The keys as tones in the sound, as an old telephone sends them."""
    sounds = []
    for key in keys:
        row, column = next((r, line.index(key)) for r, line in enumerate(DTMF_KEYS) if key in line)
        pair = tone(DTMF_ROWS[row], on_seconds) + tone(DTMF_COLUMNS[column], on_seconds)
        sounds += [pair, silence(off_seconds)]
    return np.concatenate(sounds)


def read_wav(path: Path) -> Sound:
    """A WAV file of 16 bits mono, brought to 8 kHz; read once as long as it does not change."""
    return _read_wav(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _read_wav(path: Path, _changed: int) -> Sound:
    with wave.open(str(path), "rb") as file:
        return from_pcm(file.readframes(file.getnframes()), file.getframerate())


def write_wav(path: Path, sound: Sound) -> None:
    """16 bits mono at 8 kHz, as Asterisk plays it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HZ)
        file.writeframes(to_pcm(sound, HZ))


def from_pcm(pcm: bytes, hz: int) -> Sound:
    """s16le mono at `hz` -> sound; a last half sample is left out."""
    samples = np.frombuffer(pcm, "<i2", count=len(pcm) // 2).astype(np.float32)
    return resampled(samples / np.float32(32768), hz, HZ)


def to_pcm(sound: Sound, hz: int) -> bytes:
    """Sound -> s16le mono at `hz`."""
    return (resampled(sound, HZ, hz).clip(-1, 1) * 32767).astype("<i2").tobytes()


def resampled(samples: Sound, from_hz: int, to_hz: int) -> Sound:
    """Through the whole spectrum at once, so without shift and flat: waveforms still compare."""
    if from_hz == to_hz or not len(samples):
        return samples
    length = round(len(samples) * to_hz / from_hz)
    spectrum = np.fft.rfft(samples)
    wanted = np.zeros(length // 2 + 1, spectrum.dtype)
    kept = min(len(wanted), len(spectrum))
    wanted[:kept] = spectrum[:kept]
    return (np.fft.irfft(wanted, length) * (to_hz / from_hz)).astype(np.float32)
