"""How many raw records a second are taken in and folded into calls, in bulk; and how soon, live.

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
from console.records import PAUSE_SECONDS
from reports.follow import Follower
from reports.records import FILES, Kind
from reports.store import CallRow, LogFile
from switchboard.db import Database, sqlite_url
from switchboard.pbx.installation import NODE

RECORDINGS = Path(__file__).resolve().parents[1] / "tests" / "reports" / "recordings"
COPIES, APART = 200, 10_000  # seconds between two copies
RATE, LIVE_SECONDS = 60, 20  # calls a second
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


async def live(directory: Path) -> None:
    """Calls are written at a rate and taken in as `run` does: how soon each is known."""
    path = directory / "log" / FILES[Kind.CEL].path
    path.parent.mkdir(parents=True)
    database = Database(sqlite_url(directory))
    await upgrade(database)
    written: list[tuple[int, float]] = []  # the file's end after a call, and when
    writing = asyncio.create_task(_write(path, written))
    follower, lags, known = Follower(database, directory / "log", NODE), [], 0
    while not writing.done() or known < len(written):
        await follower.catch_up()
        now = time.monotonic()
        async with database.reading() as session:
            read = await session.scalar(select(LogFile.read_bytes)) or 0
        while known < len(written) and written[known][0] <= read:
            lags.append(now - written[known][1])
            known += 1
        await asyncio.sleep(PAUSE_SECONDS)
    await database.close()
    lags.sort()
    print(f"{len(lags)} calls at {RATE} a second, in the reports after: median")
    print(
        f"{lags[len(lags) // 2]:.2f} s, 99 % {lags[len(lags) * 99 // 100]:.2f} s, {lags[-1]:.2f} s"
    )


async def _write(path: Path, written: list[tuple[int, float]]) -> None:
    names = sorted(RECORDINGS.glob("answered*/cel.csv"))
    began, position = time.monotonic(), 0
    with path.open("wb", buffering=0) as file:
        for number in range(RATE * LIVE_SECONDS):
            data = shifted(names[number % len(names)].read_bytes(), number * APART)
            position += file.write(data) or 0
            written.append((position, time.monotonic()))
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=COPIES)
    chosen = parser.parse_args()
    with TemporaryDirectory() as directory:
        asyncio.run(follow(Path(directory), chosen.copies))
    with TemporaryDirectory() as directory:
        asyncio.run(live(Path(directory)))


if __name__ == "__main__":
    main()
