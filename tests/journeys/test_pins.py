"""Guessing a PIN is stopped: for who guesses, at a mailbox, and in all; and it is told."""

import asyncio
import json
import re
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from switchboard.db import FILE_NAME
from tests.journeys.center import Center, RunningCenter
from tests.sip.call import Call
from tests.sip.phone import Phone

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000001": {voicemail: "801"}}
extensions: {"201": {}, "202": {}, "203": {}, "204": {}, "205": {}}
voicemail: {"801": {pin: "83014"}, "802": {pin: "58214"}}
"""
PINS = {"801": "83014", "802": "58214"}
TOLD_SECONDS = 30.0


@pytest.fixture(autouse=True)
async def forgotten(center: Center) -> None:
    await center.cli("database deltree pin")


async def chosen(phone: Phone, box: str) -> Call:
    """*98, and a mailbox's number."""
    call = await phone.dial("*98")
    await call.answered()
    await call.press(f"{box}#")
    return call


async def guesses(phone: Phone, box: str = "801") -> None:
    """One wrong PIN, and a hang-up."""
    call = await chosen(phone, box)
    assert await call.hears("ru/vm-password")
    await call.press("00000#")
    assert await call.hears("ru/vm-incorrect")
    await call.hangup()


async def opens(phone: Phone, box: str = "801") -> None:
    call = await chosen(phone, box)
    assert await call.hears("ru/vm-password")
    await call.press(f"{PINS[box]}#")
    assert await call.hears("ru/vm-youhave")
    await call.hangup()


async def is_refused(phone: Phone, box: str = "801") -> None:
    """Nobody asks for a PIN."""
    call = await chosen(phone, box)
    assert await call.hears("ru/pin-locked"), call.heard()
    await call.ended()
    assert "ru/vm-password" not in call.heard()


async def lock_seconds(center: Center, kind: str, who: str) -> int:
    """For how long a PIN is not asked for, counted from the last question."""
    shown = await center.cli(f"database get pin/{kind} {who}")
    _, at, until = shown.split()[-1].split("-")
    return int(until) - int(at)


async def time_passes(center: Center, kind: str, who: str, seconds: int) -> None:
    """As if all that was counted had been counted so much earlier."""
    shown = await center.cli(f"database get pin/{kind} {who}")
    count, at, until = shown.split()[-1].split("-")
    earlier = f"{count}-{int(at) - seconds}-{int(until) - seconds}"
    await center.cli(f"database put pin/{kind} {who} {earlier}")


async def alarm(running: RunningCenter, key: str) -> dict[str, Any]:
    """An alarm, as soon as it stands."""
    async with asyncio.timeout(TOLD_SECONDS):
        while True:
            _, printed = await running.switchboard("alarms", "--json")
            if told := [one for one in json.loads(printed) if one["key"] == key]:
                return dict(told[0])
            await asyncio.sleep(1)


async def test_who_guesses_over_several_calls_waits_longer_each_time(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await asyncio.gather(*(guesses(anna) for _ in range(3)))
    assert await lock_seconds(center, "caller", "201") == 60
    await asyncio.gather(is_refused(anna), opens(boris))
    told = await alarm(center.running, "pin:caller/201")
    assert told["what"] == "too many wrong PINs from extension 201: *98 is locked there"

    await time_passes(center, "caller", "201", 61)
    await opens(anna)
    await guesses(anna)
    assert await lock_seconds(center, "caller", "201") == 120
    await is_refused(anna)


@pytest.mark.long
async def test_a_mailbox_guessed_at_from_several_phones_without_python_opens_for_none(
    center: Center,
) -> None:
    phones = [await center.phone(number) for number in ("201", "202", "203")]
    boris = await center.phone("204")
    with center.running.without_python():
        await asyncio.gather(*(guesses(phone) for phone in phones for _ in range(2)))
        await is_refused(boris)
        await opens(boris, "802")
        await time_passes(center, "mailbox", "801", 61)
        await opens(boris)


@pytest.mark.long
async def test_guesses_everywhere_lock_everything_for_a_while(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await center.cli(f"database put pin/all phones 29-{int(time.time())}-0")
    await guesses(anna)
    await is_refused(boris, "802")
    await time_passes(center, "all", "phones", 61)
    await opens(boris, "802")


@pytest.mark.long
async def test_right_pins_and_quiet_hours_are_no_guesses(center: Center) -> None:
    anna = await center.phone("201")
    await asyncio.gather(*(opens(anna) for _ in range(2)))
    await asyncio.gather(*(opens(anna) for _ in range(2)))
    await asyncio.gather(*(guesses(anna) for _ in range(2)))
    await time_passes(center, "caller", "201", 7200)
    await asyncio.gather(*(guesses(anna) for _ in range(2)))
    await opens(anna)


@pytest.mark.long
async def test_no_pin_can_be_read_in_the_database_or_the_log(center: Center) -> None:
    await opens(await center.phone("201"))
    database = center.running.state.root / FILE_NAME
    pressed: list[bytes] = []
    async with asyncio.timeout(15):
        while len(pressed) < len("801#83014#"):
            await asyncio.sleep(0.5)
            with closing(sqlite3.connect(database)) as rows:
                wanted = "SELECT record FROM raw_record WHERE instr(record, '\"DTMF\"')"
                pressed = [record for (record,) in rows.execute(wanted)]
    assert all(b'""digit"":""?""' in record for record in pressed)
    log = (center.running.state.asterisk / "log" / "cel-custom" / "cel.csv").read_bytes()
    assert set(re.findall(rb'""digit"":""(.)""', log)) == {b"?"}
