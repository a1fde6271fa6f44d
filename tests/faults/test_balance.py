"""F8, F9, F13, F19, F31: whatever dies, is locked, rotated or restored meanwhile, every call that
came is counted once and explained.
"""

import asyncio
import csv
import json
import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from reports.records import FILES, Kind
from switchboard.db import FILE_NAME
from tests.journeys.center import Center, RunningCenter
from tests.sip import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.faults, pytest.mark.long]

PER_SECOND = 2
LOCKED_SECONDS = 8
# who calls what, presses which key and stays for how long; so many of each
MIX = [
    (80, "+74950000001", "2", 400, 100),
    (80, "+74950000001", "3", 500, 4500),
    (80, "+74950000001", "1", 300, 6000),
    (80, "+74950000003", "1", 600, 5000),
    (80, "+74950000001", "9", 300, 9000),
    (50, "+74959999999", "1", 100, 100),
    (50, "+74950000001", "1", 100, 100),
]
BLOCKED = '"SIPp" <sip:+79001234567@127.0.0.2>'


async def placed(number: int) -> None:
    calls, to, key, press, stay = MIX[number]
    fields = {"to": to, "key": sipp.key(key), "press_after_ms": str(press), "stay_ms": str(stay)}
    if number == len(MIX) - 1:
        fields["from"] = BLOCKED
    await sipp.run(
        "call",
        at="127.0.0.1:5060",
        calls=calls,
        per_second=PER_SECOND,
        within=90,
        fields=fields,
    )


async def answers(center: Center) -> None:
    """A phone that takes what it is offered, for two seconds; after a restart it signs on again."""
    while True:
        with suppress(Exception):
            anna = await center.phone("201")
            while True:
                call = await (await anna.rings(within=4)).answer()
                await asyncio.sleep(2)
                await call.hangup()
        await asyncio.sleep(1)


async def kills_python(center: Center) -> None:
    while True:
        await asyncio.sleep(4)
        for pid in center.running.processes("console.engine"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


async def loses_everything(running: RunningCenter) -> None:
    """kill -9 of `switchboard run` itself: nothing of it goes on alone, and it is started again.

    Whoever kills the engine waits meanwhile: a service that dies before all are ready ends `run`.
    """
    running.process.kill()
    running.process.wait()
    deadline = time.monotonic() + 5
    while running.processes():
        assert time.monotonic() < deadline, "a process is left over"
        await asyncio.sleep(0.05)
    await asyncio.to_thread(running.start)


def rotates_by_rename(cel: Path) -> None:
    cel.rename(cel.with_name("cel.csv.1"))


def rotates_by_truncation(running: RunningCenter, cel: Path) -> None:
    """Asterisk writes nothing meanwhile: what falls between copy and truncation, no reader has."""
    os.kill(running.asterisk, signal.SIGSTOP)
    shutil.copyfile(cel, cel.with_name("cel.csv.2"))
    os.truncate(cel, 0)
    os.kill(running.asterisk, signal.SIGCONT)


async def is_locked(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout = 10000")
        other.execute("BEGIN EXCLUSIVE")
        await asyncio.sleep(LOCKED_SECONDS)
        other.execute("ROLLBACK")


def copied(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(copy)) as other:
        live.backup(other)


async def restored(running: RunningCenter, database: Path, copy: Path) -> None:
    """Stopped, yesterday's copy put in its place, and started again."""
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.process.wait) == 0
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    shutil.copyfile(copy, database)
    await asyncio.to_thread(running.start)


def arrived(cel: Path) -> set[str]:
    """The channels that a carrier's calls began with, read from the files by other means."""
    rows: list[list[str]] = []
    for path in cel.parent.glob(f"{cel.name}*"):
        with path.open(newline="") as file:
            rows += csv.reader(file)
    begun = [row for row in rows if row[1] == "CHAN_START" and row[3] == row[4]]
    return {row[3] for row in begun if row[6] == "from-trunk"}


async def reported(center: Center) -> dict[str, Any]:
    file = center.running.state.root / "report.json"
    period = ["--from", "2000-01-01", "--to", "2099-01-01", "--json", "-o", str(file)]
    code, told = await center.running.switchboard("report", "calls", *period)
    assert code == 0, told
    whole: dict[str, Any] = json.loads(file.read_text())
    return whole


@pytest.mark.timeout(500)
async def test_five_hundred_calls_among_kills_are_all_explained(
    center: Center, tmp_path: Path
) -> None:
    running, copy = center.running, tmp_path / "yesterday"
    cel = running.state.asterisk / "log" / FILES[Kind.CEL].path
    database = running.state.root / FILE_NAME
    calling = [asyncio.create_task(placed(number)) for number in range(len(MIX))]
    answering = asyncio.create_task(answers(center))
    killing = asyncio.create_task(kills_python(center))
    await asyncio.sleep(6)
    copied(database, copy)
    await running.loses_asterisk(within=40)
    await asyncio.sleep(4)
    rotates_by_rename(cel)
    await asyncio.sleep(2)
    killing.cancel()
    await loses_everything(running)
    killing = asyncio.create_task(kills_python(center))
    await asyncio.sleep(4)
    locked = asyncio.create_task(is_locked(database))
    await asyncio.sleep(2)
    rotates_by_truncation(running, cel)
    await running.loses_asterisk(within=40)
    await asyncio.gather(locked, *calling)
    for task in (answering, killing):
        task.cancel()
    await running.becomes_quiet(within=60)

    whole = await reported(center)
    all_are_explained(whole, arrived(cel))
    code, _ = await running.switchboard("rebuild")
    assert code == 0
    assert await reported(center) == whole
    await restored(running, database, copy)
    assert await reported(center) == whole, "what a backup lacks is read again"


def all_are_explained(whole: dict[str, Any], expected: set[str]) -> None:
    foot, calls = whole["balance"], whole["calls"]
    print(foot)
    assert foot["unexplained"] == foot["in_progress"] == 0
    assert foot["arrived"] == foot["accounted"] == len(expected) > 250
    inbound = [call for call in calls if call["direction"] == "inbound"]
    assert {call["id"] for call in inbound} == expected
    assert Counter(call["outcome"] for call in inbound) == foot["outcomes"]
    assert foot["outcomes"]["cut_by_restart"] > 0
    for call in calls:
        assert sum(part["seconds"] for part in call["segments"]) >= 0
