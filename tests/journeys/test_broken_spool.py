"""F15: the spool is unreadable, read-only, or out of inodes; callers are told, nothing is lost."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.center import CLOSED, Center, RunningCenter
from tests.journeys.inbox import Inbox
from tests.journeys.test_full_disk import ADDRESS, SALES, alarm
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.faults, pytest.mark.long]

FILES = 60


@pytest.fixture(scope="module")
def spool_disk(running: RunningCenter) -> Iterator[Path]:
    """The spool of messages on a disk of its own."""
    spool = running.state.asterisk / "spool" / "voicemail"
    spool.mkdir(exist_ok=True)
    options = f"size=8m,nr_inodes={FILES},mode=777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tiny", str(spool)], check=True)
    yield spool
    subprocess.run(["umount", "-l", str(spool)], check=True)


def make_read_only(spool: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(spool)], check=True)


def lock(spool: Path) -> None:
    (spool / "center").chmod(0)


def take_all_inodes(spool: Path) -> None:
    with suppress(OSError):
        for number in range(FILES):
            (spool / f"ballast-{number}").touch()


def mend(spool: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", str(spool)], check=True)
    (spool / "center").chmod(0o700)
    for ballast in spool.glob("ballast-*"):
        ballast.unlink()


BREAK = {"read-only": make_read_only, "unreadable": lock, "out of inodes": take_all_inodes}
TOLD = {
    "read-only": "is read-only",
    "unreadable": "cannot be used by Asterisk's account",
    "out of inodes": "more files fit",
}


async def leave(center: Center, number: str) -> None:
    call = await center.call(SALES, number)
    assert await call.hears("ru/beep", within=25)
    await call.say(tone(700, 4, 0.1))
    await call.hangup()


@pytest.mark.parametrize(("how", "at"), [("read-only", 1), ("unreadable", 2), ("out of inodes", 3)])
async def test_a_spool_that_cannot_be_used_is_told_to_callers_and_administrators(
    center: Center, inbox: Inbox, spool_disk: Path, how: str, at: int
) -> None:
    await center.clock(CLOSED)
    await leave(center, f"+7926000005{at}")
    await center.running.becomes_quiet()
    BREAK[how](spool_disk)
    await alarm(center, TOLD[how])
    call = await center.call(SALES, f"+7926000006{at}")
    assert await call.hears("ru/not-available", within=15)
    await call.ended(within=15)
    assert "ru/beep" not in call.heard()
    mend(spool_disk)
    await asyncio.sleep(5)
    await leave(center, f"+7926000007{at}")
    for last in (f"5{at}", f"7{at}"):
        await inbox.letter(f"+7 926 000-00-{last}", ADDRESS)
    assert inbox.about(f"+7 926 000-00-6{at}", ADDRESS) == []
