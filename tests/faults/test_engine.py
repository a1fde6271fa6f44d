"""F3 to F6: the engine itself is stopped, killed, besieged or wrong while calls go on."""

import asyncio
import json
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.port import HOST, PORT
from tests.journeys.center import Center, RunningCenter
from tests.sip.call import Call
from tests.until import until

pytestmark = [pytest.mark.asterisk, pytest.mark.faults]

NUMBER = "+74950000001"
WALK = ["en/main-long", "en/more-long", "en/more-key-1-0-goodbye"]
DESCRIPTORS = 1024  # of an ordinary process


@pytest.fixture(autouse=True)
async def an_engine_serves(running: RunningCenter) -> None:
    await until(lambda: bool(running.processes("console.engine")) and holds(running), 30)


def holds(running: RunningCenter) -> bool:
    """Whether the engine that runs now has read the version."""
    born = Path(f"/proc/{engine(running)}").stat().st_mtime
    log = running.state.root / "log" / "engine.log"
    lines = [line for line in log.read_text().splitlines() if line.endswith("version 1 is held")]
    told = time.mktime(time.strptime(lines[-1][:19], "%Y-%m-%d %H:%M:%S")) if lines else 0
    return told >= int(born)


def engine(running: RunningCenter) -> int:
    """The process id of the engine."""
    return running.processes("console.engine")[0]


def carried_by_python(center: Center) -> bool:
    """Whether no call since the test began had to go on alone."""
    return not [event for event in center.events() if event.startswith("alone")]


async def walks(call: Call) -> None:
    """Through both menus to the end, hearing all of it in good time."""
    assert await call.hears("en/main-long")
    await call.press("2")
    assert await call.hears("en/more-long")
    await call.press("1")
    await call.ended(within=15)
    assert call.heard() == WALK
    assert call.first_heard_seconds < 2
    assert call.longest_silence_seconds < 4


async def test_a_call_outlives_the_engine_that_carried_it(center: Center) -> None:
    call = await center.call(NUMBER)
    assert await call.hears("en/main-long")
    assert carried_by_python(center)
    os.kill(engine(center.running), signal.SIGKILL)
    await call.press("2")
    assert await call.hears("en/more-long")
    await call.press("1")
    await call.ended(within=15)
    assert call.heard() == WALK
    assert call.longest_silence_seconds < 2


async def test_an_engine_that_stops_is_killed_and_replaced(center: Center) -> None:
    call = await center.call(NUMBER)
    assert await call.hears("en/main-long")
    stopped, began = engine(center.running), time.monotonic()
    os.kill(stopped, signal.SIGSTOP)
    other = await center.call(NUMBER, "+79260000002")
    await call.press("2")
    await asyncio.gather(walks(other), ends_well(call))
    await until(lambda: stopped not in center.running.processes("console.engine"), 1)
    await until(lambda: bool(center.running.processes("console.engine")) and holds(center.running))
    print(f"served again {time.monotonic() - began:.1f} s after the engine stopped")
    assert "engine is started again: it did not answer for 3 s" in center.running.told()


async def ends_well(call: Call) -> None:
    assert await call.hears("en/more-long")
    await call.press("1")
    await call.ended(within=15)
    assert call.heard() == WALK
    assert call.longest_silence_seconds < 4


@contextmanager
def besieged(pid: int) -> Iterator[list[socket.socket]]:
    """A thousand idle connections to an engine with as many descriptors as any process has."""
    _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, most))
    with ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection((HOST, PORT))) for _ in range(1000)]


async def test_a_thousand_idle_connections_keep_no_call_waiting(center: Center) -> None:
    line = await center.caller()
    with besieged(engine(center.running)) as idle:
        opened = time.monotonic()
        calls = [await line.dial(NUMBER, from_number=f"+7926000000{one}") for one in range(3)]
        await asyncio.gather(*(call.answered(within=2) for call in calls))
        while idle:
            closed = await asyncio.to_thread(idle.pop().recv, 1)
            assert closed == b""
        print(f"the last was closed after {time.monotonic() - opened:.1f} s")
        assert time.monotonic() - opened < 5
        await asyncio.gather(*map(walks, calls))
    assert carried_by_python(center)


GARBAGE = [
    b"",
    b"\0" * 100_000,
    b"GET / HTTP/1.1\r\nHost: switchboard\r\n\r\n",
    b"agi_network: yes\n" * 10_000,
    b"agi_network: yes\nagi_network_script: ivr\n\n",
    b"agi_network: yes\nagi_network_script: ivr\nagi_uniqueid: 1\n"
    + b"agi_arg_1: v1\n" * 9
    + b"\n",
    "agi_network: yes\nagi_calleridname: Анна".encode()[:-1],
]


async def test_garbage_disturbs_no_call(center: Center) -> None:
    async def attack() -> None:
        while True:
            for data in GARBAGE:
                _, writer = await asyncio.open_connection(HOST, PORT)
                with suppress(ConnectionError):
                    writer.write(data)
                    await writer.drain()
                writer.transport.abort()
                await asyncio.sleep(0.02)  # or all ports of this machine are soon used up

    async def dribble() -> None:
        _, writer = await asyncio.open_connection(HOST, PORT)
        with suppress(ConnectionError):
            for byte in b"agi_network: yes\n" * 100:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)

    before = engine(center.running)
    attackers = [asyncio.create_task(one) for one in (attack(), dribble(), dribble())]
    await walks(await center.call(NUMBER))
    for attacker in attackers:
        attacker.cancel()
    await asyncio.wait(attackers)
    assert all(attacker.cancelled() for attacker in attackers[:1])
    assert carried_by_python(center)
    assert engine(center.running) == before


async def test_an_exception_in_a_step_leaves_the_menu_to_the_twin(center: Center) -> None:
    """The engine does not know how long the second menu's prompt plays."""
    file = center.running.state.version(1) / "seconds.json"
    whole = file.read_text()
    file.write_text(json.dumps([row for row in json.loads(whole) if "more-long" not in row[0]]))
    try:
        await restarted(center.running)
        await walks(await center.call(NUMBER))
        assert "alone menu-main-v1,heard,1" in center.events()
    finally:
        file.write_text(whole)
        await restarted(center.running)


async def restarted(running: RunningCenter) -> None:
    """Another engine serves, after the supervisor's pause."""
    before = engine(running)
    os.kill(before, signal.SIGKILL)
    await until(lambda: running.processes("console.engine") not in ([], [before]), 40)
    await until(lambda: holds(running), 15)
