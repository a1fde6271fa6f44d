"""Asterisk's spool of messages, swept: what lies there is the truth, whatever events told.

A message is known by its `msg_id`: numbers shift when another is deleted, and folders change when
it is heard.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from switchboard.errors import SwitchboardError
from switchboard.files import open_regular, whole
from switchboard.spool import Stamp, look_at, opened, stamp_of
from voicemail.message import (
    HEADER,
    Envelope,
    Status,
    Wav,
    mended,
    read_envelope,
    read_wav,
)

RECORDING = "tmp"  # the folder of a box in which Asterisk records
SETTLED_SECONDS = 10.0  # what is not whole by then will not be
ABANDONED_SECONDS = 1200.0  # a recording of `maxsecs` is written to every two seconds
SURE_SECONDS = 2.0  # a folder that changed just now may change again within the clock's step
LARGEST_ENVELOPE_BYTES = 64 << 10
CHUNK_BYTES = 1 << 20

_NUMBERED = re.compile(r"msg[0-9]{4}")


class Moved(SwitchboardError):
    """The message was heard, moved or deleted meanwhile; the next sweep sees where it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message where it was seen. `text` and `sound` are None where that file is not there."""

    mailbox: str
    folder: str
    name: str
    text: Stamp | None
    sound: Stamp | None
    envelope: Envelope | None
    wav: Wav | None
    status: Status

    @property
    def id(self) -> str:
        """16 hexadecimal digits, the same in each sweep; two boxes' copies of one are two."""
        own = self.envelope.msg_id if self.envelope else f"{self.folder == RECORDING} {self._born}"
        return hashlib.sha256(f"{self.mailbox} {own}".encode()).hexdigest()[:16]

    @property
    def received_at(self) -> datetime:
        """When the caller began to speak, as far as that is known."""
        if self.envelope:
            return self.envelope.received_at
        return datetime.fromtimestamp(self._born / 1e9, UTC)

    @property
    def _born(self) -> int:
        return min(stamp[1] for stamp in (self.text, self.sound) if stamp)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that changed since it was settled. `waiting`: more of it may become whole."""

    mailbox: str
    name: str
    changed_ns: int
    messages: tuple[Found, ...]
    waiting: bool
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep saw, and in words what it could not read, by mailbox."""

    folders: tuple[Folder, ...]
    unreadable: dict[str, str]


