"""`python -m tests.reports.following STATE LOG`: follows for ever, until somebody kills it."""

import asyncio
import sys
from pathlib import Path

from reports.follow import Follower
from switchboard.db import Database, sqlite_url
from switchboard.pbx.installation import NODE


async def follow(state: Path, log: Path) -> None:
    follower = Follower(Database(sqlite_url(state)), log, NODE)
    print("follows", flush=True)
    while True:
        await follower.catch_up()
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(follow(*map(Path, sys.argv[1:])))
