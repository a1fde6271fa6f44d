"""Services are started in order, restarted when they die, stopped in reverse order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from center.state import State
from console.engine import engine_services
from switchboard.child import ChildNotStarted, end, spawn
from switchboard.supervisor import (
    Backoff,
    Killed,
    Ready,
    Run,
    Service,
    ServiceFailed,
    Supervisor,
    program,
)

FAST = Backoff(first_seconds=0.01, longest_seconds=0.04, steady_seconds=60)


class Diary:
    """What happened, in order; makes services that write into it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def service(self, name: str, *, ready_after_seconds: float = 0.0) -> Service:
        async def run(ready: Ready) -> None:
            self.lines.append(f"{name} starts")
            await asyncio.sleep(ready_after_seconds)
            ready()
            try:
                await asyncio.Event().wait()
            finally:
                self.lines.append(f"{name} ends")

        return Service(name, run)

    def restarted(self, name: str, reason: str) -> None:
        self.lines.append(f"{name} died: {reason}")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not holds():  # noqa: ASYNC110 - what we wait for sets no event
            await asyncio.sleep(0.005)


def dies(error: Exception | None) -> Run:
    """Is ready, and dies soon after, each time."""

    async def run(ready: Ready) -> None:
        ready()
        await asyncio.sleep(0.001)
        if error is not None:
            raise error

    return run


async def test_each_starts_when_the_one_before_is_ready_and_they_stop_in_reverse() -> None:
    diary = Diary()
    supervisor = Supervisor(
        [diary.service("asterisk", ready_after_seconds=0.05), diary.service("engine")],
        diary.restarted,
    )
    await supervisor.start()
    assert diary.lines == ["asterisk starts", "engine starts"]
    await supervisor.stop(1)
    assert diary.lines[2:] == ["engine ends", "asterisk ends"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError("no space left"), "no space left"),
        (ExceptionGroup("tasks", [OSError("inside")]), "inside"),
        (KeyError(), "KeyError"),
        (None, "it ended by itself"),
    ],
)
async def test_one_that_dies_is_restarted_and_why_is_told(
    error: Exception | None, reason: str
) -> None:
    diary = Diary()
    supervisor = Supervisor([Service("view", dies(error))], diary.restarted, FAST)
    await supervisor.start()
    await until(lambda: len(diary.lines) >= 3)
    await supervisor.stop(1)
    assert set(diary.lines) == {f"view died: {reason}"}


async def test_pauses_grow_up_to_the_longest() -> None:
    times: list[float] = []
    supervisor = Supervisor(
        [Service("view", dies(None))], lambda *_: times.append(time.monotonic()), FAST
    )
    await supervisor.start()
    await until(lambda: len(times) == 5)
    await supervisor.stop(1)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    for pause, expected in zip(pauses, [0.01, 0.02, 0.04, 0.04], strict=True):
        assert expected <= pause < expected + 0.1


async def test_one_that_lived_long_is_restarted_without_delay_again() -> None:
    times: list[float] = []
    forgiving = Backoff(first_seconds=0.01, longest_seconds=10, steady_seconds=0.0)
    supervisor = Supervisor(
        [Service("view", dies(None))], lambda *_: times.append(time.monotonic()), forgiving
    )
    await supervisor.start()
    await until(lambda: len(times) == 12)
    await supervisor.stop(1)


async def test_the_others_go_on_while_one_is_restarted() -> None:
    diary = Diary()
    supervisor = Supervisor(
        [diary.service("asterisk"), Service("view", dies(None))], diary.restarted, FAST
    )
    await supervisor.start()
    await until(lambda: len(diary.lines) >= 4)
    assert diary.lines.count("asterisk starts") == 1
    assert "asterisk ends" not in diary.lines
    await supervisor.stop(1)


async def test_a_first_start_that_fails_is_raised_and_the_others_are_stopped() -> None:
    async def fails(ready: Ready) -> None:
        raise LookupError("no such file")

    diary = Diary()
    supervisor = Supervisor(
        [diary.service("asterisk"), Service("view", fails)], diary.restarted, FAST
    )
    with pytest.raises(LookupError, match="no such file"):
        await supervisor.start()
    assert diary.lines == ["asterisk starts", "asterisk ends"]


async def test_one_that_is_never_ready_is_told_by_name() -> None:
    async def hangs(ready: Ready) -> None:
        await asyncio.Event().wait()

    supervisor = Supervisor([Service("view", hangs, ready_seconds=0.05)], lambda *_: None)
    with pytest.raises(ServiceFailed, match=r"view was not ready within 0\.05 seconds"):
        await supervisor.start()


async def test_one_that_ends_before_it_is_ready_is_told_by_name() -> None:
    async def ends(ready: Ready) -> None:
        return

    supervisor = Supervisor([Service("view", ends)], lambda *_: None)
    with pytest.raises(ServiceFailed, match="view ended before it was ready"):
        await supervisor.start()


