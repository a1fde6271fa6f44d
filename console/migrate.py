"""The schema of the database: brought to what the tables say, one revision after the other.

`python -m console.migrate "Say what changes"` writes the next revision, by comparing the tables
with an empty database that has every revision so far.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

import fax2pdf.store
import reports.runs
import reports.store
import switchboard.alarms
import switchboard.outbox
import voicemail.store
from switchboard.db import Base, Database, sqlite_url

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
METADATA = Base.metadata  # whole once every module with a table is imported above
TABLES = (
    switchboard.alarms,
    switchboard.outbox,
    voicemail.store,
    fax2pdf.store,
    reports.store,
    reports.runs,
)


async def upgrade(database: Database, revision: str = "head") -> None:
    """Bring a database to a revision, in one transaction. Raises SQLAlchemyError."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_run, revision)


async def downgrade(database: Database, revision: str) -> None:
    """Bring a database back to a revision; `base` is before the first."""
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda inner: command.downgrade(config(inner), revision))


def _run(connection: Connection, revision: str) -> None:
    command.upgrade(config(connection), revision)


def config(connection: Connection | None = None) -> Config:
    """What Alembic needs to know, without a file."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    return made


async def write_revision(message: str) -> None:
    """The next revision, numbered; to be read and mended by hand."""
    number = len(list(ScriptDirectory.from_config(config()).walk_revisions())) + 1
    with TemporaryDirectory() as directory:
        database = Database(sqlite_url(Path(directory)))
        await upgrade(database)
        async with database.engine.begin() as connection:
            await connection.run_sync(
                lambda inner: command.revision(
                    config(inner), message, autogenerate=True, rev_id=f"{number:04}"
                )
            )
        await database.close()


if __name__ == "__main__":
    asyncio.run(write_revision(" ".join(sys.argv[1:])))
