"""A spool, a database and a directory of originals, all in the test's own directory."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from console.migrate import upgrade
from switchboard.db import Database, sqlite_url
from switchboard.wording import Letterhead
from tests.collecting import Clock
from tests.voicemail.written import WrittenSpool
from voicemail.boxes import Boxes
from voicemail.calls import Calls
from voicemail.deliver import Deliverer
from voicemail.mailbox import Mailbox
from voicemail.spool import Spool
from voicemail.store import Listed, list_messages

HEAD = Letterhead("Acme", "Acme <pbx@acme.example>", ZoneInfo("Europe/Moscow"), "ru", {})


@dataclass
class Room:
    """Everything a deliverer works on."""

    directory: Path
    written: WrittenSpool
    database: Database
    clock: Clock
    kept: Path
    boxes: Boxes

    def deliverer(self, spool: type[Spool] = Spool) -> Deliverer:
        """A new one, as after a restart."""
        cel = self.directory / "cel.csv"
        fresh = spool(self.written.root, lambda: self.clock.asterisk_started, self.clock)
        deliverer = Deliverer(fresh, Calls(cel), self.database, self.kept, self.clock.utc)
        deliverer.prepare()
        return deliverer

    async def messages(self) -> list[Listed]:
        async with self.database.reading() as session:
            return await list_messages(session)

    def with_boxes(self, boxes: Mapping[str, Mapping[str, object]]) -> Boxes:
        """Mailboxes by name, each with an address unless it says otherwise."""
        return Boxes({name: mailbox(**facts) for name, facts in boxes.items()}, HEAD, "ru", 90)


def mailbox(**facts: object) -> Mailbox:
    return Mailbox.model_validate({"pin": "58214", "email": ["sales@acme.example"], **facts})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def room(tmp_path: Path, clock: Clock) -> AsyncIterator[Room]:
    database = Database(sqlite_url(tmp_path))
    await upgrade(database)
    written = WrittenSpool(tmp_path / "center")
    boxes = Boxes({"sales": mailbox()}, HEAD, "ru", 90)
    yield Room(tmp_path, written, database, clock, tmp_path / "kept", boxes)
    await database.close()
