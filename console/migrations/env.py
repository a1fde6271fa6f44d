"""How Alembic runs our migrations: on the connection that `console.migrate` hands it."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from console.migrate import METADATA
from switchboard.db import UtcTime


def render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """A type of ours as what it is in the database: a migration stays as it was when we change."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
    render_item=render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
