"""A scheduled report of a running center: due by the clock on the wall, and over its restarts."""

import asyncio
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.centers import write_center
from tests.journeys.center import RunningCenter
from tests.journeys.inbox import Inbox, open_inbox
from tests.reports.test_paper import text_of
from tests.sip.fixtures import OpenPhone
from tests.until import until

pytestmark = [pytest.mark.asterisk, pytest.mark.long, pytest.mark.timeout(300)]

MOSCOW = ZoneInfo("Europe/Moscow")
SOON, DURING, BOSS = 60, 120, "boss@acme.example"  # seconds until each is due, at least
CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
trunks: {{carrier: {{host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}}}
numbers: {{other: {{goodbye: {{say: "До свидания."}}}}}}
mail: {{host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}}
reports:
  soon: {{report: calls, period: today, at: "{soon:%H:%M}", format: pdf, email: {boss}}}
  during: {{report: numbers, period: today, at: "{during:%H:%M}", format: csv, email: {boss}}}
"""


@pytest.fixture
def inbox(own_network: None) -> Iterator[Inbox]:
    with open_inbox(2525) as inbox:
        yield inbox


def minute_after(seconds: int) -> datetime:
    """The first full minute that is at least so far away; both of them lie on one day."""
    later = datetime.now(MOSCOW) + timedelta(seconds=seconds)
    return later.replace(second=0, microsecond=0) + timedelta(minutes=1)


async def passes(moment: datetime) -> None:
    await asyncio.sleep(max(0, (moment - datetime.now(UTC)).total_seconds()))


async def stops(running: RunningCenter) -> None:
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.process.wait, 30) == 0


async def test_each_due_report_comes_once_whether_run_was_there_or_not(
    inbox: Inbox, tmp_path: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    soon, during = minute_after(SOON), minute_after(DURING)
    text = CENTER.format(soon=soon, during=during, boss=BOSS)
    directory = write_center(tmp_path / "center", text, {})
    with RunningCenter(directory, prompt_cache) as running:
        line = await open_phone(at="127.0.0.1:5060", listen="127.0.0.2", prompts=running.prompts)
        await (await line.dial("+74950000001", from_number="+79260000001")).ended()
        await running.becomes_quiet()
        assert inbox.letters == []
        await passes(soon)
        await until(lambda: bool(inbox.letters), within_seconds=30)
        [(_, letter)] = inbox.letters
        assert letter["Subject"].startswith("Acme: Звонки, ")
        [paper] = letter.iter_attachments()
        content = paper.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert "+79260000001" in await asyncio.to_thread(text_of, content)

        await stops(running)
        await passes(during + timedelta(seconds=5))
        assert len(inbox.letters) == 1
        await asyncio.to_thread(running.start)
        await until(lambda: len(inbox.letters) == 2, within_seconds=30)
        await stops(running)
        await asyncio.to_thread(running.start)
        await asyncio.sleep(12)  # two looks of the clerk, and some
        subjects = [letter["Subject"].split(",")[0] for _, letter in inbox.letters]
        assert subjects == ["Acme: Звонки", "Acme: Набранные номера"]
        ids = {letter["Message-ID"] for _, letter in inbox.letters}
        assert len(ids) == 2
