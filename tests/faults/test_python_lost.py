"""F1 to F4: whatever becomes of Python, the caller is heard out by the dialplan alone."""

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator

import pytest

from console.engine import SILENT_SECONDS
from tests.faults.port import (
    HOST,
    PORT,
    How,
    Loss,
    caller_of,
    losing_port,
    port,
    says,
    swallowing_port,
)
from tests.journeys.center import Center, RunningCenter
from tests.sip.call import Call
from tests.until import until

pytestmark = [pytest.mark.asterisk, pytest.mark.faults]

NUMBER = "+74950000001"
WALK = ["en/main-long", "en/more-long", "en/more-key-1-0-goodbye"]
COMMANDS = 7  # of the engine on this walk


@pytest.fixture(scope="module", autouse=True)
def nobody_on_the_port(running: RunningCenter) -> Iterator[None]:
    with running.without_python():
        yield


async def walked(call: Call) -> list[str]:
    """What is heard on the way through both menus."""
    assert await call.hears("en/main-long")
    await call.press("2")
    assert await call.hears("en/more-long")
    await call.press("1")
    await call.ended(within=15)
    return call.heard()


def never_left_alone(call: Call) -> None:
    """Once answered he hears something within 2 s, and never more than 4 s of silence."""
    print(f"first heard after {call.first_heard_seconds:.2f} s,", end=" ")
    print(f"longest silence {call.longest_silence_seconds:.2f} s")
    assert call.first_heard_seconds < 2
    assert call.longest_silence_seconds < 4


async def test_refused_the_call_goes_on_at_once(center: Center) -> None:
    call = await center.call(NUMBER)
    await call.answered(within=1)
    assert await walked(call) == WALK
    never_left_alone(call)


async def test_swallowed_it_rings_until_the_call_goes_on(center: Center) -> None:
    with swallowing_port():
        call = await center.call(NUMBER)
        await call.rings(within=1)
        with pytest.raises(AssertionError):
            await call.answered(within=1)
        await call.answered(within=2)
        assert await walked(call) == WALK
        never_left_alone(call)


async def test_where_nobody_is_at_the_port_one_call_a_second_finds_out(center: Center) -> None:
    """And the log has a line of it each second, not for each call."""
    refusals = Refusals(center)
    line, began, calls = await center.caller(), int(time.time()), []
    for number in range(10):
        calls.append(await line.dial(NUMBER, from_number=f"+7926000000{number}"))
        await asyncio.sleep(0.2)
    seconds = int(time.time()) - began + 1
    for call in calls:
        assert await call.hears("en/main-long")
        await call.hangup()
    assert 2 <= refusals.since() <= seconds


class Refusals:
    """How often Asterisk found nobody, by its log."""

    def __init__(self, center: Center) -> None:
        self._log = center.running.state.asterisk / "log" / "messages"
        self._before = self._count()

    def since(self) -> int:
        return self._count() - self._before

    def _count(self) -> int:
        return self._log.read_text().count(f"Connecting to '{HOST}:{PORT}' failed")


@pytest.mark.parametrize(
    ("data", "closes_after_seconds"),
    [
        (b"", 30),
        pytest.param(b"GET VARIABLES\n" * 50, 30, marks=pytest.mark.long),
        # Asterisk waits for the rest of the line, at any cost: until `run` has ended this engine
        (b"VERBOSE ", SILENT_SECONDS),
        (b"VERB\0OSE\n", SILENT_SECONDS),
    ],
    ids=["nothing", "nonsense", "half a line", "a NUL"],
)
async def test_a_call_goes_on_when_python_says_only(
    center: Center, data: bytes, closes_after_seconds: float
) -> None:
    async with port(says(data, closes_after_seconds)):
        call = await center.call(NUMBER)
        await call.answered(within=4)
        assert await walked(call) == WALK
        never_left_alone(call)


