"""What was deleted from SQLite stands in none of its files any more."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from switchboard.db import FILE_NAME, Database, sqlite_url
from switchboard.scrub import scrub

SECRET = os.urandom(64)


def held(directory: Path) -> bool:
    return any(SECRET in path.read_bytes() for path in directory.iterdir())


async def with_something_deleted(directory: Path) -> Database:
    """Its log is not written into the file yet; a page of the file is free."""
    database = Database(sqlite_url(directory))
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE letter (id INTEGER PRIMARY KEY, body BLOB)"))
        for _ in range(50):
            body = {"body": SECRET * 1000}
            await session.execute(text("INSERT INTO letter (body) VALUES (:body)"), body)
    with closing(sqlite3.connect(directory / FILE_NAME)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    async with database.begin() as session:
        await session.execute(text("DELETE FROM letter WHERE id > 3"))
        await session.execute(text("UPDATE letter SET body = NULL"))
    return database


async def test_what_was_deleted_is_overwritten_while_others_have_it_open(tmp_path: Path) -> None:
    database = await with_something_deleted(tmp_path)
    assert held(tmp_path), "SQLite leaves it there"
    assert await database.scrub()
    assert not held(tmp_path)
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM letter")) == 3
        assert await session.scalar(text("PRAGMA integrity_check")) == "ok"
    await database.close()


async def test_it_waits_for_who_writes(tmp_path: Path) -> None:
    database = await with_something_deleted(tmp_path)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    threading.Timer(1, lambda: other.execute("ROLLBACK")).start()
    assert scrub(tmp_path / FILE_NAME)
    assert not held(tmp_path)
    other.close()
    await database.close()
