"""The outbox's workers in a process of their own, to be killed: `DATABASE-URL PORT`."""

import asyncio
import sys

from switchboard.claims import take_back
from switchboard.clock import utc_now
from switchboard.db import Database
from switchboard.delivery import OutboxWorker, deliver
from switchboard.mail import Mailer, MailServer


async def main(url: str, port: int) -> None:
    database = Database(url)
    await database.work(take_back, utc_now())
    mailer = Mailer(MailServer("127.0.0.1", port, "none"))
    await deliver([OutboxWorker(database, mailer)], 1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
