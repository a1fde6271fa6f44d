"""Run the long commands of an installation: a sign of life on the way, the end of the log if one
fails."""

import subprocess
import time
from collections import deque
from collections.abc import Sequence

from switchboard.errors import SwitchboardError

SHOW_EVERY_SECONDS = 2.0
KEPT_LINES = 15


class InstallFailed(SwitchboardError):
    """A step of the installation failed; the message says which and what to do."""


def run_showing_progress(command: Sequence[str]) -> None:
    """Print a line of what `command` says at most every two seconds.

    Raises InstallFailed with its last lines if it cannot be started or does not end with 0.
    """
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    started = shown = time.monotonic()
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                kept.append(line.rstrip())
                now = time.monotonic()
                if now - shown >= SHOW_EVERY_SECONDS:
                    print(f"  {now - started:4.0f} s  {kept[-1][:100]}", flush=True)
                    shown = now
    except OSError as error:
        raise InstallFailed(f"{command[0]} cannot be started: {error.strerror}") from error
    if process.returncode != 0:
        said = "\n".join(f"    {line}" for line in kept)
        raise InstallFailed(f"`{' '.join(command)}` failed:\n{said}")
