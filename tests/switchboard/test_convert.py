"""Converters: what they say, their limits, and that nothing of them is left."""

import asyncio
import sys
from pathlib import Path

import pytest

from switchboard.convert import ConversionFailed, convert
from tests.until import until


def _python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


async def test_what_a_converter_writes_to_stderr_is_returned(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("привет")
    said = await convert(
        _python("import sys; sys.stderr.write(sys.stdin.read().upper())"),
        seconds=10,
        directory=tmp_path,
        stdin=tmp_path / "text",
    )
    assert said == "ПРИВЕТ"


async def test_a_converter_that_floods_stderr_costs_no_memory(tmp_path: Path) -> None:
    script = "import sys\nfor _ in range(20): sys.stderr.write('x' * 1_000_000)"
    said = await convert(_python(script), seconds=20, directory=tmp_path)
    assert len(said) == 20_000


async def test_a_failure_is_told_in_the_converters_last_words(tmp_path: Path) -> None:
    with pytest.raises(ConversionFailed, match="no such voice"):
        await convert(_python("raise SystemExit('no such voice')"), seconds=10, directory=tmp_path)


async def test_a_program_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConversionFailed, match="no-such-engine is not installed"):
        await convert(["no-such-engine"], seconds=10, directory=tmp_path)


async def test_at_the_deadline_the_converter_and_its_own_children_are_gone(tmp_path: Path) -> None:
    script = (
        "import pathlib, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "pathlib.Path('child').write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    with pytest.raises(ConversionFailed, match="took longer than 2 s"):
        await convert(_python(script), seconds=2, directory=tmp_path)
    child = int((tmp_path / "child").read_text())
    await until(lambda: _ended(child))


async def test_when_cancelled_the_converter_is_gone(tmp_path: Path) -> None:
    script = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\n"
    task = asyncio.create_task(
        convert(_python(script + "time.sleep(60)"), seconds=60, directory=tmp_path)
    )
    await until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    converter = int((tmp_path / "pid").read_text())
    await until(lambda: _ended(converter))


async def test_a_converter_cannot_fill_the_disk(tmp_path: Path) -> None:
    script = "import os\nos.truncate(os.open('big', os.O_CREAT | os.O_RDWR), 2 << 30)"
    with pytest.raises(ConversionFailed):
        await convert(_python(script), seconds=10, directory=tmp_path)


def _ended(process_id: int) -> bool:
    """Whether a process has ended; a zombie that nobody has fetched yet has."""
    status = Path(f"/proc/{process_id}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"
