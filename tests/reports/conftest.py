"""A database with the schema of this version, and files as Asterisk leaves them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.migrate import upgrade
from reports.follow import Follower
from switchboard.db import Database, sqlite_url
from switchboard.pbx.installation import NODE


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(sqlite_url(tmp_path))
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where Asterisk writes: nothing yet."""
    log = tmp_path / "log"
    for name in ("cdr-custom", "cel-custom"):
        (log / name).mkdir(parents=True)
    return log


@pytest.fixture
def follower(database: Database, log: Path) -> Follower:
    return Follower(database, log, NODE)
