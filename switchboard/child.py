"""Child processes that never outlive us: they die with us, even when we are killed with -9."""

import asyncio
import os
import pwd
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from switchboard.errors import SwitchboardError

PRIVATE_UMASK = 0o077


class ChildNotStarted(SwitchboardError):
    """A program of ours could not be started."""


@dataclass(frozen=True)
class Account:
    """An account of this machine, by which a child may be run instead of by root."""

    name: str
    uid: int
    gid: int


def find_account(*names: str) -> Account | None:
    """The first of `names` that this machine knows."""
    for name in names:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    return None


async def spawn(
    argv: Sequence[str], *, account: Account | None = None, capture: bool = False
) -> Process:
    """Start `argv` in a session of its own, so that a Ctrl-C is ours alone to pass on.

    With `capture` its output and errors come as one pipe, which must then be read to its end.
    Raises ChildNotStarted.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *_bound_to_us(account),
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE if capture else None,
            stderr=STDOUT if capture else None,
            start_new_session=True,
            umask=PRIVATE_UMASK,
        )
    except OSError as error:
        raise ChildNotStarted(f"{argv[0]} could not be started: {error}") from error


async def end(process: Process, *, patience_seconds: float) -> None:
    """Ask it to end, and kill it when it has not within `patience_seconds`, or when cancelled."""
    try:
        _signal(process, signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                await process.wait()
    finally:
        _signal(process, signal.SIGKILL)
        await process.wait()


def _bound_to_us(account: Account | None) -> list[str]:
    # setpriv execs the program in its own place, so the process id is the program's. It asks for
    # the signal after it changed the account: the kernel forgets the wish at such a change, which
    # is why the program cannot change it later. SIGKILL, because a hung child ignores any other.
    prefix = ["setpriv", "--pdeathsig", "KILL"]
    if account is not None and account.uid != os.getuid():
        prefix += ["--reuid", str(account.uid), "--regid", str(account.gid)]
        prefix += ["--clear-groups", "--no-new-privs"]
    return [*prefix, "--"]


def _signal(process: Process, number: signal.Signals) -> None:
    # not process.send_signal: it would reap a child that has ended, behind asyncio's back
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