@pytest.mark.parametrize(
    "how", [pytest.param(How.KILLED_BEFORE, marks=pytest.mark.long), How.KILLED_AFTER, How.STOPPED]
)
async def test_a_call_comes_to_its_end_when_python_is(center: Center, how: How) -> None:
    """At each command of the walk."""
    callers = {f"+7926000000{command}": Loss(command, how) for command in range(1, COMMANDS + 1)}
    line = await center.caller()
    async with losing_port(center.running.state, callers) as lost:
        calls = [await line.dial(NUMBER, from_number=caller) for caller in callers]
        heard = await asyncio.gather(*map(walked, calls))
    assert lost == set(callers.values())
    for call, loss, walk in zip(calls, callers.values(), heard, strict=True):
        print(loss, end=": ")
        assert walk == WALK, loss
        never_left_alone(call)
    for linkedid in {row.linkedid for row in center.cel()}:
        path = [row for row in center.cel() if row.linkedid == linkedid]
        told = [
            f"{row.event} {row.text}" for row in path if row.event in ("menu", "key", "goodbye")
        ]
        assert told[:4] == ["menu v1 main", "key main 2 OK", "menu v1 more", "key more 1 OK"]


async def test_a_call_waits_for_a_stopped_python_only_once(center: Center) -> None:
    """Key 1 leads to a department, which would be asked about, too."""
    caller = "+79260000001"
    async with losing_port(center.running.state, {caller: Loss(4, How.STOPPED)}):
        call = await center.call(NUMBER, caller)
        assert await call.hears("en/main-long")
        await call.press("1")
        assert await call.hears("en/sales-no-agents-0-goodbye", within=6)
        await call.ended()
        never_left_alone(call)
    assert "alone menu-main-v1,heard,1" in center.events()


async def test_a_caller_may_hang_up_wherever_python_has_stopped(center: Center) -> None:
    callers = {
        f"+7926000000{command}": Loss(command, How.STOPPED) for command in range(1, COMMANDS + 1)
    }
    line = await center.caller()
    async with losing_port(center.running.state, callers) as lost:

        async def hangs_up(call: Call, loss: Loss) -> None:
            if loss.command > 3:
                assert await call.hears("en/main-long")
                await call.press("2")
            if loss.command > 5:
                assert await call.hears("en/more-long")
                await call.press("1")
            await until(lambda: loss in lost)
            await call.hangup()

        calls = [await line.dial(NUMBER, from_number=caller) for caller in callers]
        await asyncio.gather(*map(hangs_up, calls, callers.values()))
        await center.running.becomes_quiet(within=1)


async def test_keys_pressed_while_python_is_stopped_lead_nowhere_else(center: Center) -> None:
    caller = "+79260000001"
    async with losing_port(center.running.state, {caller: Loss(4, How.STOPPED)}):
        call = await center.call(NUMBER, caller)
        assert await call.hears("en/main-long")
        await call.press("2")
        await asyncio.sleep(0.5)
        await call.press("3*0#")
        assert await call.hears("en/more-long")
        await call.press("1")
        await call.ended(within=10)
        assert call.heard() == WALK


PLACES = [
    "no-such-place,s,1",
    "menu-main-v1,no-such-number,1",
    "menu-main-v1,s,no-such-label",
    "a?b:c",
    "${EPOCH}",
    ")]}",
    "x" * 2000,
]


async def test_an_answer_that_names_no_place_is_none(center: Center) -> None:
    callers = {f"+7926000000{number}": place for number, place in enumerate(PLACES)}

    async def lie(reader: StreamReader, writer: StreamWriter) -> None:
        place = callers[await caller_of(reader)]
        for name in ("DEST", "NEXT"):
            writer.write(f'SET VARIABLE "{name}" "{place}"\n'.encode())
            await reader.readline()

    async with port(lie):
        line = await center.caller()
        calls = [await line.dial("+74950000003", from_number=caller) for caller in callers]
        for call, place in zip(calls, PLACES, strict=True):
            assert await call.hears("en/sales-no-agents-0-goodbye"), place
            await call.ended()
            never_left_alone(call)
