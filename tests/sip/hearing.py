"""Which known prompts are in a stretch of sound, where, and how much of each.

A prompt comes through the codec nearly sample by sample, so it is found by normalised correlation
of the waveform. Half a second near its beginning is the anchor; from there it is followed in short
pieces, each of which may slip a little (lost or doubled packets), until it ends or is cut. Prompts
may begin with the same words: of those that fit at one place, the one that fits longest is it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.sip.sound import HZ, Sound, read_wav

ANCHOR = HZ // 2
ANCHORS_AT = (0, HZ // 2, HZ)  # the later ones are for a prompt whose beginning was lost
BLOCK = 1 << 15  # samples correlated at once, in blocks that overlap by an anchor
HOP = BLOCK - ANCHOR
PIECE = HZ // 4
SLIP = HZ // 20
ALIKE = 0.6  # correlation; other speech of the same voice stays below 0.4, G.711 above 0.9
SILENT = 0.003  # RMS, -50 dBFS
FRAME = HZ // 50
ENOUGH_SECONDS = 1.0
LEAD_SECONDS = 0.2  # of two prompts at one place the one that fits by so much longer is heard
SETTLED_SECONDS = 0.5  # sound behind the last fitting piece after which no more of it will come


@dataclass(frozen=True)
class Heard:
    """A prompt in the sound, in seconds from the sound's beginning; cut or ended at `end`."""

    name: str
    start_seconds: float
    end_seconds: float
    fitting_seconds: float

    def overlaps(self, other: "Heard") -> bool:
        """Whether they share most of the shorter one; prompts that follow each other may touch."""
        shared = min(self.end_seconds, other.end_seconds) - max(
            self.start_seconds, other.start_seconds
        )
        return shared > 0.5 * min(self.length_seconds, other.length_seconds)

    @property
    def length_seconds(self) -> float:
        return self.end_seconds - self.start_seconds


class Listening:
    """A stretch of sound, prepared to be searched for many prompts."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._strength = _strength(sound, ANCHOR)
        starts = range(0, max(1, len(sound)), HOP)
        blocks = np.zeros((len(starts), BLOCK), np.float32)
        for block, start in zip(blocks, starts, strict=True):
            piece = sound[start : start + BLOCK]
            block[: len(piece)] = piece
        self._spectra = np.fft.rfft(blocks)

    def prompts(self, library: Mapping[str, Path]) -> list[Heard]:
        """The prompts of the library that are heard, in order."""
        found = [heard for name, path in library.items() for heard in self.find(name, path)]
        taken: list[Heard] = []
        for heard in sorted(found, key=lambda one: -one.fitting_seconds):
            if not any(heard.overlaps(other) for other in taken):
                taken.append(heard)
        return sorted(taken, key=lambda one: one.start_seconds)

    def find(self, name: str, path: Path) -> list[Heard]:
        """Every place with a second of the prompt's beginning, or most of a shorter prompt."""
        return self._find(name, trimmed(read_wav(path)))

    def _find(self, name: str, prompt: Sound) -> list[Heard]:
        found: list[Heard] = []
        for start in self._starts(prompt):
            heard = self._follow(name, prompt, start)
            if heard and not any(heard.overlaps(other) for other in found):
                found.append(heard)
        return found

    def _starts(self, prompt: Sound) -> Iterator[int]:
        """Samples at which the prompt may begin; before 0 where the beginning was lost."""
        for at in ANCHORS_AT:
            anchor = prompt[at : at + ANCHOR]
            if len(anchor) and (at == 0 or len(anchor) == ANCHOR):
                yield from (place - at for place in _peaks(self._likeness(anchor)))

    def _likeness(self, anchor: Sound) -> NDArray[np.floating]:
        """Correlation of the anchor with every place of the sound where it fits in, -1 to 1."""
        is_whole = len(anchor) == ANCHOR
        strength = self._strength if is_whole else _strength(self._sound, len(anchor))
        products = np.fft.irfft(self._spectra * np.fft.rfft(anchor, BLOCK).conj(), BLOCK)
        return products[:, :HOP].ravel()[: len(strength)] / (strength * _norm(anchor))

    def _follow(self, name: str, prompt: Sound, start: int) -> Heard | None:
        """How long the sound goes on like the prompt that would begin at `start`."""
        begin = end = fitting = spoken = misses = 0
        for at in (*range(0, len(prompt) - PIECE, PIECE), max(0, len(prompt) - PIECE)):
            piece = prompt[at : at + PIECE]
            if level(piece) < SILENT:
                continue
            spoken += len(piece)
            place = self._place(piece, start + at) if misses < 2 or not fitting else None
            if place is None:
                misses += 1
                continue
            begin, fitting, misses = begin if fitting else place, fitting + len(piece), 0
            start, end = place - at, place + len(piece)
        if not spoken or fitting < min(ENOUGH_SECONDS * HZ, 0.8 * spoken):
            return None
        return Heard(name, begin / HZ, end / HZ, fitting / HZ)

    def _place(self, piece: Sound, expected: int) -> int | None:
        """Where near `expected` the piece is in the sound."""
        first = max(0, expected - SLIP)
        near = self._sound[first : expected + len(piece) + SLIP]
        if len(near) < len(piece):
            return None
        products = np.correlate(near, piece, "valid")
        likeness = products / (_strength(near, len(piece)) * _norm(piece))
        best = int(likeness.argmax())
        return first + best if likeness[best] >= ALIKE else None


