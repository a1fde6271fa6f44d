"""F8, F9, F13, F19, F31: whatever dies, is locked, rotated or restored meanwhile, every call that
came is counted once and explained, and whom the agents spoke with is who was answered.
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
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from reports.records import FILES, Kind
from switchboard.db import FILE_NAME
from switchboard.pbx.installation import Installation
from tests.centers import write_center
from tests.faults.agents import Agent, agents_know_the_same
from tests.faults.mixed import AGENTS, CENTER, FAX, MENUS, all_call
from tests.journeys.center import Center, RunningCenter
from tests.journeys.fax_cases import case
from tests.sip.carrier import Carrier
from tests.sip.faxmachine import FaxMachines

pytestmark = [pytest.mark.asterisk, pytest.mark.faults, pytest.mark.long]

MACHINES = "127.0.0.2:5091"
LOCKED_SECONDS = 8


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_center(tmp_path_factory.mktemp("balance"), CENTER, MENUS)


@dataclass
class Deaths:
    """When nobody in a call could be heard any more."""

    at: list[float] = field(default_factory=list)

    async def of_asterisk(self, running: RunningCenter) -> None:
        self.at.append(time.time())
        await running.loses_asterisk(within=40)

    async def of_everything(self, running: RunningCenter) -> None:
        """kill -9 of `switchboard run` itself: nothing of it goes on alone; it is started again."""
        self.at.append(time.time())
        running.process.kill()
        running.process.wait()
        deadline = time.monotonic() + 5
        while running.processes():
            assert time.monotonic() < deadline, "a process is left over"
            await asyncio.sleep(0.05)
        await asyncio.to_thread(running.start)


async def kills_python(center: Center) -> None:
    while True:
        await asyncio.sleep(4)
        center.running.kill("console.engine")


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


async def received(installation: Installation, directory: Path) -> str:
    """A fax of one page; what the machine that sent it says."""
    async with FaxMachines(installation, center="127.0.0.1:5060", listen=MACHINES) as machines:
        sent = await case(55, FAX, 98, 1, "white", t38=True, ecm=True).send(machines, directory)
    return sent.status


@pytest.mark.timeout(600)
async def test_five_hundred_calls_among_kills_are_all_explained(
    center: Center, installation: Installation, tmp_path: Path
) -> None:
    running, copy, deaths = center.running, tmp_path / "yesterday", Deaths()
    cel = running.state.asterisk / "log" / FILES[Kind.CEL].path
    database = running.state.root / FILE_NAME
    agents = [
        Agent(number, await center.phone(number), AGENTS[(place + 1) % len(AGENTS)])
        for place, number in enumerate(AGENTS)
    ]
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090"):
        calling = asyncio.create_task(all_call())
        working = [asyncio.create_task(agent.works()) for agent in agents]
        killing = asyncio.create_task(kills_python(center))
        await asyncio.sleep(10)
        copied(database, copy)
        await asyncio.sleep(20)
        await deaths.of_asterisk(running)
        await asyncio.sleep(10)
        rotates_by_rename(cel)
        await asyncio.sleep(10)
        await deaths.of_everything(running)
        await asyncio.sleep(20)
        locked = asyncio.create_task(is_locked(database))
        await asyncio.sleep(2)
        rotates_by_truncation(running, cel)
        await asyncio.sleep(10)
        await deaths.of_asterisk(running)
        fax = await received(installation, tmp_path)
        await asyncio.gather(locked, calling)
        for task in (*working, killing):
            task.cancel()
        await asyncio.gather(*working, killing, return_exceptions=True)
    await running.becomes_quiet(within=60)

    whole = await reported(center)
    all_are_explained(whole, arrived(cel))
    agents_know_the_same(whole["calls"], agents, deaths.at)
    await spools_have_the_same(center, whole["calls"], fax)
    code, _ = await running.switchboard("rebuild")
    assert code == 0
    assert await reported(center) == whole
    await restored(running, database, copy)
    assert await reported(center) == whole, "what a backup lacks is read again"


def all_are_explained(whole: dict[str, Any], expected: set[str]) -> None:
    foot, calls = whole["balance"], whole["calls"]
    print(foot)
    assert foot["unexplained"] == foot["in_progress"] == 0
    assert foot["arrived"] == foot["accounted"] == len(expected) > 400
    inbound = [call for call in calls if call["direction"] == "inbound"]
    assert {call["id"] for call in inbound} == expected
    assert Counter(call["outcome"] for call in inbound) == foot["outcomes"]
    for outcome in ("answered", "abandoned_in_queue", "voicemail", "rejected", "cut_by_restart"):
        assert foot["outcomes"][outcome] > 0, outcome
    for call in calls:
        lasted = sum(part["seconds"] for part in call["segments"])
        assert lasted == pytest.approx(seconds_of(call), abs=0.01)


def seconds_of(call: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(call[at]) for at in ("started_at", "ended_at"))
    return (ended - began).total_seconds()


async def spools_have_the_same(center: Center, calls: list[dict[str, Any]], fax: str) -> None:
    """A message of each caller who left one, and of nobody else; the fax that was sent."""
    code, printed = await center.running.switchboard("voicemail", "list", "--json")
    assert code == 0, printed
    outcomes = {call["from"]: call["outcome"] for call in calls if call["direction"] == "inbound"}
    kept = {message["from"] for message in json.loads(printed)}
    left = {number for number, outcome in outcomes.items() if outcome == "voicemail"}
    print(f"{len(left)} messages")
    assert left <= kept
    assert {outcomes[number] for number in kept - left} <= {"cut_by_restart"}
    assert len(left) > 20
    assert (fax, outcomes["+79260000155"]) == ("SUCCESS", "fax")
