"""A running center for tests: started as a user starts it, called as callers and agents call it."""

import asyncio
import csv
import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from center.load import load_center
from center.secrets import Secrets, read_secrets
from center.state import State
from switchboard.pbx.installation import find_installation
from switchboard.pbx.process import ANSWER_SECONDS, AsteriskAway, ask_console
from switchboard.problems import Problems
from tests.sip.call import Call
from tests.sip.fixtures import OpenPhone
from tests.sip.phone import Phone
from tests.sip.sound import tone

ROOT = Path(__file__).resolve().parents[2]
CARRIER = "127.0.0.2"
READY_SECONDS = 60.0  # without a prompt in the cache
STOP_SECONDS = 30.0
OPEN = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))  # a Wednesday's noon
CLOSED = datetime(2026, 11, 22, 3, 0, tzinfo=ZoneInfo("Europe/Moscow"))  # a Sunday's night
RESTART_SECONDS = 15.0
QUIET_SECONDS = 8.0  # after a test, until the last channel is gone
# those of Asterisk's own sounds that a test may want to recognise; fewer are told apart sooner
ASTERISK_SOUNDS = (
    "auth-thankyou beep queue-callswaiting queue-holdtime queue-thankyou queue-thereare"
    " queue-youarenext vm-deleted vm-goodbye vm-incorrect vm-intro vm-isunavail vm-login"
    " vm-msgsaved vm-nomore vm-password vm-review vm-theperson vm-whichbox vm-youhave"
).split()
DIGEST = re.compile(r"-[0-9a-f]{10}$")


@dataclass(frozen=True)
class Cel:
    """One line of the channel event log; `fields` by the names of `cel.conf.j2`."""

    type: str  # `CHAN_START`, ..., `USER_DEFINED`
    event: str  # the name of a user event, else empty
    text: str  # the text of a user event, else what else is known of the event
    channel: str
    linkedid: str
    fields: Mapping[str, str]


