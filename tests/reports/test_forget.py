"""A number is forgotten in every record; what is too old is let go. The figures stay."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reports.catalogue import Question, report_on
from reports.follow import Follower
from reports.forget import blanked, calls_with, channels_naming, forget, forms
from reports.keep import let_go, overdue
from reports.records import FILES, Kind
from reports.refold import rebuild
from reports.store import LONGEST_CALL, RawRecord, arrivals_in, unexplained_in
from reports.summary import Clockwork
from switchboard.db import Database
from tests.reports.book import DAY
from tests.reports.recorded import NAMES
from tests.reports.test_follow import ALWAYS, known, write, written

CALLER = "+79260000001"
CLOCKWORK = Clockwork(DAY.zone, {}, DAY.span.end)


@pytest.fixture
async def filled(database: Database, log: Path, follower: Follower) -> Database:
    """With every recorded call in it."""
    for name in NAMES:
        for kind in Kind:
            if (log / FILES[kind].path).parent.is_dir():
                write(log, written(name, kind), kind)
    await follower.catch_up()
    return database


def figures(session: Session) -> list[object]:
    """What does not tell who called."""
    found: list[object] = []
    for name in ("departments", "agents", "hours", "menus", "voicemail"):
        made = report_on(session, Question(name, DAY, CLOCKWORK, {}))
        found.append((name, list(made.rows), made.total, made.balance))
    return found


def records_with(session: Session, words: bytes) -> int:
    return sum(words in record for record in session.scalars(select(RawRecord.record)))


async def test_a_forgotten_number_stands_nowhere_and_no_figure_changes(filled: Database) -> None:
    before = await filled.look(figures)
    assert await filled.look(records_with, b"9260000001") > 100
    assert await filled.look(records_with, b"Ivan Petrov") > 10
    named = [call for call in await known(filled) if CALLER in str(call)]
    assert await filled.work(forget, CALLER) == len(named)
    assert CALLER not in str(await known(filled))
    for words in (b"9260000001", b"Ivan Petrov"):
        assert await filled.look(records_with, words) == 0
    assert await filled.look(calls_with, CALLER) == []
    assert await filled.look(figures) == before
    assert await filled.look(unexplained_in, ALWAYS) == []
    after = await known(filled)
    await filled.work(rebuild)
    assert await known(filled) == after
    others = [call for call in after if call.from_number == "+79260000002"]
    assert others, "only the one number is forgotten"


async def test_calls_of_others_that_were_led_on_to_a_number_forget_it_and_stay(
    filled: Database,
) -> None:
    """Called by extensions, and a caller whom a rule led outside."""
    office, before = "+74951234567", await known(filled)
    theirs = [call for call in before if office in str(call)]
    callers = {call.from_number for call in theirs}
    assert "+79260000001" in callers
    assert await filled.work(forget, office) == len(theirs)
    after = await known(filled)
    assert office not in str(after)
    assert await filled.look(records_with, office[2:].encode()) == 0
    assert [(call.id, call.outcome, call.talked) for call in after] == [
        (call.id, call.outcome, call.talked) for call in before
    ]
    assert {call.from_number for call in after if call.id in {one.id for one in theirs}} == callers


async def test_calls_whose_records_were_let_go_forget_a_number_too(filled: Database) -> None:
    before, told = await known(filled), await filled.look(figures)
    while not await filled.work(let_go, before[-1].began + 2 * LONGEST_CALL):
        pass
    assert await filled.work(forget, CALLER) > 10
    after = await known(filled)
    assert CALLER not in str(after)
    assert await filled.look(calls_with, CALLER) == []
    assert not any(call.from_name for call in after if call.from_number is None)
    assert [(call.id, call.outcome, call.segments[0].kind) for call in after] == [
        (call.id, call.outcome, call.segments[0].kind) for call in before
    ]
    assert await filled.look(figures) == told


async def test_who_forwarded_calls_to_a_number_has_it_in_no_record(
    database: Database, log: Path, follower: Follower
) -> None:
    """`*72` is no call, and stands in the records all the same."""
    dialled = b"*7289260000001"
    for kind in (Kind.CEL, Kind.CDR):
        (log / FILES[kind].path).parent.mkdir(exist_ok=True)
        write(log, written("own_mailbox_heard", kind).replace(b"*97", dialled), kind)
    write(log, b'"1795328514.0","half of a record, and +79260000001"\n', Kind.CEL)
    await follower.catch_up()
    assert await database.look(records_with, dialled) > 2
    channels = await database.look(channels_naming, CALLER)
    assert await database.work(forget, CALLER, channels) == 0
    assert await database.look(records_with, b"9260000001") == 0
    assert await known(database) == []


def test_the_id_of_a_channel_and_a_time_are_no_number() -> None:
    [record, *_] = (line for line in written("own_mailbox_heard").splitlines() if b'"' in line)
    second = record.partition(b".")[0].strip(b'"').decode()
    assert blanked(Kind.CEL, record, forms(f"+49{second}")) == record


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("1|2|sales|NONE|ENTERQUEUE||+79260000001|1", "1|2|sales|NONE|ENTERQUEUE||forgotten|1"),
        ("89260000001 79260000001 0079260000001", "forgotten forgotten forgotten"),
        ("9260000001", "forgotten"),
        ("+792600000011 +19260000001 12345", "+792600000011 +19260000001 12345"),
    ],
)
def test_a_number_is_found_however_it_is_written(text: str, left: str) -> None:
    assert blanked(Kind.QUEUE_LOG, text.encode(), forms(CALLER)).decode() == left


async def test_records_that_are_let_go_leave_calls_and_balance(filled: Database) -> None:
    before, told = await known(filled), await filled.look(figures)
    arrived = await filled.look(arrivals_in, ALWAYS)
    middle = before[len(before) // 2].began
    count = await filled.look(overdue, middle)
    assert count > 100
    while not await filled.work(let_go, middle):
        pass
    assert await filled.look(overdue, middle) == 0
    assert await filled.look(arrivals_in, ALWAYS) == arrived
    assert await filled.look(unexplained_in, ALWAYS) == []
    assert await filled.work(rebuild) == len(before)
    assert await known(filled) == before
    assert await filled.look(figures) == told
    async with filled.reading() as session:
        left = await session.scalar(select(func.count()).where(RawRecord.at < middle))
    assert left is not None
    assert left < count
