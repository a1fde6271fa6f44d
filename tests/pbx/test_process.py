"""A real Asterisk as a child: it starts, answers, ends, and never outlives us."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from switchboard.child import Account, find_account
from switchboard.pbx.account import choose_account, settle
from switchboard.pbx.installation import Installation
from switchboard.pbx.process import AsteriskAway, AsteriskFailed, AsteriskProcess
from tests.pbx.rawsip import RawCall
from tests.pbx.tiny import Tiny

pytestmark = pytest.mark.asterisk

ROOT = Path(__file__).parents[2]
# Starts an Asterisk as `switchboard run` does, says so, and waits to be killed.
PARENT = """
import asyncio, sys
from pathlib import Path
from switchboard.pbx.installation import find_installation
from switchboard.pbx.process import AsteriskProcess

async def main():
    conf = Path(sys.argv[2], "etc", "asterisk.conf")
    process = AsteriskProcess(find_installation(Path(sys.argv[1])), conf)
    await process.start()
    print(process.pid, flush=True)
    await process.wait()

asyncio.run(main())
"""

only_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can run another's programs")


async def test_it_answers_its_console_and_stop_leaves_nothing(files: Tiny) -> None:
    await files.process.start()
    assert (await files.process.cli("queue show support")).startswith("support has 0 calls")
    assert files.remains() == [files.process.pid]
    await files.process.stop()
    assert files.remains() == []
    assert list((files.home / "run").iterdir()) == []
    with pytest.raises(AsteriskAway, match="does not answer"):
        await files.process.cli("core show uptime")


def test_kill_9_of_its_parent_leaves_no_asterisk(files: Tiny) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(ROOT), str(files.home)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert parent.stdout is not None
        asterisk = int(parent.stdout.readline())
        assert files.remains() == [asterisk]
    finally:
        parent.kill()
        parent.communicate()
    deadline = time.monotonic() + 2
    while files.remains() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert files.remains() == []


async def test_after_a_kill_it_starts_again_in_what_was_left(tiny: Tiny) -> None:
    assert (tiny.home / "run" / "asterisk.ctl").exists()
    tiny.process.kill()
    assert await tiny.process.wait() == -signal.SIGKILL
    assert (tiny.home / "run" / "asterisk.ctl").exists()
    await tiny.process.start()
    assert (await tiny.process.cli("core show uptime")).startswith("System uptime")


async def test_without_its_file_it_is_not_started_at_all(files: Tiny) -> None:
    """Asterisk would run on the host's own directories."""
    files.conf.unlink()
    with pytest.raises(AsteriskFailed, match=r"asterisk\.conf is not there"):
        await files.process.start()


async def test_a_second_one_in_the_same_place_is_refused(tiny: Tiny) -> None:
    second = tiny.new_process()
    with pytest.raises(AsteriskFailed, match="already running"):
        await second.start()
    assert tiny.remains() == [tiny.process.pid]


async def test_a_state_directory_whose_path_is_too_long_is_refused(
    installation: Installation, tmp_path: Path
) -> None:
    conf = tmp_path / ("deep" * 30) / "etc" / "asterisk.conf"
    conf.parent.mkdir(parents=True)
    conf.touch()
    with pytest.raises(AsteriskFailed, match="shorter path"):
        await AsteriskProcess(installation, conf).start()


async def test_one_that_is_not_ready_in_time_is_ended(files: Tiny) -> None:
    with pytest.raises(AsteriskFailed, match=r"not ready within 0\.01 seconds"):
        await files.process.start(deadline_seconds=0.01)
    assert files.remains() == []


async def test_draining_refuses_new_calls_and_waits_for_those_in_progress(tiny: Tiny) -> None:
    async with RawCall(tiny.sip_port, "raw", "1", '"Anna"') as call:
        assert call.status == 200
        stopping = asyncio.create_task(tiny.process.stop(drain_seconds=30))
        await asyncio.sleep(0.3)
        async with RawCall(tiny.sip_port, "raw", "2", '"Boris"') as late:
            assert late.status == 503
        assert not stopping.done()
    async with asyncio.timeout(5):
        await stopping
    assert tiny.remains() == []


async def test_draining_ends_at_its_deadline(tiny: Tiny) -> None:
    async with RawCall(tiny.sip_port, "raw", "1", '"Anna"'):
        started = time.monotonic()
        await tiny.process.stop(drain_seconds=0.5)
        assert time.monotonic() - started < 4
    assert tiny.remains() == []


async def test_a_second_order_to_stop_hangs_up_and_a_third_kills(tiny: Tiny) -> None:
    async with RawCall(tiny.sip_port, "raw", "1", '"Anna"'):
        stopping = asyncio.create_task(tiny.process.stop(drain_seconds=30))
        await asyncio.sleep(0.3)
        os.kill(tiny.process.pid, signal.SIGSTOP)
        stopping.cancel()
        await asyncio.sleep(0.3)
        assert not stopping.done()
        stopping.cancel()
        started = time.monotonic()
        await asyncio.wait({stopping})
        assert time.monotonic() - started < 1
    assert tiny.remains() == []


async def test_one_that_hangs_is_killed(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchboard.pbx.process.HANGUP_SECONDS", 0.3)
    os.kill(tiny.process.pid, signal.SIGSTOP)
    with pytest.raises(AsteriskAway, match=r"did not answer .* within 0\.2 seconds"):
        await tiny.process.cli("core show uptime", deadline_seconds=0.2)
    await tiny.process.stop()
    assert tiny.remains() == []


async def test_its_end_is_told_to_whoever_keeps_it(files: Tiny) -> None:
    ready = asyncio.Event()
    serving = asyncio.create_task(files.process.serve(ready.set))
    await ready.wait()
    files.process.kill()
    with pytest.raises(AsteriskFailed, match=r"ended by itself \(signal 9\)"):
        await serving


async def test_what_the_console_prints_comes_without_colours(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    await tiny.process.cli("queue add member PJSIP/201 to sales")
    printed = await tiny.process.cli("queue show sales")
    assert "(Unavailable) has taken no calls yet" in printed
    assert "\x1b" not in printed


async def test_a_console_command_is_one_line(tiny: Tiny) -> None:
    with pytest.raises(ValueError, match="control characters"):
        await tiny.process.cli("core show uptime\ncore stop now")
    assert tiny.remains() == [tiny.process.pid]


@only_root
async def test_root_gives_asterisk_an_account_that_cannot_write_its_files(
    installation: Installation,
) -> None:
    tiny = Tiny(installation, _nobody())
    try:
        settle(tiny.state, _nobody())
        await tiny.process.start()
        assert _user_of(tiny.process.pid) == _nobody().uid
        assert (tiny.home / "run" / "asterisk.ctl").stat().st_uid == _nobody().uid
        assert tiny.state.stat().st_mode & 0o777 == 0o710
        assert (tiny.conf.stat().st_uid, tiny.conf.stat().st_mode & 0o777) == (0, 0o640)
        await tiny.process.stop()
    finally:
        tiny.remove()


@only_root
def test_an_account_that_cannot_reach_the_state_is_not_taken_and_why_is_told(
    installation: Installation, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    choice = choose_account(closed / "center.state", installation)
    assert choice.account is None
    assert "Asterisk runs as root" in choice.warning
    assert "cannot reach" in choice.warning


def _nobody() -> Account:
    account = find_account("asterisk", "nobody")
    assert account is not None
    return account


def _user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid
