"""From the spool to the outbox: a message is copied, its sound made small, its letter written, and
row and letter committed together. Killed at any step, the next sweep does the same again.
"""

import asyncio
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from switchboard.clock import Clock, utc_now
from switchboard.convert import ConversionFailed
from switchboard.db import Database
from switchboard.letterhead import plain
from switchboard.outbox import Letter, put
from switchboard.watch import Trouble
from switchboard.wording import Letterhead
from voicemail.audio import FORMATS, Format, encode
from voicemail.calls import Calls
from voicemail.letter import Sound, Told, write_letter
from voicemail.mailbox import Mailbox
from voicemail.message import Caller, Trace
from voicemail.speech import transcribe
from voicemail.spool import RECORDING, Found, Moved, Spool
from voicemail.store import LONGEST_ID, MessageRow, unknown_of
from voicemail.way import Way

AT_ONCE = 2  # messages; the converters leave a processor for the calls
LARGEST_SOUND_BYTES = 20 << 20  # most mail servers refuse more than 25 MB
SCRATCH = "making-"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Speech:
    """Where the model lies that writes down what was said, and how long a letter waits for it."""

    model: Path
    wait_seconds: int


@dataclass(frozen=True)
class Boxes:
    """The mailboxes of a center, and what their letters share; without a `head` there are none."""

    mailboxes: Mapping[str, Mailbox]
    head: Letterhead | None
    language: str
    keep_days: int
    speech: Speech | None = None


