"""From the hang-up to the mail server's yes, with nothing else waiting."""

import asyncio
import time

import pytest

from tests.journeys.center import CLOSED, Center
from tests.journeys.inbox import Inbox
from tests.journeys.test_full_disk import ADDRESS, SALES
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.long]

LINES, MESSAGES = 4, 20
MOST_SECONDS = 3.0  # for 19 of 20


async def seconds_to_letters(center: Center, inbox: Inbox, line: int) -> list[float]:
    """Of messages of five seconds that one line leaves, each when the one before has arrived."""
    phone, waits = await center.caller(), []
    await asyncio.sleep(line * 4)
    for number in range(line, MESSAGES, LINES):
        call = await phone.dial(SALES, from_number=f"+792600001{number:02}")
        assert await call.hears("ru/beep", within=25)
        await call.say(tone(700, 5, 0.1))
        await call.hangup()
        ended = time.monotonic()
        await inbox.letter(f"+7 926 000-01-{number:02}", ADDRESS, within=30)
        waits.append(time.monotonic() - ended)
    return waits


async def test_nineteen_of_twenty_letters_are_accepted_within_three_seconds(
    center: Center, inbox: Inbox
) -> None:
    await center.clock(CLOSED)
    of_lines = await asyncio.gather(
        *(seconds_to_letters(center, inbox, line) for line in range(LINES))
    )
    waits = sorted(wait for of_line in of_lines for wait in of_line)
    assert waits[MESSAGES * 95 // 100 - 1] <= MOST_SECONDS, waits
    print(f"hang-up to accepted, s: {[round(wait, 2) for wait in waits]}")
