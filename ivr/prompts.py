"""Sounds made of prompts: spoken or recorded, levelled, and kept by their content.

`CACHE/KEY.wav` and `CACHE/KEY.wav16` are one sound in both rates; KEY is a hash of all that decides
how it sounds. What Asterisk plays are links to these: a link stays whole when the cache goes.
"""

import asyncio
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from ivr.audio import SPEECH, Finish, decode, join, level, wav_seconds
from ivr.recordings import Recordings
from ivr.speech import Voices, spoken_text
from switchboard.convert import ConversionFailed
from switchboard.prompt import Part

VERSION = 1  # raise it when the same parts would come out differently: all is made anew
SCRATCH = "making-"
SCRATCH_KEPT_SECONDS = 3600
READABLE = 0o644  # Asterisk may run under another account

Progress = Callable[[int, int], None]  # (made, to be made)


@dataclass(frozen=True)
class Sound:
    """Parts in one language, heard one after the other as one file."""

    language: str
    parts: tuple[Part, ...]
    finish: Finish = SPEECH


@dataclass(frozen=True)
class Made:
    """How long each sound plays, and in words why the others could not be made."""

    seconds: dict[Sound, float]
    problems: dict[Sound, str]


class PromptMaker:
    """Makes sounds, each only once."""

    def __init__(self, voices: Voices, recordings: Recordings, cache: Path) -> None:
        self._voices = voices
        self._recordings = recordings
        self._cache = cache

    def key(self, sound: Sound) -> str:
        """16 hexadecimal digits; equal for sounds that sound alike. Raises ConversionFailed."""
        parts = [
            ["file", self._recordings.digest(part.file)]
            if part.file is not None
            else ["say", spoken_text(part.text), *self._voices.identity(sound.language)]
            for part in sound.parts
        ]
        finish = [sound.finish.lufs, sound.finish.trimmed]
        content = json.dumps([VERSION, sound.language, finish, parts])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def problem(self, sound: Sound) -> str | None:
        """Why a sound cannot be made, as far as that is seen without making it, in words."""
        for part in sound.parts:
            if part.file is not None:
                problem = self._recordings.problem(part.file)
            elif not any(sign.isalnum() for sign in part.text):
                problem = "there is nothing to say"
            else:
                problem = self._voices.problem(sound.language)
            if problem:
                return problem
        return None

    def files(self, sound: Sound) -> tuple[Path, Path]:
        """Where the narrow and the wide file of a sound lie once made. Raises ConversionFailed."""
        return self._files(self.key(sound))

    async def make(self, sounds: Iterable[Sound], progress: Progress | None = None) -> Made:
        """Make what is missing, as many at once as there are processors."""
        self._cache.mkdir(parents=True, exist_ok=True)
        self._sweep()
        made = Made({}, {})
        missing = self._missing(sounds, made)
        gate = asyncio.Semaphore(os.cpu_count() or 1)
        done = count(1)

        async def make_one(key: str, alike: list[Sound]) -> None:
            async with gate:
                await self._make_alike(key, alike, made)
            if progress:
                progress(next(done), len(missing))

        async with asyncio.TaskGroup() as group:
            for key, alike in missing.items():
                group.create_task(make_one(key, alike))
        return made

    def _files(self, key: str) -> tuple[Path, Path]:
        return self._cache / f"{key}.wav", self._cache / f"{key}.wav16"

    def _missing(self, sounds: Iterable[Sound], made: Made) -> dict[str, list[Sound]]:
        """The sounds that are not in the cache, by key; what is known of the others is noted."""
        missing: dict[str, list[Sound]] = {}
        for sound in dict.fromkeys(sounds):
            try:
                key = self.key(sound)
            except ConversionFailed as trouble:
                made.problems[sound] = str(trouble)
                continue
            seconds = _seconds(self._files(key))
            if seconds is None:
                missing.setdefault(key, []).append(sound)
            else:
                made.seconds[sound] = seconds
        return missing

    async def _make_alike(self, key: str, alike: list[Sound], made: Made) -> None:
        deadline = alike[0].finish.deadline_seconds
        try:
            async with asyncio.timeout(deadline):
                await self._make(key, alike[0])
        except ConversionFailed as trouble:
            made.problems.update(dict.fromkeys(alike, str(trouble)))
        except TimeoutError:
            made.problems.update(dict.fromkeys(alike, f"took longer than {deadline} s to make"))
        else:
            made.seconds.update(dict.fromkeys(alike, _seconds(self._files(key)) or 0.0))

    async def _make(self, key: str, sound: Sound) -> None:
        with TemporaryDirectory(prefix=SCRATCH, dir=self._cache) as scratch_name:
            scratch = Path(scratch_name)
            whole, guess_db = await self._whole(sound, scratch)
            narrow, wide = scratch / "narrow", scratch / "wide"
            await level(whole, narrow, wide, sound.finish, guess_db)
            for fresh, kept in zip((narrow, wide), self._files(key), strict=True):
                fresh.chmod(READABLE)
                fresh.replace(kept)

    async def _whole(self, sound: Sound, scratch: Path) -> tuple[Path, float]:
        """All parts as one WAV of any loudness, and a first guess of the gain it needs."""
        pieces = [
            await self._piece(part, sound, scratch / f"{number}.wav")
            for number, part in enumerate(sound.parts)
        ]
        if not sound.finish.trimmed:
            (whole,) = pieces
            return whole, 0.0
        whole = scratch / "whole.wav"
        level_db = await asyncio.to_thread(join, pieces, whole)
        return whole, sound.finish.lufs - level_db

    async def _piece(self, part: Part, sound: Sound, wav: Path) -> Path:
        if part.file is None:
            return await self._voices.speak(part.text, sound.language, wav)
        try:
            await decode(self._recordings.path(part.file), wav, sound.finish)
        except ConversionFailed as trouble:
            raise ConversionFailed(f"sounds/{part.file}: {trouble}") from trouble
        return wav

    def _sweep(self) -> None:
        """Remove the scratch of makers that were killed."""
        for scratch in self._cache.glob(f"{SCRATCH}*"):
            with suppress(FileNotFoundError):
                if time.time() - scratch.stat().st_mtime > SCRATCH_KEPT_SECONDS:
                    shutil.rmtree(scratch)


def _seconds(files: tuple[Path, Path]) -> float | None:
    narrow, wide = (wav_seconds(file) for file in files)
    return narrow if narrow and wide else None


def lay_out(
    prompts: Mapping[str, Mapping[str, Sound]], maker: PromptMaker, into: Path, folder: str = "sb"
) -> None:
    """Link made sounds, by id and language, to `into/LANGUAGE/FOLDER/ID.wav` and `.wav16`.

    What a call is playing goes on as it was. Raises ConversionFailed, FileNotFoundError.
    """
    for prompt_id, by_language in prompts.items():
        for language, sound in by_language.items():
            link_sound(maker, sound, into / language / folder / prompt_id)


def link_sound(maker: PromptMaker, sound: Sound, place: Path) -> None:
    """Link one made sound to `place` with `.wav` and `.wav16` behind its name."""
    place.parent.mkdir(parents=True, exist_ok=True)
    for made in maker.files(sound):
        link = place.with_name(place.name + made.suffix)
        if not (link.exists() and link.samefile(made)):
            new = link.with_name(f".{link.name}.new")
            new.unlink(missing_ok=True)
            new.hardlink_to(made)
            new.replace(link)
