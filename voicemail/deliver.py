"""From the spool to the outbox: a message is copied, its sound made small, its letter written, and
row and letter committed together. Killed at any step, the next sweep does the same again.
"""

import asyncio
import filecmp
import logging
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.files import clear_up
from switchboard.letterhead import plain
from switchboard.outbox import Letter, put
from switchboard.watch import Trouble
from switchboard.wording import Letterhead
from voicemail.boxes import Boxes
from voicemail.calls import Calls
from voicemail.message import Caller, Trace
from voicemail.spool import RECORDING, Found, Moved, Spool
from voicemail.store import (
    LONGEST_ID,
    OWED,
    MessageRow,
    identify,
    nameless_of,
    owed,
    pay,
    unknown_of,
)
from voicemail.way import Way
from voicemail.writing import SCRATCH, Writer

AT_ONCE = 2  # messages; the converters leave a processor for the calls
SOME = 20  # letters that are owed, in one sweep
NO_SERVER = "no `mail:` says which server takes our letters"

log = logging.getLogger(__name__)


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
        self._writer = Writer(kept, clock)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self.troubles: list[Trouble] | None = None  # of the last sweep

    def prepare(self) -> None:
        """Make the directory, and remove what a process that was killed left in it."""
        clear_up(self._kept, SCRATCH)

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
        await self._write_owed(boxes, troubles)
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
            if await self._is_known_otherwise(found, kept):
                return
        caller, trace = await asyncio.to_thread(self._who, found)
        way = await asyncio.to_thread(self._calls.way, trace)
        row, letter = _row(found, caller, trace, way), None
        if boxes.mailboxes[found.mailbox].email:
            row.message_id = OWED
            if boxes.head is not None:
                letter = await self._writer.letter(row, way, boxes, boxes.head)
        await self._database.together(keep, row, letter)

    async def _is_known_otherwise(self, found: Found, kept: Path) -> bool:
        """Whether it was taken before Asterisk gave it the id that it has by now.

        That is done to a message whose text was damaged when its owner moves it.
        """
        if found.envelope is None or found.sound is None:
            return False
        async with self._database.reading() as session:
            nameless = await nameless_of(session, found.mailbox, found.sound[2])
        for row in nameless:
            if await asyncio.to_thread(_is_same, self._kept / f"{row.id}.wav", kept):
                now = self._clock()
                await self._database.together(
                    identify, row.id, found.id, found.envelope.msg_id, now
                )
                await asyncio.to_thread(kept.unlink)
                return True
        return False

    async def _write_owed(self, boxes: Boxes, troubles: dict[str, str]) -> None:
        """Letters that could not be written when their messages came."""
        async with self._database.reading() as session:
            rows = await owed(session, boxes.mailboxes, SOME)
        for row in rows:
            if boxes.head is None:
                troubles.setdefault(row.mailbox, NO_SERVER)
                continue
            try:
                await self._pay(row, boxes, boxes.head)
            except (SQLAlchemyError, OSError) as trouble:
                troubles[row.mailbox] = plain(str(trouble))
            except Exception as trouble:  # one strange message must not hold up the others
                log.exception("the letter about message %s of %s", row.id, row.mailbox)
                troubles[row.mailbox] = plain(f"{type(trouble).__name__}: {trouble}")

    async def _pay(self, row: MessageRow, boxes: Boxes, head: Letterhead) -> None:
        letter = None
        if boxes.mailboxes[row.mailbox].email:
            trace = Trace(row.linkedid, row.linkedid, row.dialled)
            way = await asyncio.to_thread(self._calls.way, trace)
            letter = await self._writer.letter(row, way, boxes, head)
        await self._database.together(pay, row.id, letter)

    def _who(self, found: Found) -> tuple[Caller, Trace]:
        """As Asterisk noted it beside the message; where it could not, as its events tell."""
        if found.envelope is not None:
            return found.envelope.caller, found.envelope.trace
        if found.text is not None and found.text[2] == 0:
            return self._calls.recorded(found.mailbox, found.received_at)
        return Caller(), Trace()


def _trouble(mailbox: str, words: str) -> Trouble:
    return Trouble(
        f"voicemail:{mailbox}",
        f"messages of mailbox {mailbox} cannot be delivered: {words}",
        "see that the spool can be read, and that its disk has room; messages wait",
    )


def _row(found: Found, caller: Caller, trace: Trace, way: Way) -> MessageRow:
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
        message_id=None,
    )


def keep(session: Session, row: MessageRow, letter: Letter | None) -> None:
    """Take a message and the letter about it, both or neither."""
    if letter is not None:
        row.message_id = letter.message_id
    session.add(row)
    session.flush()
    if letter is not None:
        put(session, letter)


def _is_same(one: Path, other: Path) -> bool:
    with suppress(FileNotFoundError):
        return filecmp.cmp(one, other, shallow=False)
    return False