def next_heard(
    sound: Sound, name: str, library: Mapping[str, Path], *, since_seconds: float, over: bool
) -> Heard | None:
    """The first time that `name` of the library begins after `since_seconds`, once it is certain.

    While another prompt fits as well, and both might go on, it is not; `over`: no sound will come.
    """
    listening = Listening(sound)
    for heard in listening.find(name, library[name]):
        if heard.start_seconds < since_seconds:
            continue
        rivals = [
            rival.fitting_seconds
            for other, path in library.items()
            if other != name and _may_be_taken_for(path, library[name])
            for rival in listening.find(other, path)
            if rival.overlaps(heard)
        ]
        lead = heard.fitting_seconds - max(rivals, default=0.0)
        settled = over or len(sound) / HZ > heard.end_seconds + SETTLED_SECONDS
        if lead > LEAD_SECONDS or (settled and lead >= -LEAD_SECONDS):
            return heard
    return None


def _may_be_taken_for(rival: Path, prompt: Path) -> bool:
    """Whether the prompt's beginning is heard in the rival, too."""
    return _holds(rival, rival.stat().st_mtime_ns, prompt, prompt.stat().st_mtime_ns)


@cache
def _holds(rival: Path, _changed: int, prompt: Path, _prompt_changed: int) -> bool:
    beginning = trimmed(read_wav(prompt))[: int(ENOUGH_SECONDS * HZ)]
    return bool(Listening(read_wav(rival))._find("", beginning))


def first_sound_seconds(sound: Sound) -> float:
    """Where it is first above -50 dBFS; infinite for silence."""
    loud = np.flatnonzero(np.abs(sound) >= SILENT)
    return float(loud[0] / HZ) if len(loud) else float("inf")


def longest_silence_seconds(sound: Sound) -> float:
    """The longest stretch below -50 dBFS."""
    frames = sound[: len(sound) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) >= SILENT)
    edges = np.concatenate([[-1], loud, [len(frames)]])
    return float((np.diff(edges).max() - 1) * FRAME / HZ)


def tone_seconds(sound: Sound, hz: float) -> float:
    """For how long, in all, the sound is this tone and little else."""
    window = HZ // 10
    frames = sound[: len(sound) // window * window].astype(np.float64).reshape(-1, window)
    wave = np.exp(-2j * np.pi * hz * np.arange(window) / HZ)
    energy = (frames**2).sum(axis=1)
    share = 2 / window * np.abs(frames @ wave) ** 2 / np.maximum(energy, window * SILENT**2)
    return float((share > 0.8).sum() * window / HZ)


def trimmed(sound: Sound) -> Sound:
    """Without the silence before and after."""
    loud = np.flatnonzero(np.abs(sound) > 2 * SILENT)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


def level(sound: Sound) -> float:
    """RMS."""
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def _strength(sound: Sound, length: int) -> NDArray[np.float32]:
    """The norm of every stretch of `length` samples; digital silence counts as a faint noise."""
    energy = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    there = energy[length:] - energy[: max(0, len(energy) - length)]
    strength: NDArray[np.float32] = np.sqrt(np.maximum(there, length * SILENT**2), dtype=np.float32)
    return strength


def _norm(sound: Sound) -> np.float32:
    return np.float32(np.linalg.norm(sound))


def _peaks(likeness: NDArray[np.floating]) -> Iterator[int]:
    """The best places, those at least half an anchor apart, in order."""
    alike = np.flatnonzero(likeness >= ALIKE)
    for group in np.split(alike, np.flatnonzero(np.diff(alike) > ANCHOR // 2) + 1):
        if len(group):
            yield int(group[likeness[group].argmax()])
