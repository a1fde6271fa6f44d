"""What is wrong becomes an alarm within seconds, is told once, and clears by itself."""

import sqlite3
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from switchboard.alarm_letters import tell
from switchboard.alarms import Alarm, clear_alarm, list_alarms, raise_alarm
from switchboard.claims import take_one
from switchboard.db import FILE_NAME, Database
from switchboard.outbox import BodyRow
from switchboard.pbx.absent import absent, asterisk_away
from switchboard.pbx.snapshot import DepartmentState, Live, MemberState, Phone
from switchboard.section import Alarms, GroundSection, Mail
from switchboard.troubles import STALLED, Restarts, dead_troubles, disk_troubles, mail_troubles
from switchboard.watch import SETTLE, Trouble, Watcher
from switchboard.yamltext import Text
from tests.mail.conftest import Later, a_worker
from tests.mail.letters import a_letter, put, rows
from tests.mail.post import PostOffice

DISK = Trouble("disk", "the disk is full", "make room")
GROUND = GroundSection(
    name=Text("Acme"),
    timezone=Text("Europe/Moscow"),
    country=Text("RU"),
    language=Text("en"),
    mail=Mail(host=Text("127.0.0.1"), sender=Text("Acme <pbx@acme.example>")),
    alarms=Alarms(email=(Text("it@acme.example"),)),
)


class Watched:
    """A watcher over one watch, which sees what a test puts before it."""

    def __init__(self, database: Database, clock: Later) -> None:
        self.sees: list[Trouble] | None = []
        self.said: list[str] = []
        self._database = database
        self._watcher = Watcher(database, {"disk": self._see}, clock, self.said.append)

    async def _see(self) -> list[Trouble] | None:
        return self.sees

    async def look(self) -> str:
        return await self._watcher.look()

    async def keys(self) -> list[str]:
        return [alarm.key for alarm in await standing(self._database)]


async def standing(database: Database) -> list[Alarm]:
    async with database.reading() as session:
        return await list_alarms(session)


@pytest.fixture
def watched(database: Database, clock: Later) -> Watched:
    return Watched(database, clock)


async def test_an_alarm_stands_while_its_trouble_is_there_and_a_while_longer(
    watched: Watched, clock: Later, database: Database
) -> None:
    watched.sees = [DISK]
    await watched.look()
    began = clock()
    clock.passes(minutes=5)
    await watched.look()
    assert await standing(database) == [Alarm("disk", DISK.words, began, DISK.how_to_mend)]
    watched.sees = []
    await watched.look()
    clock.now += SETTLE - timedelta(seconds=1)
    await watched.look()
    assert await watched.keys() == ["disk"]
    clock.passes(seconds=1)
    await watched.look()
    assert await watched.keys() == []
    assert watched.said == ["alarm: the disk is full; make room", "over: the disk is full"]


async def test_what_comes_and_goes_is_one_alarm(watched: Watched, clock: Later) -> None:
    for _ in range(20):
        watched.sees = [DISK]
        await watched.look()
        clock.passes(seconds=10)
        watched.sees = []
        await watched.look()
        clock.passes(seconds=10)
    assert watched.said == ["alarm: the disk is full; make room"]


async def test_a_trouble_that_is_given_time_is_told_after_it(
    watched: Watched, clock: Later
) -> None:
    patient = Trouble("disk:a", "slow", "wait", timedelta(seconds=10))
    watched.sees = [patient]
    await watched.look()
    assert await watched.keys() == []
    clock.passes(seconds=10)
    await watched.look()
    assert await watched.keys() == ["disk:a"]


async def test_a_watch_that_cannot_say_changes_nothing(watched: Watched, clock: Later) -> None:
    watched.sees = [DISK]
    await watched.look()
    watched.sees = None
    for _ in range(3):
        clock.passes(minutes=5)
        await watched.look()
    assert await watched.keys() == ["disk"]


