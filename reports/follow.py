"""Follows the files that Asterisk writes: position and records in one transaction.

A crash loses nothing and doubles nothing. A file is known by its first record, so one that was
renamed, or copied before it was truncated, is gone on with where it was left. Keys that no menu
asked for are blackened in the file itself: they may be a PIN.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reports.channels import milliseconds
from reports.records import FILES, MOST_BYTES, Keys, Kind
from reports.refold import rebuild_where_none, refold, unfinished, untally
from reports.store import EVER, AgentEvent, LogFile, RawRecord, alone
from switchboard.db import Database
from switchboard.pbx.cel import CelRow

PIECE_BYTES = 1 << 20

log = logging.getLogger(__name__)
Row = tuple[object, ...]  # of `raw_record`, its columns in their order
Secret = tuple[int, bytes, bytes]  # where a record lies, what it says, and what may be read of it


@dataclass(frozen=True)
class Found:
    """A file that lies there now; `first` tells it from every other."""

    kind: Kind
    path: Path
    first: str
    size: int


class Follower:
    """Takes in what is new of the files below `directory`; `node` is whose they are."""

    def __init__(self, database: Database, directory: Path, node: str) -> None:
        self._database = database
        self._directory = directory
        self._node = node
        self._has_calls = False
        self.cut_short: list[str] = []  # files that are shorter than what was read of them
        self.damaged: dict[str, int] = {}  # file -> its records that are none, since the beginning

    async def catch_up(self) -> None:
        """Take in all there is at the moment of asking: what comes meanwhile is for the next time.

        Raises SQLAlchemyError when the database is away, OSError for a file that cannot be read.
        """
        if not self._has_calls:
            await self._database.work(rebuild_where_none)
            self._has_calls = True
        found = await asyncio.to_thread(self._found)
        read = await self._database.look(_read_bytes)
        self.cut_short = [file.path.name for file in found if file.size < read.get(file.first, 0)]
        for file in found:
            position = read.get(file.first, 0)
            while position < file.size:
                before, position = position, await self._database.work(self._take_in, file)
                if position == before:  # half a record
                    break

    def _found(self) -> list[Found]:
        """Every file of every kind, the rotated ones too; the oldest of a kind first."""
        return [
            found
            for kind, file in FILES.items()
            for path in _siblings(self._directory / file.path)
            if (found := self._known_by(kind, path)) is not None
        ]

    def _known_by(self, kind: Kind, path: Path) -> Found | None:
        """None while the first record is not whole, or the file has gone meanwhile."""
        try:
            with path.open("rb") as file:
                records = FILES[kind].split(file.read(MOST_BYTES))
                size = file.seek(0, 2)
        except FileNotFoundError:
            return None
        if not records:
            return None
        named = f"{kind} {self._node} ".encode() + FILES[kind].kept(records[0])
        return Found(kind, path, hashlib.sha256(named).hexdigest(), size)

    def _take_in(self, session: Session, found: Found) -> int:
        """Take in the next piece of a file; up to where it is read now."""
        alone(session)
        known = session.scalar(select(LogFile).where(LogFile.first == found.first))
        if known is None:
            known = LogFile(
                kind=found.kind, first=found.first, path="", node=self._node, read_bytes=0
            )
            session.add(known)
        known.path = found.path.name
        piece = _piece(found.path, known.read_bytes)
        records = FILES[found.kind].split(piece)
        if not records and len(piece) == PIECE_BYTES:
            records = [piece]  # no end within so much: damaged, and kept
        session.flush()
        position = known.read_bytes
        taken, secret = Taken(known), list[Secret]()
        for written in records:
            record = FILES[found.kind].kept(written)  # of the same length
            if record != written:
                secret.append((position, written, record))
            keys = FILES[found.kind].read(record) if len(record) <= MOST_BYTES else None
            taken.add(position, record, keys)
            position += len(record)
            if keys is None:
                self._tell_damaged(found.path, position)
        known.read_bytes = position
        taken.store(session)
        _blacken(found.path, secret)
        return position

    def _tell_damaged(self, path: Path, position: int) -> None:
        log.warning("%s at byte %s is damaged, and kept", path, position)
        self.damaged[path.name] = self.damaged.get(path.name, 0) + 1


@dataclass
class Taken:
    """What was read of a file in one go, and what is to be made of it."""

    file: LogFile
    rows: list[Row] = field(default_factory=list)
    events: list[CelRow] = field(default_factory=list)
    agents: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        file = self.file  # read once: SQLAlchemy asks at each reading whether it is still true
        self._id, self._whose = file.id, (str(file.kind), file.node)

    def add(self, position: int, record: bytes, keys: Keys | None) -> None:
        known = keys or Keys(0.0)
        at = milliseconds(known.at)
        about = (at, known.uniqueid, known.linkedid, known.is_arrival, keys is None, record)
        self.rows.append((self._id, position, *self._whose, *about))
        if known.event is not None:
            self.events.append(known.event)
        if known.agent is not None:
            named = {"file_id": self._id, "position": position}
            self.agents.append(named | known.agent.as_row())

    def store(self, session: Session) -> None:
        """Make the calls anew that the records belong to, and keep them."""
        names = unfinished(session) if self.file.kind == Kind.STARTS else []
        if self.file.kind == Kind.STARTS:
            self._keep(session)  # a start is asked for by every call
            refold(session, names)
        else:
            refold(session, names, self.events)
            self._keep(session)
        if self.agents:
            session.execute(insert(AgentEvent), self.agents)
            untally(session, min(int(str(event["at"])) for event in self.agents), EVER)

    def _keep(self, session: Session) -> None:
        # as plain as the driver takes it: SQLAlchemy's own way costs more than the writing
        connection = session.connection()
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        columns = [column.name for column in RawRecord.__table__.columns]
        marks = ", ".join([mark] * len(columns))
        statement = f"INSERT INTO raw_record ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        if self.rows:
            connection.exec_driver_sql(statement, self.rows)


def _read_bytes(session: Session) -> dict[str, int]:
    return {file.first: file.read_bytes for file in session.scalars(select(LogFile))}


def _siblings(path: Path) -> Iterator[Path]:
    """The file and those it was renamed to (`cel.csv`, `cel.csv.1`), the oldest first."""
    files = [one for one in path.parent.glob(f"{path.name}*") if one.suffix not in (".gz", ".xz")]
    return iter(sorted(files, key=_age))


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # renamed at this moment; it will be there under another name
        return 0.0


def _piece(path: Path, position: int) -> bytes:
    with path.open("rb") as file:
        file.seek(position)
        return file.read(PIECE_BYTES)


def _blacken(path: Path, secret: Sequence[Secret]) -> None:
    """Overwrite what nobody may read, where it still lies: Asterisk only ever appends."""
    if not secret:
        return
    try:
        with path.open("r+b", buffering=0) as file:
            for position, written, record in secret:
                if os.pread(file.fileno(), len(written), position) == written:
                    os.pwrite(file.fileno(), record, position)
    except OSError as trouble:
        log.warning("keys that callers pressed can be read in %s: %s", path, trouble)