class Spool:
    """`root` is the directory of Asterisk's context: it holds one directory for each box.

    `started_at` tells when Asterisk was started last (seconds since 1970): what it was recording
    before that is all there will be of it.
    """

    def __init__(
        self, root: Path, started_at: Callable[[], float], clock: Callable[[], float] = time.time
    ) -> None:
        self._root = root
        self._started_at = started_at
        self._clock = clock
        self._settled: dict[tuple[str, str], int] = {}

    def sweep(self, mailboxes: Iterable[str]) -> Swept:
        """Every folder of these boxes that changed; those that do not exist yet are empty."""
        folders: list[Folder] = []
        unreadable: dict[str, str] = {}
        for mailbox in mailboxes:
            try:
                for folder in self._box(mailbox):
                    folders.append(folder)
                    if folder.unreadable:
                        unreadable[mailbox] = folder.unreadable
            except FileNotFoundError:
                continue
            except OSError as trouble:
                unreadable[mailbox] = _words(trouble)
        return Swept(tuple(folders), unreadable)

    def settle(self, folder: Folder) -> None:
        """All that is in it was taken: it needs no look until it changes."""
        if not folder.waiting and self._clock() - folder.changed_ns / 1e9 > SURE_SECONDS:
            self._settled[folder.mailbox, folder.name] = folder.changed_ns

    def copy(self, found: Found, target: Path) -> None:
        """Write the sound of a message, its header mended where its length is false.

        Durable when this returns. Raises Moved, OSError.
        """
        if found.sound is None:
            raise ValueError(f"{found.name} has no sound")
        try:
            with (
                opened(self._root, found.mailbox, found.folder) as directory,
                whole(target) as file,
            ):
                self._demand_same(found, directory)
                with open_regular(directory, f"{found.name}.wav") as sound:
                    _copy(sound, file, found.wav)
                self._demand_same(found, directory)
        except FileNotFoundError as gone:
            raise Moved(f"{found.name} of {found.mailbox} has another place by now") from gone

    def remove_recording(self, mailbox: str, name: str) -> None:
        """Remove what is left of a recording that was cut. Raises OSError."""
        with (
            suppress(FileNotFoundError),
            opened(self._root, mailbox, RECORDING) as directory,
        ):
            for file in (f"{name}.wav", name):
                with suppress(FileNotFoundError):
                    os.unlink(file, dir_fd=directory)

    def folder_of(self, mailbox: str, msg_id: str) -> str | None:
        """The folder in which a message lies now, None when its owner has deleted it."""
        for folder in self._folders(mailbox):
            with opened(self._root, mailbox, folder) as directory:
                for name in filter(_NUMBERED.fullmatch, _stems(directory)):
                    found = self._look(mailbox, folder, name, directory)
                    if found and found.envelope and found.envelope.msg_id == msg_id:
                        return folder
        return None

    def _demand_same(self, found: Found, directory: int) -> None:
        names = _names(found.name, found.folder)
        if tuple(_stamp(directory, name) for name in names) != (found.text, found.sound):
            raise Moved(f"{found.name} of {found.mailbox} is another message by now")

    def _box(self, mailbox: str) -> Iterator[Folder]:
        for folder in self._folders(mailbox):
            with opened(self._root, mailbox, folder) as directory:
                changed_ns = os.fstat(directory).st_mtime_ns
                if self._settled.get((mailbox, folder)) != changed_ns:
                    yield self._folder(mailbox, folder, directory, changed_ns)

    def _folders(self, mailbox: str) -> list[str]:
        with opened(self._root, mailbox) as box, os.scandir(box) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))

    def _folder(self, mailbox: str, folder: str, directory: int, changed_ns: int) -> Folder:
        names = _stems(directory)
        if folder != RECORDING:
            names = {name for name in names if _NUMBERED.fullmatch(name)}
        messages, waiting, unreadable = [], False, ""
        for name in sorted(names):
            try:
                found = self._look(mailbox, folder, name, directory)
            except OSError as trouble:
                found, unreadable = None, _words(trouble)
            if found is not None and self._is_ready(found):
                messages.append(found)
            else:
                waiting = True
        return Folder(mailbox, folder, changed_ns, tuple(messages), waiting, unreadable)

    def _look(self, mailbox: str, folder: str, name: str, directory: int) -> Found | None:
        """The message of a name, None when it has just gone."""
        text_name, sound_name = _names(name, folder)
        text, text_head = look_at(directory, text_name, LARGEST_ENVELOPE_BYTES)
        sound, sound_head = look_at(directory, sound_name, HEADER.size)
        if text is None and sound is None:
            return None
        envelope = read_envelope(text_head)
        wav = read_wav(sound_head, sound[2]) if sound else None
        is_whole = envelope is not None and wav is not None and wav.is_whole
        status = Status.COMPLETE if is_whole else Status.DAMAGED
        if folder == RECORDING:
            status = Status.PARTIAL
        return Found(mailbox, folder, name, text, sound, envelope, wav, status)

    def _is_ready(self, found: Found) -> bool:
        """Whether no more of it is to be expected."""
        if found.status is Status.COMPLETE:
            return True
        newest = max(stamp[1] for stamp in (found.text, found.sound) if stamp) / 1e9
        age_seconds = self._clock() - newest
        if found.status is Status.PARTIAL:
            return newest < self._started_at() or age_seconds > ABANDONED_SECONDS
        return age_seconds > SETTLED_SECONDS


def _stems(directory: int) -> set[str]:
    return {name.removesuffix(".wav").removesuffix(".txt") for name in os.listdir(directory)}


def _names(name: str, folder: str) -> tuple[str, str]:
    """The envelope and the sound; while Asterisk records, the envelope is a file without ending."""
    return (name if folder == RECORDING else f"{name}.txt"), f"{name}.wav"


def _stamp(directory: int, name: str) -> Stamp | None:
    try:
        return stamp_of(os.stat(name, dir_fd=directory, follow_symlinks=False))
    except FileNotFoundError:
        return None


def _words(trouble: OSError) -> str:
    return f"{trouble.filename or 'a folder'}: {trouble.strerror}"


def _copy(sound: BinaryIO, file: BinaryIO, wav: Wav | None) -> None:
    if wav is not None and not wav.is_whole:
        file.write(mended(sound.read(HEADER.size), wav))
    while chunk := sound.read(CHUNK_BYTES):
        file.write(chunk)