async def test_alarms_of_nobodys_watch_are_left_alone(
    watched: Watched, clock: Later, database: Database
) -> None:
    async with database.begin() as session:
        assert await raise_alarm(session, "spool", "unreadable", "mend it")
        assert not await raise_alarm(session, "spool", "still unreadable", "mend it")
    clock.passes(hours=1)
    await watched.look()
    assert await watched.keys() == ["spool"]
    async with database.begin() as session:
        assert await clear_alarm(session, "spool")
        assert not await clear_alarm(session, "spool")


async def test_a_database_that_was_away_is_told_when_it_is_back(
    sqlite: Database, clock: Later, tmp_path: Path
) -> None:
    watched = Watched(sqlite, clock)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await watched.look()
    assert await watched.look() == "the database is away: database is locked"
    assert watched.said == ["the database is away: database is locked"]
    other.execute("ROLLBACK")
    assert await watched.look() == "the database is away: database is locked"
    assert await watched.keys() == ["database"]
    await watched.look()
    clock.now += SETTLE
    await watched.look()
    assert await watched.keys() == []


async def test_a_full_disk_is_low_and_a_roomy_one_is_not(small_disk: Path) -> None:
    assert disk_troubles(small_disk) == []
    (small_disk / "large").write_bytes(bytes(2_900_000))
    [trouble] = disk_troubles(small_disk)
    assert trouble.words == f"only 0 MiB are free on the disk of {small_disk}"


async def test_a_disk_without_inodes_is_low(small_disk: Path) -> None:
    """F15: out of inodes."""
    for number in range(95):
        (small_disk / f"f{number}").touch()
    [trouble] = disk_troubles(small_disk)
    assert "more files fit" in trouble.words


async def troubles_of_mail(database: Database, clock: Later, homeless: str = "") -> list[str]:
    async with database.reading() as session:
        return [one.words for one in await mail_troubles(session, clock(), homeless)]


async def test_a_server_that_is_away_is_told_until_a_letter_gets_through(
    database: Database, post: PostOffice, clock: Later
) -> None:
    await put(database, clock(), a_letter(1), a_letter(2))
    assert await troubles_of_mail(database, clock) == []
    post.says["greeting"] = "421 4.3.2 closed"
    worker = a_worker(database, post, clock)
    await worker.do_one()
    [words] = await troubles_of_mail(database, clock)
    assert words.startswith("mail fails, 1 letters wait: 127.0.0.1:")
    assert words.endswith("at greeting: 421 4.3.2 closed")
    post.says.clear()
    await worker.do_one()
    assert await troubles_of_mail(database, clock) == []


