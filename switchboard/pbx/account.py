"""By whom Asterisk is run, and what of the state directory that account is given.

Started by root, Asterisk runs as the host's `asterisk`, else as `nobody`. It owns what it writes
and may only read how it is configured, so that a hole in it cannot change its own dialplan.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from switchboard.child import Account, find_account
from switchboard.pbx.installation import Installation

ACCOUNTS = ("asterisk", "nobody")
READ_ONLY = ("versions", "prompts")  # in the state directory


@dataclass(frozen=True)
class Choice:
    """`account` is None where Asterisk runs as ourselves; `warning` says why, if that is bad."""

    account: Account | None
    warning: str = ""


def choose_account(state: Path, installation: Installation) -> Choice:
    """Whom to run Asterisk as, given where its state and its program lie."""
    if os.getuid() != 0:
        return Choice(None)
    account = find_account(*ACCOUNTS)
    if account is None:
        return Choice(
            None, f"Asterisk runs as root: there is no account {' or '.join(ACCOUNTS)} here."
        )
    for path in (state, Path(installation.command[0]), Path(installation.command[-1])):
        for directory in _barriers(path, account):
            return Choice(
                None,
                f"Asterisk runs as root: the account {account.name} cannot reach {path}, "
                f"because {directory} is closed to it.",
            )
    return Choice(account)


def settle(state: Path, account: Account | None) -> None:
    """Hand the state directory over, as it is now; call it again after writing new files into it.

    `account` passes through `state` without seeing what else lies there, owns `state/asterisk`
    and reads the READ_ONLY parts. Ourselves (None) need nothing.
    """
    if account is None:
        return
    _give(state, -1, account.gid, stat.S_IXGRP)
    for path in _tree(state / "asterisk"):
        _give(path, account.uid, account.gid, 0)
    for name in READ_ONLY:
        for path in _tree(state / name):
            passing = stat.S_IXGRP if path.is_dir() else 0
            _give(path, -1, account.gid, stat.S_IRGRP | passing)


def _barriers(path: Path, account: Account) -> Iterator[Path]:
    """The directories above `path` that `account` may not pass."""
    for directory in reversed(path.resolve().parents):
        status = directory.stat()
        if status.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif status.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not status.st_mode & needed:
            yield directory


def _tree(top: Path) -> Iterator[Path]:
    """`top` and all below it, links themselves and not what they point to."""
    if top.exists():
        yield top
        for folder, directories, files in os.walk(top):
            yield from (Path(folder, name) for name in (*directories, *files))


def _give(path: Path, uid: int, gid: int, bits: int) -> None:
    status = path.lstat()
    if status.st_gid != gid or uid not in (-1, status.st_uid):
        os.chown(path, uid, gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode) and status.st_mode & bits != bits:
        path.chmod(stat.S_IMODE(status.st_mode) | bits)