class RunningCenter:
    """`switchboard run` of a center in a new state directory; a context.

    Everything it made is gone afterwards, and the exit says whether it left a process.
    """

    def __init__(self, directory: Path, prompt_cache: Path) -> None:
        self.directory = directory
        self._cache = prompt_cache

    def __enter__(self) -> Self:
        # short, for the control socket; passable, for the account that Asterisk runs as
        self._home = Path(tempfile.mkdtemp(prefix="sb-"))
        self._home.chmod(0o711)
        self.state = State(self._home / "state")
        self.state.prompts.mkdir(parents=True)
        _copy_new(self._cache, self.state.prompts)
        self.printed = self._home / "printed"
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        _copy_new(self.state.prompts, self._cache)
        self.prompts = dict(_library(self.state.sounds))
        self.secrets = self._secrets()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(STOP_SECONDS)
            assert code == 0, self.told()
            assert not self.processes(), "a process is left over"
            assert not self.state.console_socket.exists()
        finally:
            self._end()

    def start(self) -> None:
        """`switchboard run`; returns when it is ready."""
        with self.printed.open("wb") as printed:
            self.process = subprocess.Popen(
                self.command("run"), cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + READY_SECONDS
        while "\nready\n" not in self.printed.read_text():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    def _end(self) -> None:
        if hasattr(self, "process") and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.kill()
        shutil.rmtree(self._home)

    def command(self, *words: str) -> list[str]:
        """The argv of a `switchboard` command on this center."""
        place = ["--center", str(self.directory), "--state", str(self.state.root)]
        return [sys.executable, "-m", "console.main", *place, *words]

    @contextmanager
    def without_python(self) -> Iterator[None]:
        """The engine is dead, and `run` cannot start it again: calls are the twin's alone."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            self.kill("console.engine")
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)
            self._await_engine()

    def _await_engine(self) -> None:
        applied = self.state.applied()
        assert applied is not None
        host, _, port = self.state.manifest(applied).listen["agi"].rpartition(":")
        deadline = time.monotonic() + RESTART_SECONDS
        while True:
            try:
                socket.create_connection((host, int(port))).close()
                return
            except OSError:
                assert time.monotonic() < deadline, self.told()
                time.sleep(0.05)

    @property
    def carried_by_python(self) -> int:
        """How many answers the engine has given to calls."""
        log = self.state.root / "log" / "engine.log"
        return log.read_text().count(" v1 ") if log.exists() else 0

    async def switchboard(self, *words: str) -> tuple[int, str]:
        """Runs a command; its exit code and what it printed, else what it told on stderr.

        There every command says that mail fails, which it does where a test has no mail server.
        """
        process = await asyncio.create_subprocess_exec(
            *self.command(*words),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, told = await process.communicate()
        assert process.returncode is not None
        return process.returncode, (printed or told).decode()

    async def cli(self, command: str) -> str:
        """What Asterisk's console answers; in a tenth of the time of `switchboard asterisk`."""
        asterisk = find_installation(ROOT).command
        conf = self.state.etc / "asterisk.conf"
        return await ask_console((*asterisk, "-C", str(conf)), command, ANSWER_SECONDS)

    @property
    def asterisk(self) -> int:
        """The process id of Asterisk."""
        return int((self.state.asterisk / "run" / "asterisk.pid").read_text())

    async def loses_asterisk(self, within: float = RESTART_SECONDS) -> None:
        """kill -9 of Asterisk; returns when another one serves."""
        killed, deadline = self.asterisk, time.monotonic() + within
        os.kill(killed, signal.SIGKILL)
        while not await self._serves_without(killed):
            assert time.monotonic() < deadline, self.told()
            await asyncio.sleep(0.1)

    async def _serves_without(self, killed: int) -> bool:
        with suppress(AsteriskAway, OSError, ValueError):  # not there yet, or not whole
            return self.asterisk != killed and "booted" in await self.cli("core waitfullybooted")
        return False

    async def becomes_quiet(self, within: float = QUIET_SECONDS) -> None:
        """The last channel goes."""
        deadline = time.monotonic() + within
        while not (await self.cli("core show channels count")).startswith("0 active channels"):
            assert time.monotonic() < deadline, await self.cli("core show channels verbose")
            await asyncio.sleep(0.1)

    def processes(self, word: str = "") -> list[int]:
        """The processes with this state directory, and `word`, on their command line."""
        lines = [
            (int(path.parent.name), _read_bytes(path).decode(errors="replace"))
            for path in Path("/proc").glob("[0-9]*/cmdline")
        ]
        return [pid for pid, line in lines if str(self.state.root) in line and word in line]

    def kill(self, word: str = "") -> None:
        """kill -9 of these processes; of those, too, that end while others are killed."""
        for pid in self.processes(word):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def told(self) -> str:
        """What `run` printed and Asterisk logged, for the message of a failed test."""
        log = self.state.asterisk / "log" / "messages"
        logged = log.read_text(errors="replace") if log.exists() else ""
        return f"{self.printed.read_text()}\n{logged[-4000:]}"

    def _secrets(self) -> Secrets:
        center = load_center(self.directory, Problems())
        assert center is not None
        return read_secrets(center, self.state)


class Center:
    """What one test does with a running center."""

    def __init__(self, running: RunningCenter, open_phone: OpenPhone) -> None:
        self.running = running
        self._open_phone = open_phone
        self._at = "127.0.0.1:5060"
        self._began_bytes = self._cel_file.stat().st_size if self._cel_file.exists() else 0

    @property
    def prompts(self) -> Mapping[str, Path]:
        """WAV files by `LANGUAGE/NAME`: `ru/main-long`, `en/main-key-0-1-announce`, `ru/beep`."""
        return self.running.prompts

    async def phone(self, extension: str, **settings: Any) -> Phone:
        """The telephone of an extension, registered; `settings` as `Phone`'s."""
        secret = self.running.secrets[extension]
        return await self._phone(register=extension, secret=secret, **settings)

    async def caller(self, **settings: Any) -> Phone:
        """A line of the carrier; `settings` as `Phone`'s."""
        return await self._phone(listen=CARRIER, **settings)

    async def stranger(self) -> Phone:
        """A line of nobody's, at an address that the center does not know."""
        return await self._phone(listen="127.0.0.3")

    async def call(
        self, number: str, caller: str = "+79260000001", name: str = "", **settings: Any
    ) -> Call:
        """A new line of the carrier dials `number`."""
        line = await self.caller(**settings)
        return await line.dial(number, from_number=caller, from_name=name)

    async def _phone(self, **settings: Any) -> Phone:
        return await self._open_phone(**{"at": self._at, "prompts": self.prompts} | settings)

    async def clock(self, moment: datetime) -> None:
        """Moves the dialplan's clock (hours and holidays) to a moment; it begins at OPEN."""
        offset = math.ceil(moment.timestamp() - time.time())
        await self.cli(f"dialplan set global CLOCK_OFFSET {offset}")

    async def cli(self, command: str) -> str:
        """What Asterisk's console answers."""
        return await self.running.cli(command)

    async def finds(self, trunk: str, state: str = "Avail", within: float = 20.0) -> None:
        """Asterisk has found out that a carrier answers, or (`Unavail`) does not."""
        await self.cli(f"pjsip qualify {trunk}")
        deadline = time.monotonic() + within
        while not re.search(rf"{trunk}/sip:.* {state} ", await self.cli("pjsip show contacts")):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)

    def cel(self) -> list[Cel]:
        """What Asterisk noted of channels since the test began."""
        if not self._cel_file.exists():
            return []
        noted, _, _being_written = self._cel_file.read_bytes()[self._began_bytes :].rpartition(
            b"\n"
        )
        return [_cel(row) for row in csv.reader(noted.decode(errors="replace").splitlines())]

    def events(self) -> list[str]:
        """The user events since the test began: `menu v1 main`, `key main 1 OK`, ..."""
        return [f"{row.event} {row.text}" for row in self.cel() if row.event]

    async def notes(self, event: str, within: float = 5.0) -> None:
        """Asterisk writes down a user event, such as `ring 202`."""
        deadline = time.monotonic() + within
        while event not in self.events():
            assert time.monotonic() < deadline, f"{event} is not among {self.events()}"
            await asyncio.sleep(0.05)

    @property
    def _cel_file(self) -> Path:
        return self.running.state.asterisk / "log" / "cel-custom" / "cel.csv"