async def test_a_server_that_only_delays_a_letter_is_no_trouble(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.says["RCPT"] = "450 4.7.1 greylisted"
    await put(database, clock(), a_letter())
    await a_worker(database, post, clock).do_one()
    assert await troubles_of_mail(database, clock) == []


async def test_a_server_that_hangs_is_told_while_the_letter_is_still_in_its_hands(
    database: Database, clock: Later
) -> None:
    await put(database, clock(), a_letter())
    assert await database.work(take_one, clock())
    clock.now += STALLED
    assert await troubles_of_mail(database, clock) == []
    clock.passes(seconds=1)
    assert await troubles_of_mail(database, clock) == [
        "mail fails: the server does not answer for 20 s"
    ]


async def test_letters_without_a_server_are_told_with_the_reason(
    database: Database, clock: Later
) -> None:
    assert await troubles_of_mail(database, clock, "no `mail:`") == []
    await put(database, clock(), a_letter())
    assert await troubles_of_mail(database, clock, "no `mail:`") == ["1 letters wait: no `mail:`"]


async def test_dead_letters_are_told_for_a_week(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.says["RCPT"] = "550 5.1.1 no such user"
    await put(database, clock(), a_letter())
    await a_worker(database, post, clock).do_one()
    async with database.reading() as session:
        [trouble] = await dead_troubles(session, clock())
    assert "letter 1: 127.0.0.1" in trouble.words and "no such user" in trouble.words
    clock.passes(days=8)
    async with database.reading() as session:
        assert await dead_troubles(session, clock()) == []


async def test_a_restart_is_told_for_ten_minutes(clock: Later) -> None:
    restarts = Restarts(clock)
    restarts.note("engine", "it did not answer for 5 s")
    [trouble] = await restarts.troubles()
    assert trouble.key == "restart:engine"
    assert trouble.words == "engine had to be started again: it did not answer for 5 s"
    clock.passes(minutes=10)
    assert await restarts.troubles() == []


def member(extension: str, state: Phone) -> MemberState:
    return MemberState(extension, state, False, "", 0, 0)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([Phone.UNREACHABLE, Phone.UNKNOWN], True),
        ([Phone.UNREACHABLE, Phone.TALKING], False),
        ([Phone.UNREACHABLE, Phone.BUSY], False),
        ([], False),
    ],
)
def test_a_department_of_which_no_phone_is_there_is_told(states: list[Phone], told: bool) -> None:
    """Those who have all signed out wanted it so."""
    members = tuple(member(str(200 + at), state) for at, state in enumerate(states))
    live = Live(departments={"sales": DepartmentState(members)}, asked_at=Later()())
    troubles = absent(live)
    assert troubles is not None
    assert [trouble.key for trouble in troubles] == (["phones:sales"] if told else [])


def test_a_trunk_that_does_not_answer_is_told() -> None:
    live = Live(trunks={"carrier": Phone.UNREACHABLE, "other": Phone.IDLE}, asked_at=Later()())
    assert [one.words for one in absent(live) or []] == ["the trunk carrier is away"]


def test_while_asterisk_is_away_nothing_is_known_of_its_phones() -> None:
    live = Live(trunks={"carrier": Phone.UNREACHABLE}, asked_at=Later()(), away="refused")
    assert absent(live) is None
    assert [one.words for one in asterisk_away(live)] == ["Asterisk does not answer: refused"]


async def told(database: Database, ground: GroundSection, clock: Later) -> None:
    async with database.begin() as session:
        await tell(session, ground, clock())


async def test_an_alarm_is_one_letter_and_its_end_another_in_the_same_thread(
    database: Database, clock: Later
) -> None:
    async with database.begin() as session:
        await raise_alarm(session, "disk", "the disk\r\nBcc: x is full", "make room", clock())
    for _ in range(3):
        await told(database, GROUND, clock)
    clock.passes(minutes=90)
    async with database.begin() as session:
        await clear_alarm(session, "disk", clock())
    for _ in range(3):
        await told(database, GROUND, clock)
    first, second = await rows(database)
    assert first.subject == "Acme: alarm: the disk Bcc: x is full"
    assert second.subject == "Acme: over: the disk Bcc: x is full"
    assert [one.address for one in first.recipients] == ["it@acme.example"]
    async with database.reading() as session:
        bodies = await session.scalars(select(BodyRow.content).order_by(BodyRow.letter_id))
        letters = [message_from_bytes(body, policy=policy.default) for body in bodies]
    assert "To mend it: make room." in letters[0].get_content()
    assert "from 21.11.2026 12:00:00 MSK to 21.11.2026 13:30:00 MSK" in letters[1].get_content()
    assert letters[1]["In-Reply-To"] == first.message_id
    assert letters[0]["Bcc"] is None


async def test_where_nobody_is_to_be_told_no_letter_is_written_later_either(
    database: Database, clock: Later
) -> None:
    async with database.begin() as session:
        await raise_alarm(session, "disk", "full", "make room", clock())
    await told(database, GROUND.model_copy(update={"alarms": Alarms()}), clock)
    await told(database, GROUND, clock)
    assert await rows(database) == []
