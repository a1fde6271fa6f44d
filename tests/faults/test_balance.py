"""F8, F9: whatever dies meanwhile, every call that came is counted once and explained."""

import asyncio
import csv
import json
import os
import signal
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from reports.records import FILES, Kind
from tests.journeys.center import Center
from tests.sip import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.faults, pytest.mark.long]

PER_SECOND = 3
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
                call = await (await anna.rings(within=10)).answer()
                await asyncio.sleep(2)
                await call.hangup()
        await asyncio.sleep(1)


async def kills_python(center: Center) -> None:
    while True:
        await asyncio.sleep(4)
        for pid in center.running.processes("console.engine"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def arrived(center: Center) -> set[str]:
    """The channels that a carrier's calls began with, read from the file by other means."""
    path = center.running.state.asterisk / "log" / FILES[Kind.CEL].path
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    begun = [row for row in rows if row[1] == "CHAN_START" and row[3] == row[4]]
    return {row[3] for row in begun if row[6] == "from-trunk"}


async def reported(center: Center) -> dict[str, Any]:
    file = center.running.state.root / "report.json"
    period = ["--from", "2000-01-01", "--to", "2099-01-01", "--json", "-o", str(file)]
    code, told = await center.running.switchboard("report", "calls", *period)
    assert code == 0, told
    whole: dict[str, Any] = json.loads(file.read_text())
    return whole


@pytest.mark.timeout(400)
async def test_five_hundred_calls_among_kills_are_all_explained(center: Center) -> None:
    calling = [asyncio.create_task(placed(number)) for number in range(len(MIX))]
    about = [asyncio.create_task(answers(center)), asyncio.create_task(kills_python(center))]
    for _ in range(2):
        await asyncio.sleep(9)
        await center.running.loses_asterisk(within=40)
    await asyncio.gather(*calling)
    for task in about:
        task.cancel()
    await center.running.becomes_quiet(within=60)

    whole = await reported(center)
    foot, calls = whole["balance"], whole["calls"]
    expected = arrived(center)
    print(foot)
    assert foot["unexplained"] == foot["in_progress"] == 0
    assert foot["arrived"] == foot["accounted"] == len(expected) > 250
    inbound = [call for call in calls if call["direction"] == "inbound"]
    assert {call["id"] for call in inbound} == expected
    assert Counter(call["outcome"] for call in inbound) == foot["outcomes"]
    assert foot["outcomes"]["cut_by_restart"] > 0
    for call in calls:
        assert sum(part["seconds"] for part in call["segments"]) >= 0
    code, _ = await center.running.switchboard("rebuild")
    assert code == 0
    assert await reported(center) == whole
