"""kill -9 of everything between a recording and its letter: as when the machine loses its power."""

import asyncio

import pytest

from tests.journeys.center import CLOSED, Center, RunningCenter
from tests.journeys.inbox import Inbox
from tests.journeys.test_full_disk import ADDRESS, SALES
from tests.sip.fixtures import OpenPhone
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.faults, pytest.mark.long]

MOMENTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3)  # seconds after the hang-up


def kill_everything(running: RunningCenter) -> None:
    while running.processes():
        running.kill()
        running.process.wait()


@pytest.mark.parametrize("at", range(len(MOMENTS)))
async def test_a_message_comes_whenever_everything_is_killed_after_it(
    running: RunningCenter, inbox: Inbox, open_phone: OpenPhone, at: int
) -> None:
    center = Center(running, open_phone)
    await center.clock(CLOSED)
    call = await center.call(SALES, f"+7926000008{at}")
    assert await call.hears("ru/beep", within=25)
    await call.say(tone(700, 4, 0.1))
    await call.hangup()
    await asyncio.sleep(MOMENTS[at])
    kill_everything(running)
    await asyncio.to_thread(running.start)
    about = f"+7 926 000-00-8{at}"
    letter = await inbox.letter(about, ADDRESS, within=40)
    await asyncio.sleep(3)
    copies = inbox.about(about, ADDRESS)
    assert {one["Message-ID"] for one in copies} == {letter["Message-ID"]}
    assert len(copies) <= 2, "a second one only where the kill fell behind the final dot"
