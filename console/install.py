"""Bring a machine to the point where Switchboard runs: `python3 -m console.install`.

Three steps: system packages, the Python environment, Asterisk. Each is asked what it lacks, mends
that and is asked again, so that a run on a complete machine is over in a moment and one that was
cut short goes on where it must. There is no Python environment yet: standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from console.progress import InstallFailed, run_showing_progress
from switchboard.errors import SwitchboardError
from switchboard.pbx.installation import (
    AsteriskMissing,
    find_installation,
    printed_version,
    private_command,
)

ROOT = Path(__file__).resolve().parents[1]
TESTED_ASTERISK = "22.10.1"
# Debian package -> the program that shows it is there.
PROGRAMS = {
    "espeak-ng": "espeak-ng",
    "ffmpeg": "ffmpeg",
    "iproute2": "ip",
    "libtiff-tools": "tiff2pdf",
    "openssl": "openssl",
    "poppler-utils": "pdftoppm",
    "sip-tester": "sipp",
}
POSTGRES = "/usr/lib/postgresql"  # the tests start a server of their own from there
ASTERISK_PACKAGES = (
    "asterisk",
    "asterisk-core-sounds-en-wav",
    "asterisk-core-sounds-ru-wav",
    "asterisk-modules",
    "asterisk-moh-opsound-wav",
)
NOT_UNPACKED = ("share/doc", "share/man", "share/locale", "share/perl*", "lib/*/perl*")


@dataclass(frozen=True)
class Step:
    """`lacking` says in words what is missing, or nothing; after `mend` it must say nothing."""

    name: str
    lacking: Callable[[], str]
    mend: Callable[[], None]


def main() -> int:
    os.umask(0o022)  # Asterisk may run as another user, who must be able to read it
    try:
        with _alone(ROOT / ".asterisk" / "lock"):
            install(ROOT)
    except SwitchboardError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def install(root: Path) -> None:
    """Raises InstallFailed at the first step that cannot be done."""
    take(Step("System packages", lambda: ", ".join(missing_packages(root)), lambda: apt(root)))
    take(Step("Python", lambda: lacking_in_environment(root), lambda: make_environment(root)))
    take(Step("Asterisk", lambda: lacking_of_asterisk(root), lambda: unpack_asterisk(root)))


def take(step: Step) -> None:
    started = time.monotonic()
    lacking = step.lacking()
    if not lacking:
        return
    print(f"{step.name}: {lacking}", flush=True)
    step.mend()
    if still := step.lacking():
        raise InstallFailed(f"{step.name}: installed, but still: {still}")
    print(f"{step.name}: done in {time.monotonic() - started:.0f} s", flush=True)


def missing_packages(root: Path) -> list[str]:
    """Debian's names. What unpacks Asterisk is asked for only while there is no Asterisk."""
    missing = [package for package, program in PROGRAMS.items() if not _is_there(program)]
    if not list(Path(POSTGRES).glob("*/bin/postgres")):
        missing.append("postgresql")
    if not Path("/usr/share/zoneinfo/Europe").is_dir():  # else Asterisk's clock is UTC everywhere
        missing.append("tzdata")
    if find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if lacking_of_asterisk(root):
        if not _is_there("mmdebstrap"):
            missing.append("mmdebstrap")
        if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
            missing.append("debian-archive-keyring")
    return missing


def apt(root: Path) -> None:
    missing = missing_packages(root)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not _is_there("apt-get"):
        raise InstallFailed(
            f"These packages are missing: {', '.join(missing)}.\n"
            f"Install them and try again; on Debian and Ubuntu:\n    sudo {' '.join(install)}"
        )
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    try:
        run_showing_progress(install)
    except InstallFailed:  # most often the package lists are missing or older than the archive
        print("  Fetching the package lists", flush=True)
        run_showing_progress(["apt-get", "update"])
        run_showing_progress(install)


def lacking_in_environment(root: Path) -> str:
    stamp, python = environment_stamp(root), root / ".venv" / "bin" / "python"
    if stamp.is_file() and stamp.read_text() == fingerprint(root) and python.exists():
        return ""
    return "the packages of pyproject.toml"


def make_environment(root: Path) -> None:
    """An environment without its stamp was left half made, and is made anew."""
    environment, stamp = root / ".venv", environment_stamp(root)
    clear = [] if stamp.is_file() else ["--clear"]
    stamp.unlink(missing_ok=True)
    run_showing_progress([sys.executable, "-m", "venv", *clear, str(environment)])
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--no-input", "install"]
    run_showing_progress([*pip, "--editable", f"{root}[dev]"])
    stamp.write_text(fingerprint(root))


def lacking_of_asterisk(root: Path) -> str:
    try:
        find_installation(root)
    except AsteriskMissing as missing:
        return missing.reason
    return ""


def unpack_asterisk(root: Path) -> None:
    """Debian's packages and what they depend on, as plain files below `.asterisk/root`.

    No script of a package is run, so it needs no root and touches nothing else. The version is
    written last: while it is missing, `find_installation` takes the rest for half done.
    """
    home = root / ".asterisk"
    unpacked, part, version_file = home / "root", home / "root.part", home / "version"
    command = private_command(unpacked)  # refuses an unknown machine before anything is fetched
    version_file.unlink(missing_ok=True)
    for leftover in (unpacked, part):
        shutil.rmtree(leftover, ignore_errors=True)
    run_showing_progress(_mmdebstrap(part))
    part.rename(unpacked)
    version = printed_version(command)
    version_file.write_text(version + "\n")
    if version.partition("+")[0] != TESTED_ASTERISK:
        print(f"  Debian has {version} now; we were tested with {TESTED_ASTERISK}.", flush=True)


def _mmdebstrap(target: Path) -> list[str]:
    return [
        "mmdebstrap",
        "--verbose",
        "--mode=chrootless",
        "--variant=extract",
        "--skip=check/chrootless",  # it fears scripts run as root; `extract` runs none
        # A mirror may be a snapshot: rightly signed, but past the date until which it holds.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(f"--dpkgopt=path-exclude=/usr/{place}/*" for place in NOT_UNPACKED),
        f"--include={','.join(ASTERISK_PACKAGES)}",
        "unstable",
        str(target),
    ]


def _is_there(program: str) -> bool:
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    return shutil.which(program, path=path) is not None


def environment_stamp(root: Path) -> Path:
    return root / ".venv" / "installed"


def fingerprint(root: Path) -> str:
    """Changes with what is to be installed, and with the place: environments cannot be moved."""
    return hashlib.sha256(str(root).encode() + (root / "pyproject.toml").read_bytes()).hexdigest()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two makes at once would unpack into each other."""
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another `make` is installing here; waiting for it to end.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
