"""The state directory: everything that is written, and the versions that were applied."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from switchboard.errors import StateUnusable
from switchboard.files import write_whole
from switchboard.pbx.process import SOCKET_PATH_BYTES

Entries = dict[str, tuple[int, str]]  # interface, as `PJSIP/201` -> (penalty, name)
Members = dict[str, Entries]  # by department


@dataclass(frozen=True)
class Manifest:
    """What is known of a version without its center."""

    number: int
    applied_at: str  # ISO 8601 with an offset
    listen: dict[str, str]  # `sip`, `ami`, ... -> ADDRESS:PORT
    members: Members


@dataclass(frozen=True)
class State:
    """Paths below one state directory. `versions/N` is what `apply` rendered the Nth time."""

    root: Path

    @classmethod
    def beside(cls, center: Path) -> "State":
        """The default place: beside the center, named after it."""
        whole = center.absolute()
        return cls(whole.with_name(f"{whole.name}.state"))

    @property
    def asterisk(self) -> Path:
        """The home of Asterisk: etc, lib, log, run, spool, data."""
        return self.root / "asterisk"

    @property
    def etc(self) -> Path:
        """What Asterisk reads: a link to the applied version's files."""
        return self.asterisk / "etc"

    @property
    def sounds(self) -> Path:
        return self.asterisk / "data" / "sounds"

    @property
    def music(self) -> Path:
        return self.asterisk / "data" / "music"

    @property
    def prompts(self) -> Path:
        return self.root / "prompts"

    @property
    def versions(self) -> Path:
        return self.root / "versions"

    @property
    def console_socket(self) -> Path:
        """There while Asterisk runs (and after it was killed)."""
        return self.asterisk / "run" / "asterisk.ctl"

    def version(self, number: int) -> Path:
        return self.versions / str(number)

    def manifest(self, number: int) -> Manifest:
        """What was noted when a version was applied."""
        return Manifest(**json.loads((self.version(number) / "manifest.json").read_text()))

    def seconds(self, number: int) -> dict[tuple[str, str], float]:
        """How long each prompt of a version plays, by its id and language."""
        rows = json.loads((self.version(number) / "seconds.json").read_text())
        return {(prompt, language): seconds for prompt, language, seconds in rows}

    def note_seconds(self, seconds: Mapping[tuple[str, str], float], directory: Path) -> None:
        """Write how long the prompts play, of a version that is being made in `directory`."""
        rows = [[*key, value] for key, value in seconds.items()]
        write_whole(directory / "seconds.json", json.dumps(rows))

    def recordings(self, number: int) -> dict[str, str]:
        """What told the content of each recording of a version, by its name."""
        digests: dict[str, str] = json.loads((self.version(number) / "recordings.json").read_text())
        return digests

    def note_recordings(self, digests: Mapping[str, str], directory: Path) -> None:
        """Write which recordings a version plays, of one that is being made in `directory`."""
        write_whole(directory / "recordings.json", json.dumps(digests))

    def note(self, manifest: Manifest, directory: Path) -> None:
        """Write the manifest of a version that is being made in `directory`."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        write_whole(directory / "manifest.json", text)

    def applied(self) -> int | None:
        """The version that Asterisk reads, None before the first apply."""
        if not self.etc.is_symlink():
            return None
        return int(self.etc.readlink().parent.name)

    def loaded(self) -> int | None:
        """The version that Asterisk has read, None where that is not known."""
        noted = self.asterisk / "loaded"
        return int(noted.read_text()) if noted.exists() else None

    def note_loaded(self, number: int) -> None:
        """Asterisk has read this version, or is about to start with it."""
        write_whole(self.asterisk / "loaded", str(number))

    def listening(self) -> dict[str, str]:
        """Where the running center listens: as it was started, whatever was applied since."""
        noted = self.asterisk / "listening.json"
        known: dict[str, str] = json.loads(noted.read_text()) if noted.exists() else {}
        return known

    def note_listening(self, listen: Mapping[str, str]) -> None:
        """A center is about to listen there: `sip`, `ami`, ... -> ADDRESS:PORT."""
        write_whole(self.asterisk / "listening.json", json.dumps(dict(listen)))

    def mail_trouble(self) -> str:
        """What keeps letters from arriving, as `run` saw it last; "" where nothing does."""
        try:
            return (self.root / "mail.trouble").read_text()
        except OSError:  # none was noted; or it may not be read, which is no reason not to go on
            return ""

    def note_mail_trouble(self, words: str) -> None:
        """Write down for every command what no letter can tell; "" when it is over."""
        if words != self.mail_trouble():
            write_whole(self.root / "mail.trouble", words)

    def numbers(self) -> list[int]:
        """All versions that are kept, oldest first; half-rendered ones are not among them."""
        if not self.versions.is_dir():
            return []
        return sorted(int(path.name) for path in self.versions.iterdir() if path.name.isdigit())

    def prepare(self) -> None:
        """Make the directories. Raises StateUnusable with what is in the way."""
        if len(bytes(self.console_socket)) > SOCKET_PATH_BYTES:
            raise StateUnusable(
                f"{self.console_socket} is too long for a control socket ({SOCKET_PATH_BYTES} "
                "bytes): use a state directory with a shorter path"
            )
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("lib", "log/cdr-custom", "log/cel-custom", "run", "spool/fax", "data"):
                (self.asterisk / name).mkdir(parents=True, exist_ok=True)
            for path in (self.versions, self.prompts, self.sounds, self.music):
                path.mkdir(parents=True, exist_ok=True)
        except OSError as trouble:
            raise StateUnusable(f"cannot write to {self.root}: {trouble.strerror}") from trouble

    @contextmanager
    def locked(self, name: str, message: str) -> Iterator[None]:
        """Hold a lock of the state directory; StateUnusable(`message`) when another does."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.root / f".{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StateUnusable(message) from None
            yield
        finally:
            os.close(descriptor)

    def forget(self, numbers: set[int]) -> None:
        """Remove versions that no call is on."""
        for number in numbers:
            shutil.rmtree(self.version(number), ignore_errors=True)
