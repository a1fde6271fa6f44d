"""The letter about a message: from its row and the original of its sound, now or later."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from switchboard.clock import Clock
from switchboard.convert import ConversionFailed
from switchboard.outbox import Letter
from switchboard.wording import Letterhead
from voicemail.audio import FORMATS, Format, encode
from voicemail.boxes import Boxes, Speech
from voicemail.letter import Sound, Told, write_letter
from voicemail.message import HEADER, Caller, Status, read_wav
from voicemail.speech import transcribe
from voicemail.store import MessageRow
from voicemail.way import Way

LARGEST_SOUND_BYTES = 20 << 20  # most mail servers refuse more than 25 MB
SCRATCH = "making-"

log = logging.getLogger(__name__)


class Writer:
    """`kept` is the directory of the originals."""

    def __init__(self, kept: Path, clock: Clock) -> None:
        self._kept = kept
        self._clock = clock

    async def letter(self, row: MessageRow, way: Way, boxes: Boxes, head: Letterhead) -> Letter:
        """The letter that the message's mailbox wants. Raises OSError."""
        box = boxes.mailboxes[row.mailbox]
        original = self._kept / f"{row.id}.wav"
        is_empty = not await asyncio.to_thread(_has_sound, original)
        sound = None if is_empty else await self._sound(row, original, FORMATS[box.format])
        told = Told(
            id=row.id,
            mailbox=row.mailbox,
            caller=Caller(row.caller_number, row.caller_name),
            received_at=row.received_at,
            seconds=row.seconds,
            status=Status(row.status),
            way=way,
            is_empty=is_empty,
            too_large=not is_empty and sound is None,
            transcript="" if is_empty else await self._transcript(row, original, boxes.speech),
        )
        language = box.language or boxes.language
        return await asyncio.to_thread(
            write_letter, told, box.email, language, head, sound, self._clock()
        )

    async def _sound(self, row: MessageRow, original: Path, form: Format) -> Sound | None:
        """The sound as it is attached; the original where it cannot be converted."""
        with TemporaryDirectory(prefix=SCRATCH, dir=self._kept) as scratch:
            made = Path(scratch) / f"sound.{form.suffix}"
            try:
                await encode(original, made, form)
            except (ConversionFailed, OSError) as failed:
                log.warning("message %s is sent as it was recorded: %s", row.id, failed)
                made, form = original, FORMATS["wav"]
            return await asyncio.to_thread(_read, made, form)

    async def _transcript(self, row: MessageRow, original: Path, speech: Speech | None) -> str:
        """What was said, "" where that could not be written down in time.

        The time counts from the message's end, so that many of them wait no longer than one.
        """
        if speech is None or not row.seconds:
            return ""
        ended_at = row.received_at + timedelta(seconds=row.seconds)
        left = speech.wait_seconds - (self._clock() - ended_at).total_seconds()
        try:
            with TemporaryDirectory(prefix=SCRATCH, dir=self._kept) as scratch:
                written = Path(scratch) / "said.txt"
                return await transcribe(original, written, speech.model, int(left))
        except (ConversionFailed, OSError) as failed:  # a letter without it is better than none
            log.warning("message %s is sent without what was said: %s", row.id, failed)
            return ""


def _has_sound(original: Path) -> bool:
    """Whether there is anything to hear; a WAV of a header alone has nothing."""
    try:
        with original.open("rb") as file:
            head, size = file.read(HEADER.size), file.seek(0, 2)
    except FileNotFoundError:
        return False
    wav = read_wav(head, size)
    return size > 0 if wav is None else wav.there_bytes > 0


def _read(path: Path, form: Format) -> Sound | None:
    """None where it is larger than a letter may be."""
    if path.stat().st_size > LARGEST_SOUND_BYTES:
        return None
    return Sound(path.read_bytes(), form.kind, form.suffix)
