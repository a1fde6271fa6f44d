"""How many raw records a second are taken in and folded into calls, in bulk.

The recorded calls of the tests, each many times with other ids and at other times, lie in a file as
Asterisk would have left them; `run` would find them so after the database was away.
"""

import argparse
import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from console.migrate import upgrade
from reports.follow import Follower
from reports.records import FILES, Kind
from reports.store import CallRow
from switchboard.db import Database, sqlite_url
from switchboard.pbx.installation import NODE

RECORDINGS = Path(__file__).resolve().parents[1] / "tests" / "reports" / "recordings"
COPIES, APART = 200, 10_000  # seconds between two copies
_ID = re.compile(rb"switchboard-(\d+)\.")
_TIME = re.compile(rb'^"(\d+)\.', re.MULTILINE)


def shifted(data: bytes, seconds: int) -> bytes:
    """The same calls later, with other ids."""
    data = _ID.sub(lambda found: b"switchboard-%d." % (int(found[1]) + seconds), data)
    return _TIME.sub(lambda found: b'"%d.' % (int(found[1]) + seconds), data)


def copies(count: int) -> Iterator[bytes]:
    whole = b"".join(path.read_bytes() for path in sorted(RECORDINGS.glob("*/cel.csv")))
    return (shifted(whole, number * APART) for number in range(count))


async def follow(directory: Path, count: int) -> None:
    log = directory / "log"
    path = log / FILES[Kind.CEL].path
    path.parent.mkdir(parents=True)
    records = 0
    with path.open("wb") as file:
        for data in copies(count):
            file.write(data)
            records += data.count(b"\n")
    database = Database(sqlite_url(directory))
    await upgrade(database)
    began, cpu = time.perf_counter(), time.process_time()
    await Follower(database, log, NODE).catch_up()
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    async with database.reading() as session:
        calls = await session.scalar(select(func.count()).select_from(CallRow))
    await database.close()
    print(f"{records} records, {calls} calls: {records / took:.0f} records a second,")
    print(f"{records / cpu:.0f} a second of CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=COPIES)
    chosen = parser.parse_args()
    with TemporaryDirectory() as directory:
        asyncio.run(follow(Path(directory), chosen.copies))


if __name__ == "__main__":
    main()
