"""F9: an engine that is killed again and again, under calls."""

import asyncio
import os
import signal
from contextlib import suppress

import pytest

from tests.journeys.center import ROOT, Center
from tests.sip import sipp

pytestmark = [pytest.mark.asterisk, pytest.mark.faults]

MENU = ROOT / "bench" / "stand"  # `menu.xml` presses 2, then 1, and waits for the end
CALLS, EVERY_SECONDS = 40, 2.0


async def test_every_call_comes_to_its_end(center: Center) -> None:
    killed: set[int] = set()

    async def kill() -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            for pid in center.running.processes("console.engine"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)

    killing = asyncio.create_task(kill())
    counts = await sipp.run(
        "menu",
        folder=MENU,
        at="127.0.0.1:5060",
        calls=CALLS,
        per_second=5,
        within=40,
        fields={},
    )
    killing.cancel()
    assert len(killed) > 2
    assert (counts.successful, counts.failed) == (CALLS, 0), counts.errors
    told = center.events()
    assert len([event for event in told if event.startswith("arrived")]) == CALLS
    assert len([event for event in told if event == "key main 2 OK"]) == CALLS
    assert len([event for event in told if event == "key more 1 OK"]) == CALLS
    assert len([event for event in told if event.startswith("goodbye sb/more-key-1")]) == CALLS
    alone = len([event for event in told if event.startswith("alone")])
    print(f"{len(killed)} engines killed; {alone} of {CALLS} calls went on without one")
    assert alone > 0
