"""Run the long commands of an installation: a sign of life on the way, the end of the log if one
fails."""

import subprocess
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from switchboard.errors import SwitchboardError

SHOW_EVERY_SECONDS = 2.0
KEPT_LINES = 15


class InstallFailed(SwitchboardError):
    """A step of the installation failed; the message says which and what to do."""


def run_showing_progress(command: Sequence[str]) -> None:
    """Print every two seconds what `command` said last, so that a long step is seen to live.

    Raises InstallFailed with its last lines if it cannot be started or does not end with 0.
    """
    with NamedTemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise InstallFailed(f"{command[0]} cannot be started: {error.strerror}") from error
        with process:
            last_words = _follow(process, Path(log.name))
    if process.returncode != 0:
        said = "\n".join(f"    {line}" for line in last_words)
        raise InstallFailed(f"`{' '.join(command)}` failed:\n{said}")


def _follow(process: subprocess.Popen[bytes], log: Path) -> deque[str]:
    last_words: deque[str] = deque(maxlen=KEPT_LINES)
    started = time.monotonic()
    with log.open(errors="replace") as lines:
        while process.returncode is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=SHOW_EVERY_SECONDS)
            last_words.extend(lines.read().splitlines())
            if process.returncode is None and last_words:
                print(f"  {time.monotonic() - started:4.0f} s  {last_words[-1][:100]}", flush=True)
    return last_words
