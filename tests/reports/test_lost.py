"""F9, F13, F31: what takes in records is killed, its database away or old; nothing is lost."""

import asyncio
import signal
import sqlite3
import sys
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from console.migrate import downgrade, upgrade
from reports import follow
from reports.follow import Follower
from reports.records import FILES, Kind
from reports.store import RawRecord
from switchboard.db import FILE_NAME, Database, sqlite_url
from switchboard.pbx.installation import NODE
from tests.mail.conftest import postgres, postgresql  # noqa: F401 - fixtures
from tests.reports.recorded import NAMES
from tests.reports.test_follow import expected, known, write, written

ROOT = Path(__file__).resolve().parents[2]
END_OURS = text("SELECT pg_terminate_backend(pg_backend_pid())")


async def following(state: Path, log: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.reports.following", str(state), str(log)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"follows\n"
    return process


async def stored(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(RawRecord)) or 0


async def test_f9_one_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    database: Database, log: Path, tmp_path: Path, follower: Follower
) -> None:
    chance = Random(4)
    waiting = list(NAMES)
    while waiting:
        process = await following(tmp_path, log)
        for _ in range(8):
            for name in waiting[:1]:
                for kind in (Kind.STARTS, Kind.CEL, Kind.QUEUE_LOG):
                    write(log, written(name, kind), kind)
            waiting = waiting[1:]
            await asyncio.sleep(chance.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await follower.catch_up()
    assert await known(database) == expected(*NAMES)
    files = [(log / FILES[kind].path).read_bytes() for kind in (Kind.STARTS, Kind.CEL)]
    queue_log = (log / FILES[Kind.QUEUE_LOG].path).read_bytes()
    assert await stored(database) == sum(file.count(b"\n") for file in [*files, queue_log])


async def test_f13_a_locked_database_delays_and_loses_nothing(
    database: Database, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PIECE_BYTES", 20_000)
    hurried = Database(sqlite_url(tmp_path), busy_seconds=0.05)
    follower = Follower(hurried, log, NODE)
    half = len(NAMES) // 2
    for name in NAMES[:half]:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    await follower.catch_up()
    for name in NAMES[half:]:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for _ in range(3):
        with pytest.raises(OperationalError):
            await follower.catch_up()
    other.execute("ROLLBACK")
    await follower.catch_up()
    assert await known(database) == expected(*NAMES)
    await hurried.close()


async def test_f13_a_read_only_database_delays_and_loses_nothing(
    database: Database, log: Path, tmp_path: Path, follower: Follower
) -> None:
    await follower.catch_up()
    for name in NAMES:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    read_only = Database(f"sqlite+aiosqlite:///file:{tmp_path / FILE_NAME}?mode=ro&uri=true")
    for _ in range(3):
        with pytest.raises(OperationalError, match="readonly"):
            await Follower(read_only, log, NODE).catch_up()
    await read_only.close()
    await follower.catch_up()
    assert await known(database) == expected(*NAMES)


async def test_f13_a_server_that_goes_away_in_mid_transaction_is_caught_up_with(
    postgresql: Database,  # noqa: F811
    log: Path,
) -> None:
    """As its restart does: records are stored, calls are made of them, and nothing is committed."""
    follower, chance, failed = Follower(postgresql, log, NODE), Random(3), 0

    def goes_away(connection: Connection) -> None:
        if chance.random() < 0.3:
            connection.execute(END_OURS)

    event.listen(Engine, "commit", goes_away)
    for name in NAMES:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
        try:
            await follower.catch_up()
        except DBAPIError:
            failed += 1
    event.remove(Engine, "commit", goes_away)
    await follower.catch_up()
    assert failed > 5
    assert await known(postgresql) == expected(*NAMES)


async def test_f31_a_backup_that_is_restored_reads_again_what_it_lacks(
    database: Database, log: Path, tmp_path: Path, follower: Follower
) -> None:
    """And a schema that goes down and up between two records makes all calls again."""
    half = len(NAMES) // 2
    for name in NAMES[:half]:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    await follower.catch_up()
    with sqlite3.connect(tmp_path / FILE_NAME) as live, sqlite3.connect(tmp_path / "copy") as copy:
        live.backup(copy)
    for name in NAMES[half:]:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    await follower.catch_up()
    (tmp_path / "restored").mkdir()
    (tmp_path / "copy").rename(tmp_path / "restored" / FILE_NAME)
    restored = Database(sqlite_url(tmp_path / "restored"))
    await downgrade(restored, "0004")
    await upgrade(restored)
    await Follower(restored, log, NODE).catch_up()
    assert await known(restored) == await known(database) == expected(*NAMES)
    assert await stored(restored) == await stored(database)
    await restored.close()
