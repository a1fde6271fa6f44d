"""The postmen of `run`: letters leave the outbox for the mail server of the applied center."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from center.current import mail_server
from console.wiring import AGAIN_SECONDS, Wiring
from switchboard.claims import call_all, take_back
from switchboard.delivery import WORKERS, OutboxWorker, deliver
from switchboard.errors import CenterInvalid
from switchboard.mail import Mailer, MailServer
from switchboard.outbox import forget_old
from switchboard.supervisor import Ready, Service

DRAIN_SECONDS = 5.0  # for the letters in hand
FORGET_SECONDS = 3600.0


def mail_service(wiring: Wiring) -> Service:
    """Several workers; others take their place when `apply` names another server."""

    async def serve(ready: Ready) -> None:
        ready()
        await wiring.migrated.wait()
        await _insist(take_back, wiring)
        async with asyncio.TaskGroup() as group:
            group.create_task(_deliver(wiring))
            group.create_task(_forget(wiring))

    return Service("mail", serve)


async def _deliver(wiring: Wiring) -> None:
    while True:
        server = await _server(wiring)
        if server is None:
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            await _deliver_to(server, wiring)


async def _forget(wiring: Wiring) -> None:
    """What became of letters that were sent is kept for `keep.letter_days`."""
    while True:
        center = await wiring.current.center()
        with suppress(SQLAlchemyError, OSError):
            while center is not None:
                before = wiring.clock() - timedelta(days=center.ground.keep.letter_days)
                async with wiring.database.begin() as session:
                    if not await forget_old(session, before):
                        break
        await asyncio.sleep(FORGET_SECONDS)


async def _insist(task: Callable[[Session, datetime], None], wiring: Wiring) -> None:
    """Do it, as soon as the database is there."""
    while True:
        with suppress(SQLAlchemyError, OSError):
            await wiring.database.work(task, wiring.clock())
            return
        await asyncio.sleep(AGAIN_SECONDS)


async def _server(wiring: Wiring) -> MailServer | None:
    center = await wiring.current.center()
    try:
        return mail_server(center, wiring.directory) if center else None
    except CenterInvalid:  # told by the watch over the mail
        return None


async def _deliver_to(server: MailServer, wiring: Wiring) -> None:
    """Deliver until the applied center names another server; what waited for one goes at once."""
    await _insist(call_all, wiring)
    workers = [OutboxWorker(wiring.database, Mailer(server), wiring.clock) for _ in range(WORKERS)]
    delivering = asyncio.create_task(deliver(workers, DRAIN_SECONDS))
    try:
        while not delivering.done() and await _server(wiring) == server:
            await asyncio.wait({delivering}, timeout=AGAIN_SECONDS)
    finally:
        delivering.cancel()
        await asyncio.wait({delivering})
    if not delivering.cancelled():
        delivering.result()
