"""One Asterisk in the foreground: started, asked through its console, stopped.

Measured on 22.10: without its `asterisk.conf` it runs on what was compiled in, anywhere on the
host; a control socket left by a kill is there before the console answers; `core stop gracefully`
answers 503 to new calls and its console returns only when the last call has ended; SIGTERM hangs
up, writes the CDRs and takes about a second.
"""

import asyncio
import re
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path

from switchboard.child import Account, end, spawn
from switchboard.errors import SwitchboardError
from switchboard.pbx.installation import Installation
from switchboard.supervisor import Ready

BOOT_SECONDS = 30.0
ANSWER_SECONDS = 10.0  # for a console command
HANGUP_SECONDS = 5.0  # between SIGTERM and SIGKILL
SOCKET_PATH_BYTES = 107  # what the kernel allows
# Colours, and what is printed first where there is only a loopback.
NOISE = re.compile(r"\x1b\[[\d;]*m|^No ethernet interface found for seeding global EID.*$", re.M)
LAST_BYTES = 1000  # of what it printed, for the message when it fails


class AsteriskFailed(SwitchboardError):
    """Asterisk did not start, or ended by itself."""


class AsteriskAway(SwitchboardError):
    """Asterisk's console does not answer."""


class AsteriskProcess:
    """An Asterisk of `installation` that reads `conf` (STATE/asterisk/etc/asterisk.conf).

    It runs as `account` where one is given, which must have been given its files before.
    """

    def __init__(
        self, installation: Installation, conf: Path, account: Account | None = None
    ) -> None:
        self._command = (*installation.command, "-C", str(conf.absolute()))
        self._conf = conf
        self._run = conf.absolute().parent.parent / "run"
        self._account = account
        self._process: Process | None = None
        self._said = b""
        self._listening: asyncio.Task[None] | None = None

    async def serve(self, ready: Ready, *, drain_seconds: float = 0.0) -> None:
        """The service: run until cancelled, then let calls end for `drain_seconds`.

        Raises AsteriskFailed when Asterisk ends by itself.
        """
        try:
            await self.start()
            ready()
            code = await self.wait()
        finally:
            await self.stop(drain_seconds=drain_seconds)
        raise AsteriskFailed(f"Asterisk ended by itself ({_ending(code)}).{self._last_words()}")

    async def start(self, *, deadline_seconds: float = BOOT_SECONDS) -> None:
        """Return when every module is loaded.

        Raises AsteriskFailed or ChildNotStarted; then nothing is left running.
        """
        self._check_paths()
        self._said = b""
        self._process = await spawn((*self._command, "-f"), account=self._account, capture=True)
        self._listening = asyncio.create_task(self._listen(self._process.stdout))
        try:
            async with asyncio.timeout(deadline_seconds):
                await self._booted(self._process)
        except TimeoutError:
            await self.stop()
            raise AsteriskFailed(
                f"Asterisk was not ready within {deadline_seconds:g} seconds.{self._last_words()}"
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """Wait for its end; the exit code, or the signal's number below zero."""
        return await self._running().wait()

    async def stop(self, *, drain_seconds: float = 0.0) -> None:
        """Refuse new calls, let those in progress end for `drain_seconds`, hang up, end.

        Cancelled, it hangs up at once; cancelled again, it kills. Nothing is left running.
        """
        if self._process is None:
            return
        try:
            if drain_seconds > 0 and self._process.returncode is None:
                await self._drain(self._process, drain_seconds)
        finally:
            await end(self._process, patience_seconds=HANGUP_SECONDS)
            if self._listening is not None:
                await self._listening

    def kill(self) -> None:
        """End it at once, without a hang-up for anyone; `wait` for it afterwards."""
        with suppress(ProcessLookupError):
            self._running().kill()

    async def cli(self, command: str, *, deadline_seconds: float = ANSWER_SECONDS) -> str:
        """What the console prints for `command`. Raises AsteriskAway, ValueError for control
        characters in `command`."""
        return await ask_console(self._command, command, deadline_seconds)

    @property
    def pid(self) -> int:
        """The process id of Asterisk itself."""
        return self._running().pid

    def _running(self) -> Process:
        if self._process is None:
            raise AsteriskAway("Asterisk was not started.")
        return self._process

    def _check_paths(self) -> None:
        if not self._conf.is_file():
            raise AsteriskFailed(f"{self._conf} is not there.")
        socket = self._run / "asterisk.ctl"
        if len(bytes(socket)) > SOCKET_PATH_BYTES:
            raise AsteriskFailed(
                f"{socket} is too long for a control socket ({SOCKET_PATH_BYTES} bytes): "
                "use a state directory with a shorter path."
            )

    async def _booted(self, process: Process) -> None:
        while process.returncode is None:
            with suppress(AsteriskAway):
                if self._has_console(process):
                    await self.cli("core waitfullybooted", deadline_seconds=BOOT_SECONDS)
                    return
            await asyncio.sleep(0.05)
        if self._listening is not None:
            await self._listening
        raise AsteriskFailed(
            f"Asterisk did not start ({_ending(process.returncode)}).{self._last_words()}"
        )

    def _has_console(self, process: Process) -> bool:
        # Another Asterisk in the same place would answer in its stead, while ours gives up.
        with suppress(OSError):
            return (self._run / "asterisk.pid").read_text().strip() == str(process.pid)
        return False

    async def _drain(self, process: Process, drain_seconds: float) -> None:
        console = await spawn((*self._command, "-rx", "core stop gracefully"), capture=True)
        try:
            async with asyncio.timeout(drain_seconds):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            await end(console, patience_seconds=0.0)

    async def _listen(self, output: asyncio.StreamReader | None) -> None:
        # Read to the end, else a full pipe stops Asterisk.
        while output and (chunk := await output.read(4096)):
            self._said = (self._said + chunk)[-LAST_BYTES:]

    def _last_words(self) -> str:
        words = _plain(self._said)
        return f"\n{words}" if words else ""


async def ask_console(asterisk: tuple[str, ...], command: str, deadline_seconds: float) -> str:
    """Run one console command on a running Asterisk; `asterisk` is its argv with `-C conf`."""
    if not command.isprintable():
        raise ValueError(f"a console command with control characters: {command!r}")
    console = await spawn((*asterisk, "-rx", command), capture=True)
    try:
        async with asyncio.timeout(deadline_seconds):
            printed, _ = await console.communicate()
    except TimeoutError:
        raise AsteriskAway(
            f"Asterisk did not answer `{command}` within {deadline_seconds:g} seconds."
        ) from None
    finally:
        await end(console, patience_seconds=0.0)
    text = _plain(printed)
    if console.returncode != 0:
        raise AsteriskAway(f"Asterisk does not answer: {text}")
    return text


def _plain(printed: bytes) -> str:
    return NOISE.sub("", printed.decode(errors="replace")).strip("\n")


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"
