"""The database: SQLite in the state directory, or PostgreSQL by URL. Nothing on a call's way.

Tables stand in the package that owns them, below `Base`; `console/migrations` brings a database to
what they say.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import DateTime, MetaData, create_engine, event, make_url
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from switchboard.scrub import scrub
from switchboard.together import Together

BUSY_SECONDS = 5.0  # SQLite has one writer at a time; the next one waits this long for its turn
FILE_NAME = "switchboard.db"
THREADS = 6  # those that wait for a locked database take no thread from anybody else

# the connection of a transaction that was cancelled is thrown away, which the pool tells at length
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)

P = ParamSpec("P")
T = TypeVar("T")


class Base(DeclarativeBase):
    """What every table derives from. Constraints have names, or a migration could not drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, kept in UTC; SQLite itself would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def sqlite_url(state_root: Path) -> str:
    """The database of a state directory."""
    return f"sqlite+aiosqlite:///{state_root / FILE_NAME}"


class Database:
    """One pool of connections. Every method raises sqlalchemy.exc.DBAPIError as the driver says."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        parsed = make_url(url)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        self._file = Path(parsed.database) if is_sqlite and parsed.database else None
        # a server may have gone and come back since a connection was last used; a file has not
        self.engine = create_async_engine(url, pool_pre_ping=not is_sqlite)
        blocking = parsed.set(drivername="sqlite") if is_sqlite else parsed
        self._blocking = create_engine(blocking, pool_pre_ping=not is_sqlite)
        self._threads = ThreadPoolExecutor(THREADS, "database")
        self._together = Together(self._blocking)
        if is_sqlite:
            for engine in (self.engine.sync_engine, self._blocking):
                event.listen(engine, "connect", partial(_prepare_sqlite, busy_seconds))
                event.listen(engine, "begin", _begin_sqlite)

    async def scrub(self) -> bool:
        """Overwrite what was deleted; whether nothing is left. Of a server's its own matter."""
        if self._file is None:
            return True
        return await asyncio.get_running_loop().run_in_executor(self._threads, scrub, self._file)

    @property
    def exists(self) -> bool:
        """Whether it was ever made; of a server's database that is its administrator's matter."""
        return self._file is None or self._file.exists()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may write: committed at the end, undone when anything is raised."""
        async with self._session(self.engine) as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads, and waits for no writer."""
        async with self._session(self.engine.execution_options(only_reads=True)) as session:
            yield session

    async def work(
        self, task: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """A transaction that may write, as a plain function in a thread: for what is done often.

        `begin` goes to a thread and back several times for each statement, which costs more CPU
        than the statement; this goes once.
        """
        whole = partial(self._transaction, task, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, whole)

    async def look(
        self, task: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """A transaction that only reads, as a plain function in a thread: for large answers."""
        whole = partial(self._glance, task, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, whole)

    async def together(
        self, task: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `work`, for what is short: it may share a transaction with others of its kind.

        Where one of them fails all are done once more, each alone: a task changes nothing but the
        database.
        """
        result: T = await self._together.do(lambda session: task(session, *args, **kwargs))
        return result

    def _transaction(
        self, task: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with Session(self._blocking, expire_on_commit=False) as session, session.begin():
            return task(session, *args, **kwargs)

    def _glance(
        self, task: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        reads = self._blocking.execution_options(only_reads=True)
        with Session(reads, expire_on_commit=False) as session, session.begin():
            return task(session, *args, **kwargs)

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        # what was read stays readable after the end: rows are handed out of the transaction
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.engine.dispose()
        self._threads.shutdown(wait=False)
        self._together.close()
        self._blocking.dispose()


def _prepare_sqlite(busy_seconds: float, connection: Any, _: Any) -> None:
    """SQLAlchemy says when a transaction begins, not Python's driver (see `_begin_sqlite`)."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA page_size = 16384")  # of a new file: letters are large
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        # Debian's SQLite overwrites what is deleted: a second letter for each that was sent
        cursor.execute("PRAGMA secure_delete = FAST")
        # 64 MB: most pages of letters are used again before they are written a second time
        cursor.execute("PRAGMA wal_autocheckpoint = 4000")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later is refused at once, without waiting, when
    # another has written in between: so one that may write asks for its turn at the start.
    reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def trouble_with(error: Exception) -> str:
    """What a database says that cannot be read or written, in one line without the query."""
    cause = getattr(error, "orig", None) or error
    return "the database is away: " + (" ".join(str(cause).split()) or type(cause).__name__)