class Deliverer:
    """`kept` is the directory of the originals. One process at a time works on it."""

    def __init__(
        self,
        spool: Spool,
        calls: Calls,
        database: Database,
        kept: Path,
        clock: Clock = utc_now,
    ) -> None:
        self._spool = spool
        self._calls = calls
        self._database = database
        self._kept = kept
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self.troubles: list[Trouble] | None = None  # of the last sweep

    def prepare(self) -> None:
        """Make the directory, and remove what a process that was killed left in it."""
        self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in (*self._kept.glob(f"{SCRATCH}*"), *self._kept.glob(".*.part")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    async def do_one(self, boxes: Boxes) -> bool:
        """Sweep once, and take what is new; whether all went well.

        Raises SQLAlchemyError, OSError while the database is away: then nothing was taken.
        """
        swept = await asyncio.to_thread(self._spool.sweep, tuple(boxes.mailboxes))
        seen = {found.id: found for folder in swept.folders for found in folder.messages}
        async with self._database.reading() as session:
            unknown = await unknown_of(session, seen)
        troubles = dict(swept.unreadable)
        async with asyncio.TaskGroup() as group:
            for message_id in unknown:
                group.create_task(self._try(seen[message_id], boxes, unknown, troubles))
        for folder in swept.folders:
            if not any(found.id in unknown for found in folder.messages):
                self._spool.settle(folder)
        self.troubles = [_trouble(mailbox, words) for mailbox, words in troubles.items()]
        return not troubles

    async def _try(
        self, found: Found, boxes: Boxes, unknown: set[str], troubles: dict[str, str]
    ) -> None:
        """Take one message out of `unknown`; what stands in the way goes into `troubles`."""
        try:
            async with self._gate:
                await self._take(found, boxes)
            unknown.discard(found.id)
        except Moved:
            return  # the next sweep sees where it is
        except (SQLAlchemyError, OSError) as trouble:
            troubles[found.mailbox] = plain(str(trouble))
        except Exception as trouble:  # one strange message must not hold up the others
            log.exception("message %s of %s", found.id, found.mailbox)
            troubles[found.mailbox] = plain(f"{type(trouble).__name__}: {trouble}")

    async def _take(self, found: Found, boxes: Boxes) -> None:
        kept = self._kept / f"{found.id}.wav"
        if found.sound is not None:
            await asyncio.to_thread(self._spool.copy, found, kept)
        caller, trace = await asyncio.to_thread(self._who, found)
        way = await asyncio.to_thread(self._calls.way, trace)
        box = boxes.mailboxes[found.mailbox]
        letter = None
        if box.email and boxes.head is not None:
            sound = await self._sound(found, kept, FORMATS[box.format])
            told = replace(
                _told(found, caller, way, too_large=_has_sound(found) and sound is None),
                transcript=await self._transcript(found, kept, boxes.speech),
            )
            language = box.language or boxes.language
            letter = await asyncio.to_thread(
                write_letter, told, box.email, language, boxes.head, sound, self._clock()
            )
        await self._database.together(keep, _row(found, caller, trace, way, letter), letter)

    def _who(self, found: Found) -> tuple[Caller, Trace]:
        """As Asterisk noted it beside the message; where it could not, as its events tell."""
        if found.envelope is not None:
            return found.envelope.caller, found.envelope.trace
        if found.text is not None and found.text[2] == 0:
            return self._calls.recorded(found.mailbox, found.received_at)
        return Caller(), Trace()

    async def _sound(self, found: Found, kept: Path, form: Format) -> Sound | None:
        """The sound as it is attached; the original where it cannot be converted."""
        if not _has_sound(found):
            return None
        with TemporaryDirectory(prefix=SCRATCH, dir=self._kept) as scratch:
            made = Path(scratch) / f"sound.{form.suffix}"
            try:
                await encode(kept, made, form)
            except (ConversionFailed, OSError) as failed:
                log.warning("message %s is sent as it was recorded: %s", found.id, failed)
                made, form = kept, FORMATS["wav"]
            return await asyncio.to_thread(_read, made, form)

    async def _transcript(self, found: Found, kept: Path, speech: Speech | None) -> str:
        """What was said, "" where that could not be written down in time.

        The time counts from the message's end, so that many of them wait no longer than one.
        """
        if speech is None or found.wav is None or not _has_sound(found):
            return ""
        ended_at = found.received_at + timedelta(seconds=found.wav.seconds)
        left = speech.wait_seconds - (self._clock() - ended_at).total_seconds()
        try:
            with TemporaryDirectory(prefix=SCRATCH, dir=self._kept) as scratch:
                written = Path(scratch) / "said.txt"
                return await transcribe(kept, written, speech.model, int(left))
        except (ConversionFailed, OSError) as failed:  # a letter without it is better than none
            log.warning("message %s is sent without what was said: %s", found.id, failed)
            return ""


def _trouble(mailbox: str, words: str) -> Trouble:
    return Trouble(
        f"voicemail:{mailbox}",
        f"messages of mailbox {mailbox} cannot be taken from the spool: {words}",
        "see that the spool can be read and its disk has room; messages wait there",
    )


def _has_sound(found: Found) -> bool:
    """Whether there is anything to hear; a WAV of a header alone has nothing."""
    if found.wav is not None:
        return found.wav.there_bytes > 0
    return found.sound is not None and found.sound[2] > 0


def _told(found: Found, caller: Caller, way: Way, *, too_large: bool) -> Told:
    return Told(
        id=found.id,
        mailbox=found.mailbox,
        caller=caller,
        received_at=found.received_at,
        seconds=found.wav.seconds if found.wav else 0.0,
        status=found.status,
        way=way,
        is_empty=not _has_sound(found),
        too_large=too_large,
    )


def _row(found: Found, caller: Caller, trace: Trace, way: Way, letter: Letter | None) -> MessageRow:
    return MessageRow(
        id=found.id,
        mailbox=found.mailbox,
        msg_id=found.envelope.msg_id if found.envelope else None,
        recording=found.name if found.folder == RECORDING else None,
        caller_number=caller.number,
        caller_name=plain(caller.name) if caller.name else None,
        dialled=way.dialled[:LONGEST_ID],
        linkedid=trace.linkedid[:LONGEST_ID],
        received_at=found.received_at,
        seconds=found.wav.seconds if found.wav else 0.0,
        sound_bytes=found.sound[2] if found.sound else 0,
        status=found.status.value,
        message_id=letter.message_id if letter else None,
    )


def keep(session: Session, row: MessageRow, letter: Letter | None) -> None:
    """Take a message and the letter about it, both or neither."""
    session.add(row)
    session.flush()
    if letter is not None:
        put(session, letter)


def _read(path: Path, form: Format) -> Sound | None:
    """None where it is larger than a letter may be."""
    if path.stat().st_size > LARGEST_SOUND_BYTES:
        return None
    return Sound(path.read_bytes(), form.kind, form.suffix)
