"""Files are followed to the last whole record, once, whatever happens to them and to us."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.dialects import sqlite

from console.migrate import downgrade, upgrade
from reports import follow, refold
from reports.call import Call
from reports.fold import calls
from reports.follow import Follower
from reports.records import FILES, Kind
from reports.refold import rebuild
from reports.store import CallRow, RawRecord, Span, arrivals_in, calls_of, unexplained_in
from switchboard.db import Database
from switchboard.pbx.installation import NODE
from tests.reports.recorded import NAMES, RECORDINGS, rows, starts

ALWAYS = Span(0, 1 << 60)
KILLED = "asterisk_killed_in_menu_queue_talk_and_voicemail"
FILE_OF = {
    Kind.CDR: "cdr.csv",
    Kind.CEL: "cel.csv",
    Kind.QUEUE_LOG: "queue_log.csv",
    Kind.STARTS: "starts.csv",
}


def written(name: str, kind: Kind = Kind.CEL) -> bytes:
    return (RECORDINGS / name / FILE_OF[kind]).read_bytes()


def write(log: Path, data: bytes, kind: Kind = Kind.CEL) -> None:
    """As Asterisk does: appended, in one go."""
    with (log / FILES[kind].path).open("ab") as file:
        file.write(data)


def expected(*names: str) -> list[Call]:
    return calls(
        [row for name in names for row in rows(name)],
        [mark for name in names for mark in starts(name)],
    )


async def known(database: Database) -> list[Call]:
    return await database.look(lambda session: list(calls_of(session, ALWAYS)))


async def damaged(database: Database) -> list[bytes]:
    async with database.reading() as session:
        wanted = select(RawRecord.record).where(RawRecord.is_damaged)
        return list(await session.scalars(wanted))


async def test_all_recorded_calls_are_there_and_every_record_as_it_came_but_for_keys(
    database: Database, log: Path, follower: Follower
) -> None:
    for name in NAMES:
        for kind in Kind:
            write(log, written(name, kind), kind)
    await follower.catch_up()
    assert await known(database) == expected(*NAMES)
    async with database.reading() as session:
        for kind in Kind:
            stored = await session.scalars(
                select(RawRecord.record).where(RawRecord.kind == kind).order_by(RawRecord.position)
            )
            came = (log / FILES[kind].path).read_bytes().splitlines(keepends=True)
            assert b"".join(stored) == b"".join(map(FILES[kind].kept, came))
    assert await damaged(database) == []


async def test_reading_again_changes_nothing(
    database: Database, log: Path, follower: Follower
) -> None:
    write(log, written("answered_in_sales"))
    await follower.catch_up()
    before = await known(database)
    await Follower(database, log, NODE).catch_up()
    assert await known(database) == before == expected("answered_in_sales")


@pytest.mark.parametrize("seed", range(5))
async def test_records_that_come_bit_by_bit_make_the_same_calls(
    database: Database, log: Path, follower: Follower, seed: int
) -> None:
    chance = random.Random(seed)
    rest = {kind: written(KILLED, kind) for kind in Kind}
    while any(rest.values()):
        kind = chance.choice([kind for kind in Kind if rest[kind]])
        piece = rest[kind][: chance.randint(1, 2500)]
        rest[kind] = rest[kind][len(piece) :]
        write(log, piece, kind)
        await follower.catch_up()
    assert await known(database) == expected(KILLED)


async def test_half_a_last_line_waits(database: Database, log: Path, follower: Follower) -> None:
    whole = written("voicemail_kept")
    write(log, whole[:-40])
    await follower.catch_up()
    assert [call.outcome for call in await known(database)] == ["voicemail"]
    assert await damaged(database) == []
    write(log, whole[-40:])
    await follower.catch_up()
    async with database.reading() as session:
        stored = await session.scalar(select(func.count()).select_from(RawRecord))
    assert stored == whole.count(b"\n")


async def test_what_comes_while_it_reads_waits_for_the_next_time(
    database: Database, log: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that grows as fast as it is read would be read in ever smaller pieces."""
    read = follow._piece

    def growing(path: Path, position: int) -> bytes:
        piece = read(path, position)
        write(log, written("blocked"))
        return piece

    write(log, written("voicemail_kept"))
    monkeypatch.setattr(follow, "_piece", growing)
    await follower.catch_up()
    monkeypatch.undo()
    assert await known(database) == expected("voicemail_kept")
    await follower.catch_up()
    assert await known(database) == expected("voicemail_kept", "blocked")


async def test_a_file_renamed_between_two_calls_is_read_to_its_end(
    database: Database, log: Path, follower: Follower
) -> None:
    path = log / FILES[Kind.CEL].path
    whole = written("answered_in_sales")
    write(log, whole[:2000])
    await follower.catch_up()
    write(log, whole[2000:])
    path.rename(path.with_name("cel.csv.1"))
    write(log, written("voicemail_kept"))
    await follower.catch_up()
    assert await known(database) == expected("answered_in_sales", "voicemail_kept")


