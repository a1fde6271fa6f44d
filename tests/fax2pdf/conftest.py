"""A spool of faxes, a database and a directory of originals, all in the test's own directory."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from console.migrate import upgrade
from fax2pdf.deliver import Deliverer
from fax2pdf.fax import FaxLine
from fax2pdf.lines import Lines
from fax2pdf.spool import Spool
from fax2pdf.store import Listed, list_faxes
from switchboard.db import Database, sqlite_url
from switchboard.paper.house import House
from switchboard.wording import Letterhead
from tests.collecting import Clock
from tests.fax2pdf.written import RECEIVED

HEAD = Letterhead("Acme", "Acme <pbx@acme.example>", ZoneInfo("Europe/Moscow"), "ru", {})
BEGAN = 1795307111  # 2026-11-22 00:25:11 UTC
SENT_BY = "+74950000009|+79260000001|Anna"


@dataclass
class Room:
    """Everything a deliverer works on."""

    directory: Path
    spool: Path
    database: Database
    clock: Clock
    lines: Lines
    numbers: "count[int]" = field(default_factory=count)
    deliverers: list[Deliverer] = field(default_factory=list)

    @property
    def kept(self) -> Path:
        return self.directory / "kept"

    def deliverer(self) -> Deliverer:
        """A new one, as after a restart."""
        spool = Spool(self.spool, lambda: self.clock.asterisk_started, self.clock)
        deliverer = Deliverer(spool, self.database, self.kept, self.clock.utc)
        deliverer.prepare()
        self.deliverers.append(deliverer)
        return deliverer

    def fax(
        self,
        pages: Path | bytes | None = RECEIVED / "two_fine_pages.tif",
        ending: str | None = "SUCCESS|2|14400||+7 926 000 00 01",
        sent_by: str = SENT_BY,
        line: str = "office",
    ) -> Path:
        """A fax as Asterisk leaves it in the spool; the path of its pages."""
        name = f"switchboard-{BEGAN}.{next(self.numbers)}"
        path = self.spool / f"{line}-{name}"
        if isinstance(pages, bytes):
            Path(f"{path}.tif").write_bytes(pages)
        elif pages is not None:
            shutil.copyfile(pages, f"{path}.tif")
        told = f"call|{BEGAN}|{name}|{sent_by}\n"
        told += f"end|{BEGAN + 45}|{ending}\n" if ending is not None else ""
        Path(f"{path}.txt").write_bytes(told.encode())
        return Path(f"{path}.tif")

    async def faxes(self) -> list[Listed]:
        async with self.database.reading() as session:
            return await list_faxes(session)


def lines(**facts: object) -> Lines:
    line = FaxLine.model_validate({"email": ["office@acme.example"], **facts})
    return Lines({"office": line}, HEAD, ("en", "ru"), 365, House("Acme"))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    database = Database(sqlite_url(tmp_path))
    await upgrade(database)
    spool = tmp_path / "spool"
    spool.mkdir()
    assert os.access(spool, os.W_OK)
    room = Room(tmp_path, spool, database, Clock(), lines())
    yield room
    for deliverer in room.deliverers:
        await deliverer.close()
    await database.close()
