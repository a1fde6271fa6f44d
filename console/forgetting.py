"""What is known of a number, how it is forgotten, and what is let go because its time is over."""

import asyncio
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

import console.faxes
import fax2pdf.store
import voicemail.store
from callrouter.forwards import end_forwards, forwarding_to
from center.boxes import boxes_of
from center.line import line_if_running
from center.load import Center
from center.state import State
from console.accounts import center_of, records_of
from console.collector import afterwards_of, kept
from fax2pdf.store import FaxRow
from reports import keep
from reports.call import Call
from reports.forget import calls_with, channels_naming, forget
from reports.listing import call_json
from reports.period import Period
from reports.store import call_of
from switchboard.clock import utc_now
from switchboard.db import Database
from switchboard.errors import SwitchboardError
from switchboard.outbox import BodyRow, OutboxRow
from voicemail.store import MessageRow

FORGOTTEN = "forgotten"


class NotYet(SwitchboardError):
    """A number is not forgotten while letters about it are on their way."""


@dataclass(frozen=True)
class Known:
    """All that is kept of a number; `files` are sounds and pages, by the name they get outside.

    `forwards` are the extensions whose calls go on to it, None while Asterisk is not there to say.
    """

    number: str
    calls: list[Call]
    messages: list[voicemail.store.Listed]
    faxes: list[fax2pdf.store.Listed]
    forwards: tuple[str, ...] | None
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def letters(self) -> list[OutboxRow]:
        of_messages = [one.letter for one in self.messages if one.letter is not None]
        return of_messages + [one.letter for one in self.faxes if one.letter is not None]

    def counted(self) -> dict[str, int]:
        return {
            "calls": len(self.calls),
            "messages": len(self.messages),
            "faxes": len(self.faxes),
            "letters": len(self.letters),
            "forwards": len(self.forwards or ()),
        }

    def as_json(self, period: Period) -> dict[str, Any]:
        """`period` has the center's clock."""
        return {
            "number": self.number,
            "calls": [call_json(call, period) for call in self.calls],
            "messages": [_plain(one.message) for one in self.messages],
            "faxes": [_plain(one.fax) for one in self.faxes],
            "letters": [
                _plain(letter) | {"to": [one.address for one in letter.recipients]}
                for letter in self.letters
            ],
            "forwards": None if self.forwards is None else list(self.forwards),
        }


def _plain(row: MessageRow | FaxRow | OutboxRow) -> dict[str, Any]:
    values = {column.name: getattr(row, column.key) for column in row.__table__.columns}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


async def known_of(state: State, number: str) -> tuple[Known, Period]:
    """Raises NothingApplied, DatabaseAway."""
    center = await center_of(state)
    today = utc_now().date().isoformat()
    async with records_of(state) as database:
        return await _known(state, database, number), Period.of(today, today, center.ground.zone)


async def _known(state: State, database: Database, number: str) -> Known:
    calls = await database.look(_calls, number)
    async with database.reading() as session:
        messages = await voicemail.store.of_caller(session, number)
        faxes = await fax2pdf.store.of_caller(session, number)
    async with line_if_running(state) as line:
        forwards = await forwarding_to(line, number) if line else None
    sounds = {f"{one.message.id}.wav": kept(state) / f"{one.message.id}.wav" for one in messages}
    pages = console.faxes.kept(state)
    files = sounds | {f"{one.fax.id}.tif": pages / f"{one.fax.id}.tif" for one in faxes}
    there = {name: path for name, path in files.items() if path.is_file()}
    return Known(number, calls, messages, faxes, forwards, there)


def _calls(session: Session, number: str) -> list[Call]:
    found = (call_of(session, call_id) for call_id in calls_with(session, number))
    return [call for call in found if call is not None]