async def they_hear_each_other(one: Call, other: Call) -> None:
    """Both are answered, and what one says the other hears."""
    await asyncio.gather(one.answered(), other.answered())
    await asyncio.gather(one.say(tone(500)), other.say(tone(700)))
    assert await one.hears_tone(700)
    assert await other.hears_tone(500)


CEL_FIELDS = (
    "eventtime eventtype eventenum uniqueid linkedid channame context exten appname appdata peer"
    " accountcode userdeftype eventextra num ani rdnis dnid name"
).split()


def _cel(row: list[str]) -> Cel:
    fields = dict(zip(CEL_FIELDS, row, strict=True))
    is_ours = fields["eventenum"] == "USER_DEFINED"
    return Cel(
        type=fields["eventenum"],
        event=fields["eventtype"] if is_ours else "",
        text=json.loads(fields["eventextra"])["extra"] if is_ours else fields["eventextra"],
        channel=fields["channame"],
        linkedid=fields["linkedid"],
        fields=fields,
    )


def _library(sounds: Path) -> Iterator[tuple[str, Path]]:
    """Every sound once: of names for the same file the shortest."""
    seen: set[int] = set()
    for folder in (sounds / "ru", sounds / "en"):
        spoken = [folder / f"{name}.wav" for name in ASTERISK_SOUNDS]
        files = [*folder.glob("sb/*.wav"), *(path for path in spoken if path.exists())]
        for path in sorted(files, key=lambda path: (len(path.stem), path.stem)):
            if path.stat().st_ino not in seen:
                seen.add(path.stat().st_ino)
                yield f"{folder.name}/{DIGEST.sub('', path.stem)}", path


def _copy_new(source: Path, target: Path) -> None:
    """Copy the finished sounds that `target` lacks; safe while another process does the same."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("*.wav*"):
        if not (target / path.name).exists():
            part = target / f".{path.name}.{os.getpid()}"
            shutil.copyfile(path, part)
            part.replace(target / path.name)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended meanwhile
        return b""
