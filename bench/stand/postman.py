"""The outbox's workers in a process of their own: `DATABASE-URL PORT LETTERS`.

Prints the most memory that it used, in MiB, when that many letters were delivered.
"""

import asyncio
import sys
from itertools import count

from bench.stand.sink import HOST
from bench.stand.usage import most_resident_mb
from switchboard.db import Database
from switchboard.delivery import WORKERS, OutboxWorker
from switchboard.mail import Mailer, MailServer

NOTHING_DUE_SECONDS = 0.2


async def deliver(database: Database, port: int, letters: int) -> None:
    """Deliver so many letters, by as many workers as `run` has."""
    delivered = count(1)
    enough = asyncio.Event()

    def is_enough() -> bool:
        if next(delivered) >= letters:
            enough.set()
        return enough.is_set()

    async def work(mailer: Mailer) -> None:
        worker = OutboxWorker(database, mailer)
        while not enough.is_set():
            if not await worker.do_some(is_enough):
                await asyncio.sleep(NOTHING_DUE_SECONDS)
        await mailer.close()

    server = MailServer(HOST, port, "none")
    await asyncio.gather(*(work(Mailer(server)) for _ in range(WORKERS)))


if __name__ == "__main__":
    database = Database(sys.argv[1])
    asyncio.run(deliver(database, int(sys.argv[2]), int(sys.argv[3])))
    print(most_resident_mb())
