"""What becomes of a message once its letter is sent, and when its time is over.

Asterisk itself moves and deletes: numbers and lamps stay right, and it knows messages by `msg_id`.
Nothing here touches a message whose letter is not sent.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.pbx.ami import Ami, AmiAway, AmiRefused, AmiTimeout
from voicemail.boxes import Boxes
from voicemail.spool import Spool
from voicemail.store import Listed, MessageRow, NotSent, find_message, overdue, unfinished

SOME = 100  # at a time
UNHEARD = frozenset({"INBOX", "Urgent"})
HEARD = "Old"

log = logging.getLogger(__name__)

Line = Callable[[], AbstractAsyncContextManager[Ami | None]]  # None while Asterisk is away


class Afterwards:
    """Keeps on one's own when Asterisk is away: what needs it is done when it is back."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        kept: Path,
        line: Line,
        clock: Clock = utc_now,
    ) -> None:
        self._spool = spool
        self._database = database
        self._kept = kept
        self._line = line
        self._clock = clock

    async def do_some(self, boxes: Boxes) -> bool:
        """Do what is due; whether there may be more. Raises as the database, and OSError."""
        async with self._database.reading() as session:
            sent = await unfinished(session, SOME)
        before = self._clock() - timedelta(days=boxes.keep_days)
        async with self._database.reading() as session:
            old = await overdue(session, before, SOME)
        if not sent and not old:
            return False
        needed = bool(old) or any(_wanted(one.message, boxes) != "keep" for one in sent)
        async with self._line() if needed else nullcontext() as line:
            finished = [one.message for one in sent if await self._finish(one.message, boxes, line)]
            gone = [one.message for one in old if await self._forget(one.message, line)]
        async with self._database.begin() as session:
            for message in finished:
                message.finished_at = self._clock()
                await session.merge(message)
            for message in gone:
                message.gone_at = self._clock()
                await session.merge(message)
        return SOME in (len(finished), len(gone))

    async def delete(self, message_id: str) -> None:
        """Delete a message here and on the telephone. Raises NoSuchMessage, NotSent."""
        async with self._database.reading() as session:
            listed = await find_message(session, message_id)
        demand_sent(listed)
        async with self._line() as line:
            if not await self._forget(listed.message, line):
                raise NotSent("the message lies in Asterisk, which is not running; try again later")
        async with self._database.begin() as session:
            listed.message.gone_at = self._clock()
            await session.merge(listed.message)

    async def _finish(self, message: MessageRow, boxes: Boxes, line: Ami | None) -> bool:
        """Whether all is done that its mailbox wants."""
        if message.recording is not None:
            await asyncio.to_thread(
                self._spool.remove_recording, message.mailbox, message.recording
            )
            return True
        wanted = _wanted(message, boxes)
        if wanted == "keep":
            return True
        return await self._in_asterisk(message, line, delete=wanted == "delete")

    async def _forget(self, message: MessageRow, line: Ami | None) -> bool:
        """Whether nothing of it is left, neither here nor in Asterisk."""
        if not await self._in_asterisk(message, line, delete=True):
            return False
        (self._kept / f"{message.id}.wav").unlink(missing_ok=True)
        return True

    async def _in_asterisk(self, message: MessageRow, line: Ami | None, *, delete: bool) -> bool:
        """Delete it, or mark it as heard; False while Asterisk is away."""
        if message.msg_id is None:
            return True
        folder = await asyncio.to_thread(self._spool.folder_of, message.mailbox, message.msg_id)
        if folder is None or not (delete or folder in UNHEARD):
            return True
        if line is None:
            return False
        headers = {"Context": "center", "Mailbox": message.mailbox, "Folder": folder}
        headers["ID"] = message.msg_id
        try:
            if delete:
                answer = await line.ask("VoicemailRemove", **headers)
            else:
                answer = await line.ask("VoicemailMove", **headers, ToFolder=HEARD)
        except (AmiAway, AmiRefused, AmiTimeout) as trouble:
            log.warning("message %s: %s", message.id, trouble)
            return False
        return "successful" in answer["message"]  # it says Success of what it could not do, too


def _wanted(message: MessageRow, boxes: Boxes) -> str:
    """As its mailbox says; what was never sent is kept, and of a cut recording nothing is left."""
    box = boxes.mailboxes.get(message.mailbox)
    return box.after_delivery if box and message.message_id and message.msg_id else "keep"


def demand_sent(listed: Listed) -> None:
    """Raises NotSent."""
    if not listed.is_safe:
        state = listed.letter.state if listed.letter else "missing"
        raise NotSent(
            f"the letter about {listed.message.id} is {state}; nothing is deleted before it is sent"
        )
