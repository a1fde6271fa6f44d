"""Scheduled reports: due on the center's clock, made up for once, once each at a real server."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from center.load import Center, load_center
from center.state import State
from console.migrate import upgrade
from console.schedule import Clerk, NoSuchReport
from console.wiring import database_of
from reports.runs import last_runs
from reports.schedule import dates_of, missed, next_due
from reports.section import ScheduledReport
from switchboard.delivery import OutboxWorker
from switchboard.mail import Mailer, MailServer
from switchboard.problems import Problems
from switchboard.yamltext import Text
from tests.centers import MINIMAL, write_center
from tests.mail.post import PostOffice
from tests.reports.book import EVERY, fill

BERLIN = ZoneInfo("Europe/Berlin")
MOSCOW = ZoneInfo("Europe/Moscow")
MORNING = "{report: departments, period: yesterday, at: '07:30', format: %s, email: boss@a.example}"
MAIL = "mail: {host: 127.0.0.1, sender: Acme <pbx@acme.example>, tls: none}\n"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def schedule(at: str, days: str = "mon-sun") -> ScheduledReport:
    address = (Text("boss@acme.example"),)
    return ScheduledReport(report="calls", at=Text(at), days=Text(days), email=address)


def all_due(
    wanted: ScheduledReport, begin: datetime, end: datetime, zone: ZoneInfo
) -> list[datetime]:
    found, after = [], begin
    while (due := next_due(wanted, after, end, zone)) is not None:
        found.append(due)
        after = due
    return found


@pytest.mark.parametrize("at", ["00:00", "01:30", "02:00", "02:30", "03:00", "07:30", "23:59"])
def test_every_day_of_a_year_with_daylight_saving_has_its_time_once(at: str) -> None:
    begin = datetime(2026, 1, 1, tzinfo=BERLIN) - timedelta(seconds=1)
    due = all_due(schedule(at), begin, datetime(2026, 12, 31, 23, 59, 59, tzinfo=BERLIN), BERLIN)
    assert len(due) == 365
    local = [one.astimezone(BERLIN) for one in due]
    assert len({one.date() for one in local}) == 365
    odd = [one for one in local if one.strftime("%H:%M") != at]
    in_the_gap = at in ("02:00", "02:30")
    assert [one.strftime("%m-%d %H:%M") for one in odd] == (
        [f"03-29 {at.replace('02', '03', 1)}"] if in_the_gap else []
    )


def test_a_schedule_of_some_days_is_due_on_those() -> None:
    end = NOON + timedelta(days=14)
    due = all_due(schedule("07:30", "mon-fri"), NOON, end, MOSCOW)
    assert [one.strftime("%a") for one in due[:6]] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Mon"]
    assert len(due) == 10


def test_what_was_missed_for_longer_than_a_week_is_let_go() -> None:
    wanted = schedule("07:30")
    long_ago = NOON - timedelta(days=90)
    first = missed(wanted, long_ago, NOON, MOSCOW)
    assert first is not None
    assert NOON - first < timedelta(days=7)


@pytest.mark.parametrize(("period", "expected"), [
    ("today", ("2026-03-01", "2026-03-01")),
    ("yesterday", ("2026-02-28", "2026-02-28")),
    ("last_7_days", ("2026-02-22", "2026-02-28")),
    ("last_30_days", ("2026-01-30", "2026-02-28")),
    ("last_week", ("2026-02-16", "2026-02-22")),
    ("last_month", ("2026-02-01", "2026-02-28")),
])  # fmt: skip
def test_a_period_is_seen_from_the_due_day_of_the_centers_clock(
    period: str, expected: tuple[str, str]
) -> None:
    due = datetime(2026, 3, 1, 0, 30, tzinfo=MOSCOW).astimezone(UTC)  # still February in UTC
    assert dates_of(period, due, MOSCOW) == expected


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Office:
    """A center with scheduled reports, its clerk, and a real mail server; `restart` forgets all."""

    def __init__(self, directory: Path, text: str, post: PostOffice, clock: Clock) -> None:
        problems = Problems()
        center = load_center(write_center(directory / "center", text), problems)
        assert center is not None, [str(one) for one in problems]
        self.center: Center = center
        self.state, self.post, self.clock = State(directory / "state"), post, clock
        self.state.root.mkdir()

    async def open(self) -> None:
        self.database = database_of(self.state)
        await upgrade(self.database)

    async def restart(self) -> None:
        await self.database.close()
        await self.open()

    @property
    def clerk(self) -> Clerk:
        return Clerk(self.state, self.center.directory, self.database, self.clock)

    async def work(self) -> list[EmailMessage]:
        """What one look of the clerk and the postman brings to the server."""
        before = len(self.post.taken)
        while await self.clerk.do_one(self.center):
            pass
        worker = OutboxWorker(
            self.database, Mailer(MailServer("127.0.0.1", self.post.port, "none")), self.clock
        )
        while await worker.do_one():
            pass
        return [one.message for one in self.post.taken[before:]]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with PostOffice() as post:
        yield post


async def an_office(
    tmp_path: Path, post: PostOffice, clock: Clock, form: str = "pdf", zone: str = "Europe/Moscow"
) -> Office:
    text = MINIMAL.replace("Europe/Moscow", zone) + MAIL
    office = Office(tmp_path, text + "reports:\n  morning: " + MORNING % form + "\n", post, clock)
    await office.open()
    await office.database.work(fill, EVERY)
    return office


async def test_a_new_schedule_sends_nothing_of_before(
    tmp_path: Path, post: PostOffice, clock: Clock
) -> None:
    office = await an_office(tmp_path, post, clock)
    assert await office.work() == []
    clock.now += timedelta(hours=16)
    assert await office.work() == []
    clock.now = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    [letter] = await office.work()
    assert "22 November 2026" in letter["Subject"]
    assert await office.work() == []


async def test_over_restarts_and_an_hour_of_downtime_each_is_sent_once(
    tmp_path: Path, post: PostOffice, clock: Clock
) -> None:
    office = await an_office(tmp_path, post, clock)
    await office.work()
    subjects = []
    for minute in range(0, 3 * 24 * 60, 20):
        clock.now = NOON + timedelta(minutes=minute)
        if clock.now.strftime("%H") == "04":  # 07:00 to 08:00 in Moscow: nothing runs
            continue
        if minute % 180 == 0:
            await office.restart()
        subjects += [letter["Subject"] for letter in await office.work()]
    assert len(subjects) == len(set(subjects)) == 3
    assert [subject.split(", ")[-1] for subject in subjects] == [
        f"{day} November 2026 (Europe/Moscow)" for day in (22, 23, 24)
    ]


async def test_days_of_downtime_are_made_up_for_each_once(
    tmp_path: Path, post: PostOffice, clock: Clock
) -> None:
    office = await an_office(tmp_path, post, clock)
    await office.work()
    clock.now += timedelta(days=3)
    await office.restart()
    assert len(await office.work()) == 3
    await office.restart()
    assert await office.work() == []


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_on_a_day_of_daylight_saving_one_letter_is_sent(
    tmp_path: Path, post: PostOffice, clock: Clock, day: str, hours: int
) -> None:
    begin = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=BERLIN)
    assert (end.timestamp() - begin.timestamp()) / 3600 == hours
    clock.now = begin.astimezone(UTC)
    office = await an_office(tmp_path, post, clock, zone="Europe/Berlin")
    letters = []
    while clock.now < end:
        letters += await office.work()
        clock.now += timedelta(minutes=30)
    [letter] = letters
    assert clock.now.astimezone(BERLIN).hour == 0
    assert letter["To"] == "boss@a.example"


async def test_two_clerks_at_once_send_one_letter(
    tmp_path: Path, post: PostOffice, clock: Clock
) -> None:
    office = await an_office(tmp_path, post, clock)
    await office.work()
    clock.now += timedelta(days=1)
    due = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    for _ in range(2):
        with suppress(IntegrityError):
            await office.clerk.send(office.center, "morning", due, is_asked=False)
    assert len(await office.work()) == 1


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfdepartment")]
)
async def test_the_letter_has_the_figures_a_chart_and_the_file(
    tmp_path: Path, post: PostOffice, clock: Clock, form: str, begins: bytes
) -> None:
    office = await an_office(tmp_path, post, clock, form)
    await office.work()
    clock.now += timedelta(days=1)
    [letter] = await office.work()
    told = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    lines = [line.strip() for line in told.splitlines()]
    page = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    [file] = letter.iter_attachments()
    assert file.get_filename() == f"departments-2026-11-22.{form}"
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.startswith(begins)
    visits = sum(len([one for one in call.visits if one.outcome != "refused"]) for call in EVERY)
    assert f"offered: {visits}" in lines
    assert f">{visits}<" in page
    assert [line for line in lines if line.startswith("03 ####")]
    assert 'style="width:14px;height:60px' in page
    assert "unexplained 0" in told


async def test_a_hostile_name_of_a_center_is_text_in_the_letter(
    tmp_path: Path, post: PostOffice, clock: Clock
) -> None:
    office = await an_office(tmp_path, post, clock)
    ground = office.center.ground.model_copy(update={"name": Text("<b>A\u202e</b>\r\nBcc: x@y")})
    office.center = replace(office.center, ground=ground)
    await office.work()
    clock.now += timedelta(days=1)
    [letter] = await office.work()
    assert letter["Bcc"] is None
    assert "<b>A" not in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]


async def test_one_that_is_asked_for_is_sent_at_once_and_the_due_one_still(
    tmp_path: Path, post: PostOffice, clock: Clock
) -> None:
    office = await an_office(tmp_path, post, clock)
    await office.work()
    await office.clerk.send(office.center, "morning", clock(), is_asked=True)
    assert len(await office.work()) == 1
    clock.now += timedelta(days=1)
    assert len(await office.work()) == 1
    async with office.database.reading() as session:
        assert [run.is_asked for run in await last_runs(session, 9)] == [False, True]
    with pytest.raises(NoSuchReport):
        await office.clerk.send(office.center, "evening", clock(), is_asked=True)
