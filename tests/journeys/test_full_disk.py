"""F14: the spool's disk is full in the middle of a message, then before one, then freed."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.journeys.center import CLOSED, Center, RunningCenter
from tests.journeys.inbox import Inbox
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.faults]

SALES, ADDRESS = "+74950000003", "sales@acme.example"
SIZE_BYTES = 400_000
ROOM_BYTES = 64_000  # four seconds of sound


@pytest.fixture
def spool_disk(running: RunningCenter) -> Iterator[Path]:
    """The spool of messages on a disk of its own."""
    spool = running.state.asterisk / "spool" / "voicemail"
    spool.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES},mode=777", "tiny", str(spool)]
    subprocess.run(mount, check=True)
    yield spool
    subprocess.run(["umount", "-l", str(spool)], check=True)


def fill(disk: Path, room_bytes: int) -> Path:
    """Leave so much room and no more; what is in the way."""
    ballast = disk / "ballast"
    status = os.statvfs(disk)
    ballast.write_bytes(bytes(status.f_bavail * status.f_frsize - room_bytes))
    return ballast


async def test_a_full_disk_costs_what_does_not_fit_and_is_told_to_callers_and_administrators(
    center: Center, inbox: Inbox, spool_disk: Path
) -> None:
    await center.clock(CLOSED)
    ballast = fill(spool_disk, ROOM_BYTES)

    call = await center.call(SALES, "+79260000021", "Cut Caller")
    assert await call.hears("ru/beep", within=25)
    await call.say(tone(700, 8, 0.1))
    letter = await inbox.letter("Cut Caller, +7 926 000-00-21", ADDRESS, within=60)
    assert "Запись повреждена" in text_of(letter)
    (part,) = letter.iter_attachments()
    assert len(part.get_content()) > 5_000
    await center.running.becomes_quiet()

    await alarm(center, "no message is recorded")
    call = await center.call(SALES, "+79260000022")
    assert await call.hears("ru/not-available", within=15)
    await call.ended(within=15)
    assert "ru/beep" not in call.heard()
    assert "voicemail-end sales FAILED" in center.events()

    ballast.unlink()
    await asyncio.sleep(5)
    call = await center.call(SALES, "+79260000023")
    assert await call.hears("ru/beep", within=25)
    await call.say(tone(900, 3, 0.1))
    await call.hangup()
    letter = await inbox.letter("+7 926 000-00-23", ADDRESS)
    assert "повреждена" not in text_of(letter)
    assert inbox.about("+7 926 000-00-22", ADDRESS) == []


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def alarm(center: Center, words: str) -> None:
    """`switchboard alarms` tells it within 30 s."""
    deadline = asyncio.get_running_loop().time() + 30
    while words not in (told := (await center.running.switchboard("alarms"))[1]):
        assert asyncio.get_running_loop().time() < deadline, told
