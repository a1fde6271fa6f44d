"""The sound of one call inside the worker: what is heard goes to a file, what is said is fed."""

import asyncio
import contextlib
import time
from array import array
from collections import deque
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from baresip import AudioNotActive, AudioRestarted, Call

TICK_SECONDS = 0.02
AHEAD_SECONDS = 0.2  # fed ahead of the wire; the more, the later a hang-up cuts a word
LATE_SECONDS = 0.3  # sound this late is no jitter: nothing was sent, and a caller hears silence


class SoundLine:
    """Writes what the call hears as s16le mono, silence where nothing came: a second a second."""

    def __init__(self, call: Call, path: Path) -> None:
        self._audio = call.audio
        self._file = path.open("wb", buffering=0)
        self._written_bytes = 0
        self._started = 0.0
        self._quiet_ticks = 0  # not by the clock: a stalled telephone has not listened
        self._speech: deque[tuple[bytearray, asyncio.Future[None]]] = deque()
        self.hears_hz = self.says_hz = 0
        self._hears_channels = self._says_channels = 1
        self._passes_to: SoundLine | None = None
        self._passed = bytearray()  # what the other call hears, to be said here too
        self.opened: Callable[[], None] = lambda: None
        self._pump = asyncio.create_task(self._run())

    @property
    def heard_seconds(self) -> float:
        """Length of the recording until now."""
        return self._written_bytes / 2 / self.hears_hz if self.hears_hz else 0.0

    async def say(self, pcm: bytes) -> None:
        """Queues sound behind what is still being said; returns when it is out or the call over."""
        said = asyncio.get_running_loop().create_future()
        self._speech.append((bytearray(_to_channels(pcm, self._says_channels)), said))
        await said

    def mix_with(self, other: "SoundLine") -> None:
        """From now on either says what the other hears; both with the same codec of one channel."""
        self._passes_to, other._passes_to = other, self

    def close(self) -> None:
        self._pump.cancel()
        if self._passes_to:
            self._passes_to._passes_to = None
        self._file.close()
        for _, said in self._speech:
            said.set_result(None)
        self._speech.clear()

    async def _run(self) -> None:
        while True:
            # Sound is not there before the media is, and is replaced by a re-INVITE (hold).
            with contextlib.suppress(AudioNotActive, AudioRestarted):
                self._open()
                self._hear()
                self._speak()
            await asyncio.sleep(TICK_SECONDS)

    def _open(self) -> None:
        info = self._audio.info()
        if not self.hears_hz and info.rx_ready and info.tx_ready:
            self.hears_hz, self.says_hz = info.rx_sample_rate, info.tx_sample_rate
            self._hears_channels, self._says_channels = info.rx_channels, info.tx_channels
            self._started = time.monotonic()
            self.opened()

    def _hear(self) -> None:
        """Silence is put only where nothing came for a while, never into the middle of sound."""
        if not self.hears_hz:
            return
        pcm = _to_one(b"".join(iter(lambda: self._audio.read(65536), b"")), self._hears_channels)
        if self._quiet_ticks * TICK_SECONDS > LATE_SECONDS:
            came = self.heard_seconds + len(pcm) / 2 / self.hears_hz
            missing = time.monotonic() - self._started - came
            self._write(bytes(2 * max(0, int(self.hears_hz * missing))))
        self._write(pcm)
        if self._passes_to:
            self._passes_to._passed += pcm
        self._quiet_ticks = 0 if pcm else self._quiet_ticks + 1

    def _write(self, pcm: bytes) -> None:
        self._file.write(pcm)
        self._written_bytes += len(pcm)

    def _speak(self) -> None:
        if not self._speech and not self._passed:
            return
        pcm, said = self._speech[0] if self._speech else (bytearray(), None)
        buffered = self._audio.info().tx_buffered
        room = int(AHEAD_SECONDS * self.says_hz) * 2 * self._says_channels - buffered
        if (pcm or self._passed) and room > 0:
            written = self._audio.write(_sum(pcm[:room], self._passed[:room]))
            del pcm[:written], self._passed[:written]
        if said and not pcm and (not buffered or self._passes_to):
            self._speech.popleft()
            said.set_result(None)


def _sum(one: bytearray, other: bytearray) -> bytes:
    """Both at once, as long as the longer of them."""
    if not one or not other:
        return bytes(one or other)
    pairs = zip_longest(array("h", one), array("h", other), fillvalue=0)
    return array("h", (max(-32768, min(32767, left + right)) for left, right in pairs)).tobytes()


def _to_one(pcm: bytes, channels: int) -> bytes:
    """The first of several interleaved channels (Opus has two)."""
    return array("h", pcm)[::channels].tobytes() if channels > 1 else pcm


def _to_channels(pcm: bytes, channels: int) -> bytes:
    """The same on every channel."""
    if channels == 1:
        return pcm
    one, all_of_them = array("h", pcm), array("h", bytes(channels * len(pcm)))
    for channel in range(channels):
        all_of_them[channel::channels] = one
    return all_of_them.tobytes()
