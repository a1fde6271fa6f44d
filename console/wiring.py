"""What is built once and handed down to the services of `run`: database, center, clock.

Nothing here is on a call's way. A database that is away delays the services that need it, and
they wait for it by themselves; the center answers calls meanwhile.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from center.current import Current
from center.state import State
from console.migrate import upgrade
from switchboard.clock import Clock, utc_now
from switchboard.db import BUSY_SECONDS, Database, sqlite_url, trouble_with
from switchboard.supervisor import Ready, Service
from switchboard.troubles import Restarts
from switchboard.watch import Trouble

DATABASE_VARIABLE = "SWITCHBOARD_DATABASE"
AGAIN_SECONDS = 2.0


def database_of(state: State, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """The database of a center: in its state directory unless the environment names another."""
    url = os.environ.get(DATABASE_VARIABLE) or sqlite_url(state.root)
    return Database(url, busy_seconds=busy_seconds)


@dataclass(frozen=True)
class Wiring:
    """`directory` is the working center; `say` tells the administrator one line."""

    state: State
    directory: Path
    say: Callable[[str], None]
    database: Database
    current: Current
    restarts: Restarts
    clock: Clock = utc_now
    migrated: asyncio.Event = field(default_factory=asyncio.Event)  # the database may be used
    # what services see wrong in their own work, by the name of the watch that tells it
    seen: dict[str, list[Trouble] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State, directory: Path, say: Callable[[str], None]) -> "Wiring":
        """For one `run`."""
        return cls(state, directory, say, database_of(state), Current(state), Restarts(utc_now))


def database_service(wiring: Wiring) -> Service:
    """Brings the database to the schema of this version as soon as it is there; closes it."""

    async def serve(ready: Ready) -> None:
        ready()  # calls do not wait for it
        try:
            await _upgraded(wiring)
            wiring.migrated.set()
            await asyncio.Event().wait()
        finally:
            await wiring.database.close()

    return Service("database", serve)


async def _upgraded(wiring: Wiring) -> None:
    said = ""
    while True:
        try:
            await upgrade(wiring.database)
            return
        except (SQLAlchemyError, OSError) as trouble:
            if trouble_with(trouble) != said:
                said = trouble_with(trouble)
                wiring.say(said)
                note_mail_trouble(wiring, said)
        await asyncio.sleep(AGAIN_SECONDS)


def note_mail_trouble(wiring: Wiring, words: str) -> None:
    """For every command to tell, as letters cannot; `switchboard alarms` knows without it."""
    with suppress(OSError):  # a full disk has an alarm of its own
        wiring.state.note_mail_trouble(words)
