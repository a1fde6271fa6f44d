"""The database comes to what the tables say, and back, in both kinds of database."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from console.migrate import METADATA, downgrade, upgrade
from switchboard.db import Database


async def test_migrated_tables_are_the_tables_of_the_code(database: Database) -> None:
    assert await _differences(database) == []


async def test_every_migration_goes_down_and_up_again(database: Database) -> None:
    await downgrade(database, "base")
    async with database.engine.connect() as connection:
        left = await connection.run_sync(lambda inner: inspect(inner).get_table_names())
    assert left == ["alembic_version"]
    await upgrade(database)
    assert await _differences(database) == []


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    await upgrade(database)
    assert await _differences(database) == []


async def _differences(database: Database) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with database.engine.connect() as connection:
        return await connection.run_sync(compare)
