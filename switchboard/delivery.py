"""From the outbox to the mail server: claimed with a lease, tried, its result written down.

Several workers go on side by side, each with a connection of its own. A letter that could not be
delivered waits 1, 2, 4, ... 60 minutes, for five days.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from switchboard.claims import Claim, note, note_and_take, smaller_of, take_one
from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.mail import Answers, MailAway, MailDelayed, Mailer, MailRefused, MailTooLarge

TRY_SECONDS = 900.0
PAUSE_SECONDS = 0.5  # between two looks into an outbox where nothing is due
WORKERS = 8

log = logging.getLogger(__name__)
T = TypeVar("T")


class OutboxWorker:
    """Takes one letter at a time. A database that is away is waited for, and nothing is lost."""

    def __init__(self, database: Database, mailer: Mailer, clock: Clock = utc_now) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until `stopping`; the letter in hand is brought to its end."""
        try:
            while not stopping.is_set():
                if not await self.do_some(stopping.is_set):
                    await _pause(stopping)
        finally:
            await self._mailer.close()

    async def do_one(self) -> bool:
        """Try one letter that is due; whether it is worth going on at once."""
        return await self.do_some(lambda: True)

    async def do_some(self, is_enough: Callable[[], bool]) -> bool:
        """Try letters that are due, until asked behind one of them it is enough; whether it is
        worth going on at once."""
        try:
            claim = await self._database.together(take_one, self._clock())
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("the database is away: %s", trouble)
            return False
        while claim is not None:
            answers = await self._tried(claim)
            is_away = any(isinstance(answer, MailAway) for answer in answers.values())
            if is_away or is_enough():
                await self._note(note, claim, answers)
                return not is_away
            claim = await self._note(note_and_take, claim, answers)
        await self._mailer.rest()
        return False

    async def _tried(self, claim: Claim) -> Answers:
        """An answer for each recipient, whatever happens on the way."""
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await self._sent(claim)
        except (MailDelayed, MailRefused) as trouble:
            return dict.fromkeys(claim.to, trouble)
        except TimeoutError:
            return dict.fromkeys(claim.to, MailAway(f"took longer than {TRY_SECONDS:g} s"))
        except Exception as trouble:  # one strange letter must not hold up the others
            log.exception("letter %s", claim.id)
            return dict.fromkeys(claim.to, MailDelayed(f"{type(trouble).__name__}: {trouble}"))

    async def _sent(self, claim: Claim) -> Answers:
        if claim.content is None:
            raise MailRefused("its bytes are gone")
        try:
            return await self._mailer.send(claim.sender, claim.to, claim.content)
        except MailTooLarge:
            smaller = await self._database.together(smaller_of, claim)
            if smaller is None:
                raise
            return await self._mailer.send(claim.sender, claim.to, smaller)

    async def _note(
        self, task: Callable[[Session, Claim, Answers, datetime], T], claim: Claim, answers: Answers
    ) -> T:
        """Write down what became of a letter, as soon as the database is there."""
        while True:
            try:
                return await self._database.together(task, claim, answers, self._clock())
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("letter %s cannot be noted: %s", claim.id, trouble)
                await asyncio.sleep(PAUSE_SECONDS)


async def deliver(workers: Sequence[OutboxWorker], drain_seconds: float) -> None:
    """Let workers deliver until cancelled; letters in hand then have `drain_seconds`."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stopping)) for worker in workers]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    except asyncio.CancelledError:
        stopping.set()
        await asyncio.wait(tasks, timeout=drain_seconds)
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE_SECONDS):
            await stopping.wait()
