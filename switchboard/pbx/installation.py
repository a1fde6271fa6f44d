"""Where Asterisk is: the host's own, or the private one that `make setup` unpacks.

The host's is taken when it is new enough and has every module of our list. The private one is
Debian's, unpacked below `.asterisk/root` and started through its own loader, so that neither its
libraries nor its version depend on the host. `.asterisk/version` is written last of all: without
it the unpacking was cut short, and with another version in it the files are not those we put there.
"""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from switchboard.errors import SwitchboardError

OLDEST = 22
NODE = "switchboard"  # how an Asterisk of ours calls itself: the ids of its channels begin so
MODULES_FILE = Path(__file__).resolve().parents[2] / "asterisk-config" / "modules.txt"
# What Debian calls a machine type, and the loader of its C library.
LOADERS = {
    "x86_64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}


class AsteriskMissing(SwitchboardError):
    """There is no Asterisk that could serve a call; `make setup` brings one."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Run `make setup`.")
        self.reason = reason


@dataclass(frozen=True)
class Installation:
    """An Asterisk that has every module of our list."""

    version: str  # as `asterisk -V` prints it, e.g. "22.10.1+dfsg"
    command: tuple[str, ...]  # the program, its loader included; arguments follow
    modules_dir: Path
    data_dir: Path  # holds `sounds` and, where installed, `moh`
    sounds: Mapping[str, Path]  # language ("en") -> Asterisk's own sounds in it


def wanted_modules() -> tuple[str, ...]:
    """The modules that Asterisk loads, spelled as `module show` spells them: `app_dial.so`."""
    lines = MODULES_FILE.read_text().splitlines()
    return tuple(name for line in lines if (name := line.partition("#")[0].strip()))


def find_installation(root: Path) -> Installation:
    """The host's Asterisk if it will do, else the one below `root/.asterisk`.

    Raises AsteriskMissing if there is neither, or if the private one is not whole.
    """
    with suppress(AsteriskMissing):
        return host_installation()
    return private_installation(root.absolute() / ".asterisk")


def host_installation() -> Installation:
    """Raises AsteriskMissing if the host has none, an old one, or one that lacks a module."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
    program = shutil.which("asterisk", path=path)
    if program is None:
        raise AsteriskMissing("This host has no Asterisk.")
    return _inspect((program,), prefix=Path(program).resolve().parents[1])


def private_installation(home: Path) -> Installation:
    """`home` is `.asterisk`. Raises AsteriskMissing if what is there is not what was unpacked."""
    root, stamp = home / "root", home / "version"
    if not root.is_dir():
        raise AsteriskMissing("There is no Asterisk yet.")
    if not stamp.is_file():
        raise AsteriskMissing(f"{root} was unpacked only in part.")
    found, noted = _inspect(private_command(root), prefix=root / "usr"), stamp.read_text().strip()
    if found.version != noted:
        raise AsteriskMissing(
            f"{root} is Asterisk {found.version}, but {noted} was unpacked there."
        )
    return found


def private_command(root: Path) -> tuple[str, ...]:
    """The argument list that runs the Asterisk unpacked in `root` with its own libraries."""
    triplet, loader = _machine()
    libraries = root / "usr" / "lib" / triplet
    program = root / "usr" / "sbin" / "asterisk"
    return (str(libraries / loader), "--library-path", str(libraries), str(program))


def printed_version(command: tuple[str, ...]) -> str:
    """What `asterisk -V` prints after the name. Raises AsteriskMissing if it does not run."""
    try:
        answer = subprocess.run(
            [*command, "-V"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise AsteriskMissing(f"{command[-1]} does not run: {error}.") from error
    return answer.stdout.strip().removeprefix("Asterisk ")


def _inspect(command: tuple[str, ...], prefix: Path) -> Installation:
    version = printed_version(command)
    major = re.match(r"\d+", version)
    if major is None or int(major.group()) < OLDEST:
        raise AsteriskMissing(f"{command[-1]} is Asterisk {version}; {OLDEST} or newer is needed.")
    modules_dir = _modules_dir(prefix)
    data_dir = prefix / "share" / "asterisk"
    if not data_dir.is_dir():  # built from source, Asterisk keeps its data here
        data_dir = Path("/var/lib/asterisk")
    return Installation(version, command, modules_dir, data_dir, dict(_sounds(data_dir)))


def _modules_dir(prefix: Path) -> Path:
    places = [*prefix.glob("lib/*/asterisk/modules"), *prefix.glob("lib*/asterisk/modules")]
    if not places:
        raise AsteriskMissing(f"{prefix} holds no modules of Asterisk.")
    lacking = [name for name in wanted_modules() if not (places[0] / name).is_file()]
    if lacking:
        raise AsteriskMissing(f"{places[0]} lacks {', '.join(lacking)}.")
    return places[0]


def _sounds(data_dir: Path) -> Iterator[tuple[str, Path]]:
    """Debian names a language by its voice (`en_US_f_Allison`), upstream does not (`en`)."""
    for directory in sorted(data_dir.glob("sounds/*/digits")):
        if re.fullmatch(r"[a-z]{2}(_.+)?", directory.parent.name):
            yield directory.parent.name[:2], directory.parent


def _machine() -> tuple[str, str]:
    machine = platform.machine()
    if machine not in LOADERS:
        raise AsteriskMissing(
            f"There is no private Asterisk for a machine of type {machine}: "
            f"install Asterisk {OLDEST} or newer on this host."
        )
    return LOADERS[machine]
