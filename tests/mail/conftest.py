"""Databases of both kinds, post offices, and a clock that a test moves."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from console.migrate import upgrade
from switchboard.db import Database, sqlite_url
from switchboard.delivery import OutboxWorker
from switchboard.mail import Mailer, MailServer, Waits
from tests.mail.post import PostOffice
from tests.mail.postgres import cluster, programs

NUMBERS = count(1)
FAST = Waits(connect_seconds=0.5, command_seconds=0.5, data_seconds=0.5, quit_seconds=0.2)


class Later:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The socket's directory of a PostgreSQL for this test process."""
    bin_dir = programs()
    if bin_dir is None or os.geteuid() != 0:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("Debian's postgresql is not installed, or we may not start it as another user")
    with cluster(bin_dir) as home:
        yield home


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """The database that a center has by itself, with every table."""
    made = Database(sqlite_url(tmp_path), busy_seconds=1.0)
    await upgrade(made)
    yield made
    await made.close()


@pytest.fixture
async def postgresql(postgres: Path) -> AsyncIterator[Database]:
    """A database of the PostgreSQL with every table."""
    name = f"t{next(NUMBERS)}"
    server = Database(f"postgresql+psycopg://postgres@/postgres?host={postgres}")
    engine = server.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    made = Database(f"postgresql+psycopg://postgres@/{name}?host={postgres}")
    await upgrade(made)
    yield made
    await made.close()
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """One of each kind."""
    made: Database = request.getfixturevalue(request.param)
    return made


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with PostOffice() as post:
        yield post


def a_worker(
    database: Database, post: PostOffice, clock: Later, waits: Waits = FAST
) -> OutboxWorker:
    mailer = Mailer(MailServer("127.0.0.1", post.port, "none"), waits=waits)
    return OutboxWorker(database, mailer, clock)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes and a hundred files."""
    if os.geteuid() != 0:
        pytest.skip("not root: a disk of our own cannot be mounted")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m,nr_inodes=100", "tmpfs", disk], check=True
    )
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