async def test_one_that_is_killed_before_it_is_ready_is_started_again() -> None:
    starts: list[str] = []

    async def run(ready: Ready) -> None:
        starts.append("start")
        if len(starts) < 3:
            raise Killed("by signal 9")
        ready()
        await asyncio.Event().wait()

    diary = Diary()
    supervisor = Supervisor([Service("view", run)], diary.restarted, FAST)
    await supervisor.start()
    assert diary.lines == ["view died: by signal 9"] * 2
    await supervisor.stop(1)


async def test_one_that_is_killed_at_each_start_is_told_in_the_end() -> None:
    async def run(ready: Ready) -> None:
        raise Killed("by signal 11")

    supervisor = Supervisor([Service("view", run, ready_seconds=0.2)], lambda *_: None, FAST)
    with pytest.raises(ServiceFailed, match=r"view was not ready within 0\.2 seconds"):
        await supervisor.start()


async def test_an_engine_is_started_again_when_killed_and_not_when_it_ends_by_itself(
    tmp_path: Path,
) -> None:
    diary = Diary()
    supervisor = Supervisor(engine_services(State(tmp_path), 1), diary.restarted, FAST)
    starting = asyncio.create_task(supervisor.start())
    await until(lambda: bool(engines(tmp_path)))
    os.kill(engines(tmp_path)[0], signal.SIGKILL)
    with pytest.raises(ServiceFailed, match="it ended by itself"):  # nothing was ever applied
        await starting
    assert diary.lines == ["engine died: it was killed by signal 9"]


def engines(state: Path) -> list[int]:
    """The processes that run for this state directory."""
    told = Path("/proc").glob("[0-9]*/cmdline")
    return [int(path.parent.name) for path in told if bytes(state) in path.read_bytes()]


def drains(seconds: float, diary: list[str]) -> Run:
    """Goes on for `seconds` after it was told to stop; ends at once when told again."""

    async def run(ready: Ready) -> None:
        ready()
        try:
            await asyncio.Event().wait()
        finally:
            diary.append("draining")
            await asyncio.sleep(seconds)
            diary.append("drained")

    return run


async def test_stopping_waits_for_what_drains() -> None:
    lines: list[str] = []
    supervisor = Supervisor([Service("asterisk", drains(0.1, lines))], lambda *_: None)
    await supervisor.start()
    await supervisor.stop(5)
    assert lines == ["draining", "drained"]


async def test_at_the_deadline_it_is_told_again() -> None:
    lines: list[str] = []
    supervisor = Supervisor([Service("asterisk", drains(60, lines))], lambda *_: None)
    await supervisor.start()
    started = time.monotonic()
    await supervisor.stop(0.1)
    assert time.monotonic() - started < 1
    assert lines == ["draining"]


async def test_hurry_is_the_deadline_now() -> None:
    lines: list[str] = []
    supervisor = Supervisor([Service("asterisk", drains(60, lines))], lambda *_: None)
    await supervisor.start()
    stopping = asyncio.create_task(supervisor.stop(60))
    await until(lambda: lines == ["draining"])
    supervisor.hurry()
    async with asyncio.timeout(1):
        await stopping


async def test_one_that_fails_while_it_stops_is_not_started_again() -> None:
    starts: list[str] = []

    async def run(ready: Ready) -> None:
        starts.append("start")
        ready()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("while stopping") from None

    supervisor = Supervisor([Service("view", run)], lambda *_: None, FAST)
    await supervisor.start()
    await supervisor.stop(1)
    assert starts == ["start"]


async def test_a_program_is_restarted_when_it_is_killed_and_ended_with_the_rest(
    tmp_path: Path,
) -> None:
    diary, pids = Diary(), tmp_path / "pids"
    script = (
        "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
    )
    argv = (sys.executable, "-c", script, str(pids))
    supervisor = Supervisor([Service("engine", program(argv))], diary.restarted, FAST)
    await supervisor.start()
    await until(pids.is_file)
    first = int(pids.read_text())
    os.kill(first, signal.SIGKILL)
    await until(lambda: len(pids.read_text().split()) == 2)
    assert diary.lines == [f"engine died: {sys.executable} ended with code -9"]
    await supervisor.stop(5)
    for pid in map(int, pids.read_text().split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_child_that_ignores_sigterm_is_killed() -> None:
    script = (
        "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True);signal.pause()"
    )
    child = await spawn((sys.executable, "-c", script), capture=True)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"deaf\n"
    await end(child, patience_seconds=0.1)
    assert child.returncode == -signal.SIGKILL


async def test_a_program_that_is_not_there_is_told_by_name() -> None:
    child = await spawn(("/nowhere/engine",), capture=True)
    printed, _ = await child.communicate()
    assert b"/nowhere/engine" in printed
    assert child.returncode not in (0, None)


async def test_without_setpriv_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ChildNotStarted, match="setpriv"):
        await spawn((sys.executable, "-c", ""))
