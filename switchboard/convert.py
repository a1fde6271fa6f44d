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
            *_bounds(seconds, memory_bytes),
            *argv,
            stdin=text,
            stdout=DEVNULL,
            stderr=words,
            cwd=directory,
            env=os.environ | {"XDG_CONFIG_HOME": str(directory)},  # espeak-ng leaves a cookie there
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


def _bounds(seconds: int, memory_bytes: int) -> list[str]:
    # Each execs the next in its own place, so the process id is the converter's. It yields to the
    # calls in progress (nice), and dies with us even when we are killed with -9 (setpriv).
    return [
        *("nice", "-n", "10"),
        *("setpriv", "--pdeathsig", "KILL"),
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