async def test_a_file_copied_and_truncated_counts_nothing_twice(
    database: Database, log: Path, follower: Follower
) -> None:
    path = log / FILES[Kind.CEL].path
    write(log, written("answered_in_sales"))
    await follower.catch_up()
    path.with_name("cel.csv.1").write_bytes(path.read_bytes())
    path.write_bytes(written("voicemail_kept"))
    await follower.catch_up()
    assert await known(database) == expected("answered_in_sales", "voicemail_kept")


async def test_a_file_cut_short_is_told_and_counts_nothing_twice(
    database: Database, log: Path, follower: Follower
) -> None:
    write(log, written("answered_in_sales"))
    await follower.catch_up()
    assert follower.cut_short == []
    (log / FILES[Kind.CEL].path).write_bytes(written("answered_in_sales")[:2000])
    await follower.catch_up()
    assert follower.cut_short == ["cel.csv"]
    assert await known(database) == expected("answered_in_sales")


async def test_the_end_of_a_line_in_a_callers_name_breaks_no_record(
    database: Database, log: Path, follower: Follower
) -> None:
    hostile = b'Ivan\r\n""1795308127.0"",""CHAN_START"" | , \n'
    whole = written("answered_in_sales").replace(b"Ivan Petrov", hostile)
    write(log, whole)
    await follower.catch_up()
    [call] = await known(database)
    assert call.outcome == "answered"
    assert call.from_name == hostile.replace(b'""', b'"').decode()
    assert await damaged(database) == []


async def test_a_damaged_record_is_kept_apart_and_the_others_count(
    database: Database, log: Path, follower: Follower
) -> None:
    write(log, b"\x00\xff rubbish\n" + written("voicemail_kept"))
    write(log, b'"1795308127.0","half",\n' + written("blocked"))
    await follower.catch_up()
    assert await known(database) == expected("voicemail_kept", "blocked")
    assert await damaged(database) == [b"\x00\xff rubbish\n", b'"1795308127.0","half",\n']


async def test_rebuild_makes_the_same_bytes(
    database: Database, log: Path, follower: Follower
) -> None:
    for name in NAMES:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    await follower.catch_up()

    async def documents() -> list[tuple[str, str]]:
        async with database.reading() as session:
            found = await session.execute(select(CallRow.id, CallRow.document).order_by(CallRow.id))
            return [(call_id, document) for call_id, document in found]

    before = await documents()
    assert await database.work(rebuild) == len(before)
    assert await documents() == before


async def test_arrivals_are_counted_without_asking_the_calls(
    database: Database, log: Path, follower: Follower
) -> None:
    for name in NAMES:
        write(log, written(name))
    await follower.catch_up()
    inbound = [call.id for call in await known(database) if call.direction == "inbound"]
    assert await database.look(arrivals_in, ALWAYS) == len(inbound)
    assert await database.look(unexplained_in, ALWAYS) == []
    async with database.begin() as session:
        await session.execute(delete(CallRow).where(CallRow.id == inbound[3]))
    assert await database.look(unexplained_in, ALWAYS) == [inbound[3]]


async def test_two_who_follow_at_once_count_nothing_twice(
    database: Database, log: Path, follower: Follower
) -> None:
    for name in NAMES:
        write(log, written(name))
        write(log, written(name, Kind.STARTS), Kind.STARTS)
    other = Follower(database, log, NODE)
    await asyncio.gather(follower.catch_up(), other.catch_up())
    assert await known(database) == expected(*NAMES)


async def test_calls_that_a_new_schema_threw_away_are_made_again(
    database: Database, log: Path, follower: Follower
) -> None:
    write(log, written("answered_in_sales"))
    await follower.catch_up()
    await downgrade(database, "0004")
    await upgrade(database)
    assert await known(database) == []
    await Follower(database, log, NODE).catch_up()
    assert await known(database) == expected("answered_in_sales")


async def test_damaged_records_are_told_by_their_file(log: Path, follower: Follower) -> None:
    write(log, b"rubbish\n" + written("voicemail_kept") + b"\xff\n")
    await follower.catch_up()
    assert follower.damaged == {"cel.csv": 2}


@pytest.mark.parametrize("question", [refold._about, refold._of])
async def test_what_is_asked_of_a_call_costs_what_the_call_has_and_not_what_there_is(
    database: Database, question: Callable[[list[str]], Select[Any]]
) -> None:
    asked = question(["switchboard-1.1", "switchboard-1.2"]).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    async with database.reading() as session:
        plan = await session.execute(text(f"EXPLAIN QUERY PLAN {asked}"))
    steps = [step for *_, step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert steps
    assert all("(uniqueid=" in step or "(linkedid=" in step for step in steps)
