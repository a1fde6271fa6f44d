"""Converters (speech engines, ffmpeg): child processes with a deadline and limits."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from switchboard.errors import SwitchboardError

MOST_MEMORY_BYTES = 8 << 30  # address space: a neural voice maps several times what it uses
LARGEST_FILE_BYTES = 1 << 30
LAST_WORDS_BYTES = 20_000


class ConversionFailed(SwitchboardError):
    """A converter is missing, failed, or took too long."""


async def convert(
    argv: Sequence[str],
    *,
    seconds: int,
    directory: Path,
    stdin: Path | None = None,
    memory_bytes: int = MOST_MEMORY_BYTES,
) -> str:
    """Run a converter in `directory` and return what it wrote to stderr (the last 20 kB).

    `seconds` bounds both its time and its work, `memory_bytes` its address space. Raises
    ConversionFailed; when cancelled, the converter and all that it started are gone before this
    returns.
    """
    if shutil.which(argv[0]) is None:
        raise ConversionFailed(f"{argv[0]} is not installed")
    with TemporaryFile(dir=directory) as words, (stdin or Path(os.devnull)).open("rb") as text:
        process = await asyncio.create_subprocess_exec(
            *yielding(),
            *_limits(seconds, memory_bytes),
            *argv,
            stdin=text,
            stdout=DEVNULL,
            stderr=words,
            cwd=directory,
            # what it leaves goes with the directory: espeak-ng a cookie, others what is half done
            env=os.environ | dict.fromkeys(("XDG_CONFIG_HOME", "TMPDIR"), str(directory)),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(seconds):
                await process.wait()
        except TimeoutError:
            raise ConversionFailed(f"{argv[0]} took longer than {seconds} s") from None
        finally:
            await _end(process)
        said = _last_words(words)
    if process.returncode:
        last_line = said.strip().rpartition("\n")[2][:300]
        raise ConversionFailed(f"{argv[0]} failed: {last_line or f'status {process.returncode}'}")
    return said


def yielding() -> list[str]:
    """What a program's command begins with that yields to the calls in progress and dies with us,
    even when we are killed with -9. Each execs the next, so the process id is the program's."""
    return ["nice", "-n", "10", "setpriv", "--pdeathsig", "KILL", "--"]


def _limits(seconds: int, memory_bytes: int) -> list[str]:
    return [
        *("prlimit", f"--cpu={seconds}", f"--as={memory_bytes}"),
        *(f"--fsize={LARGEST_FILE_BYTES}", "--core=0", "--"),
    ]


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _last_words(words: BinaryIO) -> str:
    size = words.seek(0, os.SEEK_END)
    words.seek(max(0, size - LAST_WORDS_BYTES))
    return words.read().decode(errors="replace")