def write_zip(known: Known, period: Period, file: Path) -> None:
    """`known.json`, and the sounds and pages as they came."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = json.dumps(known.as_json(period), ensure_ascii=False, indent=2)
        archive.writestr("known.json", whole + "\n")
        for name, path in known.files.items():
            archive.write(path, name)


async def forgotten(state: State, number: str) -> tuple[Known, bool]:
    """Forget it; what there was, and whether the database's file has nothing of it either.

    Raises NotYet, NotSent, NothingApplied, DatabaseAway.
    """
    await center_of(state)
    async with records_of(state) as database:
        known = await _known(state, database, number)
        waiting = sum(letter.state in ("waiting", "sending") for letter in known.letters)
        if waiting:
            raise NotYet(
                f"{waiting} letters about {number} are not sent yet; nothing is forgotten before: "
                "see `switchboard outbox list`"
            )
        async with line_if_running(state) as line:
            if line:
                await end_forwards(line, known.forwards or ())
        afterwards = afterwards_of(state, database)
        for one in known.messages:
            if one.message.gone_at is None:
                await afterwards.delete(one.message.id)
        for path in known.files.values():
            await asyncio.to_thread(path.unlink, missing_ok=True)
        await database.work(_blank, known)
        named = await database.look(channels_naming, number)  # long, and in nobody's way
        await database.work(forget, number, named)
        return known, await database.scrub()


def _blank(session: Session, known: Known) -> None:
    now = utc_now()
    ids = [one.message.id for one in known.messages]
    nobody = {"caller_number": None, "caller_name": None}
    session.execute(update(MessageRow).where(MessageRow.id.in_(ids)).values(nobody))
    faxes = [one.fax.id for one in known.faxes]
    gone = {"station": "", "gone_at": now, "finished_at": now}
    session.execute(update(FaxRow).where(FaxRow.id.in_(faxes)).values(nobody | gone))
    letters = [letter.id for letter in known.letters]
    blank = update(OutboxRow).where(OutboxRow.id.in_(letters))
    session.execute(blank.values(subject=FORGOTTEN, last_error=""))
    session.execute(delete(BodyRow).where(BodyRow.letter_id.in_(letters)))


@dataclass(frozen=True)
class Overdue:
    """How much of a kind is older than it is to be kept."""

    kind: str
    days: int
    count: int


async def overdue(state: State) -> list[Overdue]:
    """What the next `keep` lets go. Raises NothingApplied, DatabaseAway."""
    center = await center_of(state)
    async with records_of(state) as database:
        return await _overdue(database, center)


async def _overdue(database: Database, center: Center) -> list[Overdue]:
    days, now = center.ground.keep, utc_now()
    raw = await database.look(keep.overdue, _milliseconds(now - timedelta(days=days.raw_days)))
    ends = {
        kind: now - timedelta(days=kept_days)
        for kind, kept_days in (("voicemail", days.voicemail_days), ("fax", days.fax_days))
    }
    async with database.reading() as session:
        messages = await _count(session, MessageRow, ends["voicemail"])
        faxes = await _count(session, FaxRow, ends["fax"])
    return [
        Overdue("raw records", days.raw_days, raw),
        Overdue("voicemail", days.voicemail_days, messages),
        Overdue("fax", days.fax_days, faxes),
    ]


async def _count(session: Any, table: type[MessageRow] | type[FaxRow], before: datetime) -> int:
    finished = (table.finished_at.is_not(None), table.gone_at.is_(None))
    found = await session.scalars(select(table.id).where(*finished, table.received_at < before))
    return len(list(found))


async def let_go(state: State, directory: Path) -> list[Overdue]:
    """Let it go now, as `run` does by itself; what it was. Raises NothingApplied, DatabaseAway."""
    center = await center_of(state)
    days = center.ground.keep
    async with records_of(state) as database:
        found = await _overdue(database, center)
        before = _milliseconds(utc_now() - timedelta(days=days.raw_days))
        while not await database.work(keep.let_go, before):
            pass
        afterwards = afterwards_of(state, database)
        while await afterwards.do_some(boxes_of(center, directory)):
            pass
        while await console.faxes.deliverer_of(state, database).tidy(days.fax_days):
            pass
        return found


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
