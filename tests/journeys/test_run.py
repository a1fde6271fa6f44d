"""`switchboard run`: it starts, is alone, drains, and leaves nothing behind."""

import asyncio
import csv
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from center.state import State
from tests.centers import write_center
from tests.journeys.center import CEL_FIELDS, ROOT, RunningCenter, they_hear_each_other
from tests.sip.fixtures import OpenPhone
from tests.sip.phone import Phone

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
listen:
  sip: {host}:5060
  agi: {host}:4573
  ami: {host}:5038
  web: {host}:8080
  rtp: {rtp}
drain_seconds: 6
trunks: {{carrier: {{host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}}}
numbers:
  "+74950000001": {{department: sales}}
  "+74950000002": {{goodbye: {{say: "Здравствуйте и до свидания."}}}}
extensions: {{"201": {{}}, "202": {{}}}}
departments: {{sales: {{members: ["201"], otherwise: {{goodbye: {{say: "Никого нет."}}}}}}}}
"""
ELSEWHERE = "127.0.1.1"
SALES, HELLO = "+74950000001", "+74950000002"
CDR_FIELDS = (
    "uniqueid linkedid sequence start answer end disposition amaflags channel dstchannel lastapp"
    " dcontext accountcode peeraccount dst src clid"
).split()


def written(directory: Path, host: str = "127.0.0.1", rtp: str = "10000-10999") -> Path:
    """A center that listens on `host`."""
    return write_center(directory, CENTER.format(host=host, rtp=rtp), {})


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The center that runs beside those of the tests."""
    return written(tmp_path_factory.mktemp("run"), ELSEWHERE)


@pytest.fixture
def directory(own_network: None, tmp_path: Path) -> Path:
    return written(tmp_path / "center")


async def phone(running: RunningCenter, open_phone: OpenPhone, host: str = "127.0.0.1") -> Phone:
    """The telephone 201 of a center."""
    secret = running.secrets["201"]
    return await open_phone(
        at=f"{host}:5060", register="201", secret=secret, prompts=running.prompts
    )


async def line(running: RunningCenter, open_phone: OpenPhone, host: str = "127.0.0.1") -> Phone:
    """A line of the carrier of a center."""
    return await open_phone(at=f"{host}:5060", listen="127.0.0.2", prompts=running.prompts)


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def gone(pids: list[int], within: float = 5.0) -> None:
    """The processes end."""
    deadline = time.monotonic() + within
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, [pid for pid in pids if is_alive(pid)]
        await asyncio.sleep(0.05)


async def test_two_centers_serve_on_one_machine(
    running: RunningCenter, directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as other:
        for one, host in ((running, ELSEWHERE), (other, "127.0.0.1")):
            anna = await phone(one, open_phone, host)
            call = await (await line(one, open_phone, host)).dial(SALES)
            await they_hear_each_other(call, await (await anna.rings()).answer())
            await call.hangup()


async def test_a_second_run_of_a_center_is_refused(running: RunningCenter) -> None:
    code, printed = await running.switchboard("run")
    assert code == 1
    assert "this center runs already" in printed
    assert (await running.cli("core show uptime")).startswith("System uptime")


@pytest.mark.parametrize(("kind", "port"), [(socket.SOCK_DGRAM, 5060), (socket.SOCK_STREAM, 5038)])
async def test_a_port_that_is_taken_is_told(
    directory: Path, prompt_cache: Path, kind: socket.SocketKind, port: int
) -> None:
    running = RunningCenter(directory, prompt_cache)
    with socket.socket(socket.AF_INET, kind) as taken:
        if kind == socket.SOCK_STREAM:  # a center of another test may have left it a moment ago
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        with pytest.raises(AssertionError, match=f"cannot listen on 127.0.0.1:{port}"):
            running.__enter__()
        assert not running.state.versions.exists()  # told before anything was made


async def test_a_state_directory_with_too_long_a_path_is_told(
    directory: Path, tmp_path: Path
) -> None:
    state = State(tmp_path / ("long" * 30))
    place = ["--center", str(directory), "--state", str(state.root)]
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "console.main", *place, "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "use a state directory with a shorter path" in done.stderr + done.stdout


async def test_what_was_applied_before_the_start_is_served(
    directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        first = running.state.applied() or 0
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0
        center = directory / "center.yaml"
        center.write_text(center.read_text().replace("{department: sales}", '{extension: "201"}'))
        code, printed = await running.switchboard("apply")
        assert code == 0
        assert f"applied version {first + 1}; it will be heard from `run` on" in printed
        center.write_text("name: [")
        running.start()
        assert "not applied yet: center.yaml" in running.printed.read_text()
        assert "the working files are broken" in running.printed.read_text()
        anna = await phone(running, open_phone)
        call = await (await line(running, open_phone)).dial(SALES)
        await anna.rings()
        await call.hangup()


async def test_sigterm_lets_calls_end_takes_no_new_ones_and_leaves_nothing(
    directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        anna, carrier = await phone(running, open_phone), await line(running, open_phone)
        call = await carrier.dial(SALES)
        answered = await (await anna.rings()).answer()
        pids = running.processes()
        running.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(1)
        assert (await (await carrier.dial(SALES)).ended()).code == 503
        await they_hear_each_other(call, answered)
        await call.hangup()
        began = time.monotonic()
        assert await asyncio.to_thread(running.process.wait, 10) == 0
        assert time.monotonic() - began < 5
        await gone(pids)


@pytest.mark.long
async def test_a_call_that_does_not_end_is_ended_after_the_drain(
    directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        anna = await phone(running, open_phone)
        call = await (await line(running, open_phone)).dial(SALES)
        await (await anna.rings()).answer()
        running.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        await call.ended(within=12)
        assert time.monotonic() - began == pytest.approx(6, abs=3)
        assert await asyncio.to_thread(running.process.wait, 10) == 0


@pytest.mark.long
async def test_a_second_sigterm_ends_at_once(
    directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        anna = await phone(running, open_phone)
        call = await (await line(running, open_phone)).dial(SALES)
        await (await anna.rings()).answer()
        running.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        running.process.send_signal(signal.SIGTERM)
        await call.ended(within=4)
        assert await asyncio.to_thread(running.process.wait, 5) == 0


@pytest.mark.faults
async def test_kill_9_of_run_leaves_no_process_and_run_starts_again(
    directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        pids = running.processes()
        assert running.asterisk in pids
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        await gone(pids)
        running.start()
        anna = await phone(running, open_phone)
        call = await (await line(running, open_phone)).dial(SALES)
        await anna.rings()
        await call.hangup()


@pytest.mark.faults
async def test_what_happened_is_in_the_logs_although_asterisk_was_killed(
    directory: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        anna, carrier = await phone(running, open_phone), await line(running, open_phone)
        ended = await carrier.dial(HELLO, from_number="+79161112233", from_name="a, b; c")
        await ended.ended()
        call = await carrier.dial(SALES, from_number="+79161112233")
        await they_hear_each_other(call, await (await anna.rings()).answer())
        await running.loses_asterisk()
        log = running.state.asterisk / "log"
        with (log / "cel-custom" / "cel.csv").open(newline="") as file:
            events = [dict(zip(CEL_FIELDS, row, strict=True)) for row in csv.reader(file)]
        with (log / "cdr-custom" / "cdr.csv").open(newline="") as file:
            [record] = [dict(zip(CDR_FIELDS, row, strict=True)) for row in csv.reader(file)]
        first, last = events[0]["linkedid"], events[-1]["linkedid"]
        assert record["linkedid"] == record["uniqueid"] == first
        assert (record["src"], record["disposition"]) == ("+79161112233", "ANSWERED")
        assert re.fullmatch(r"\d+\.\d{6}", record["start"])
        assert record["clid"] == '"a, b; c" <+79161112233>'
        kinds = [event["eventenum"] for event in events if event["linkedid"] == last]
        assert kinds[:2] == ["CHAN_START", "USER_DEFINED"]
        assert kinds.count("BRIDGE_ENTER") == 2
        assert "LINKEDID_END" not in kinds
        assert (log / "queue_log").read_text().count("CONNECT") == 1
        assert len((log / "starts.csv").read_text().splitlines()) == 2


async def test_run_announces_what_it_serves_and_not_what_was_edited_since(
    directory: Path, prompt_cache: Path
) -> None:
    with RunningCenter(directory, prompt_cache) as running:
        running.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.process.wait, 20) == 0
        path = directory / "center.yaml"
        path.write_text(path.read_text().replace("127.0.0.1:5060", "127.0.0.1:5070"))
        running.start()
        assert "not applied yet: center.yaml" in running.printed.read_text()
        assert "answers SIP on 127.0.0.1:5060" in running.printed.read_text()
