"""F8, F14: Asterisk is killed in the middle of a fax; the spool's disk is full in another."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center, RunningCenter
from tests.journeys.fax_cases import (
    ADDRESS,
    CALLED,
    FAX,
    MACHINES,
    MENU,
    SOON_SECONDS,
    assert_shows,
    case,
    has_pages,
)
from tests.journeys.inbox import Inbox
from tests.mail.reading import body
from tests.sip.faxmachine import FaxMachines
from tests.until import until

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.faults,
    pytest.mark.long,
    pytest.mark.timeout(240),
]

SIZE_BYTES, ROOM_BYTES = 400_000, 24_576  # room for the first of three pages


@pytest.fixture
async def machines(
    running: RunningCenter, installation: Installation
) -> AsyncIterator[FaxMachines]:
    async with FaxMachines(installation, center=CALLED, listen=MACHINES) as machines:
        yield machines


@pytest.fixture
def spool_disk(running: RunningCenter) -> Iterator[Path]:
    """The spool of faxes on a disk of its own."""
    spool = running.state.asterisk / "spool" / "fax"
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES},mode=777", "tiny", str(spool)]
    subprocess.run(mount, check=True)
    yield spool
    subprocess.run(["umount", "-l", str(spool)], check=True)


async def test_the_pages_that_came_before_asterisk_was_killed_come_as_partial(
    center: Center, machines: FaxMachines, inbox: Inbox, tmp_path: Path
) -> None:
    one = case(41, FAX, 196, 3, "dense", t38=True, ecm=True)
    sending = asyncio.create_task(one.send(machines, tmp_path))
    await has_pages(center.running, one, 1)
    await asyncio.sleep(4)
    await center.running.loses_asterisk()
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"НЕПОЛНЫЙ факс, 1 стр.: office, {one.shown_number}"
    assert "перезапускалась" in body(letter, "plain")
    assert_shows(letter, one, 1, tmp_path)
    await machines.hang_up(one.sending.caller)
    assert (await sending).status == "FAILED"


async def test_a_full_disk_costs_the_pages_that_do_not_fit_and_is_told(
    center: Center, machines: FaxMachines, inbox: Inbox, spool_disk: Path, tmp_path: Path
) -> None:
    ballast = fill(spool_disk / "ballast", ROOM_BYTES)
    one = case(42, FAX, 196, 3, "dense", t38=True, ecm=True)
    assert (await one.send(machines, tmp_path)).pages == 3
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"ПОВРЕЖДЁННЫЙ факс, office: {one.shown_number}, 1 стр."
    assert "подтверждено страниц 3" in body(letter, "plain")
    assert kinds(letter) == ["application/pdf", "image/tiff"]
    assert_shows(letter, one, 1, tmp_path)

    await until(lambda: list(spool_disk.iterdir()) == [ballast])  # the letter is sent
    more = fill(spool_disk / "more", 4096)
    await alarm(center, "and no fax")
    refused = case(43, FAX, 98, 1, "white", t38=True, ecm=True)
    assert (await refused.send(machines, tmp_path)).pages == 0

    ballast.unlink()
    more.unlink()
    await asyncio.sleep(5)
    again = case(44, FAX, 98, 1, "white", t38=True, ecm=True)
    assert (await again.send(machines, tmp_path)).status == "SUCCESS"
    letter = await inbox.letter(again.shown_number, ADDRESS, within=SOON_SECONDS)
    assert_shows(letter, again, 1, tmp_path)
    assert inbox.about(refused.shown_number, ADDRESS) == []


def fill(ballast: Path, room_bytes: int) -> Path:
    """Leave so much room and no more."""
    status = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(status.f_bavail * status.f_frsize - room_bytes))
    return ballast


def kinds(letter: EmailMessage) -> list[str]:
    return sorted(part.get_content_type() for part in letter.iter_attachments())


async def alarm(center: Center, words: str) -> None:
    """`switchboard alarms` tells it within 30 s."""
    deadline = asyncio.get_running_loop().time() + 30
    while words not in (told := (await center.running.switchboard("alarms"))[1]):
        assert asyncio.get_running_loop().time() < deadline, told


async def test_a_fax_that_python_has_moved_outlives_python(
    center: Center, machines: FaxMachines, inbox: Inbox, tmp_path: Path
) -> None:
    """F9: the engine had asked the menu in which the fax was heard, and dies in its midst."""
    one = case(45, MENU, 196, 2, "dense", t38=False, ecm=True)
    sending = asyncio.create_task(one.send(machines, tmp_path))
    await has_pages(center.running, one, 1)
    center.running.kill("console.engine")
    assert (await sending).status == "SUCCESS"
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс, office: {one.shown_number}, 2 стр."
    assert_shows(letter, one, 2, tmp_path)
