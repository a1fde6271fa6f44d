"""A small Asterisk of a test's own, beside the center: the carrier, or the far end of a phone."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from switchboard.pbx.installation import Installation

READY_SECONDS = 20.0
STOP_SECONDS = 5.0
MODULES = tuple(Path(__file__).with_name("modules.txt").read_text().split())
# Where there is no network card, as in a network of one's own, every answer begins so.
NO_CARD = "No ethernet interface found for seeding global EID. You will have to set it manually.\n"

ASTERISK_CONF = """\
[directories]
astetcdir => {home}
astmoddir => {modules}
astvarlibdir => {home}
astdbdir => {home}
astkeydir => {home}
astdatadir => {data}
astagidir => {home}
astspooldir => {home}
astrundir => {home}
astlogdir => {home}

[options]
verbose = 3
nocolor = yes
"""

LOGGER_CONF = """\
[general]
dateformat = %F %T.%3q
[logfiles]
asterisk.log => notice,warning,error,verbose
"""


class SmallAsterisk:
    """An Asterisk with the modules of `modules.txt` and the files it is given; an async context.

    `files` are Asterisk's configuration files, name to text; `modules` are loaded, too. Everything
    it writes stands in `home`, a temporary directory which goes with it. Raises RuntimeError if it
    does not start whole.
    """

    def __init__(
        self,
        installation: Installation,
        files: Mapping[str, str],
        modules: tuple[str, ...] = (),
    ) -> None:
        self._installation = installation
        loaded = _modules_conf(MODULES + modules)
        self._files = {**files, "modules.conf": loaded, "logger.conf": LOGGER_CONF}
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        # A short path: the control socket in it may have no more than 107 bytes.
        self.home = Path(tempfile.mkdtemp(prefix="asterisk-"))
        try:
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._stop()
        finally:
            shutil.rmtree(self.home)

    async def rx(self, command: str) -> str:
        """What the console answers to `command`."""
        process = await asyncio.create_subprocess_exec(
            *self._installation.command,
            *("-C", str(self._conf), "-rx", command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return output.decode(errors="replace").removeprefix(NO_CARD)

    @property
    def log(self) -> str:
        """All it logged, for the message of a failed test."""
        return (self.home / "asterisk.log").read_text(errors="replace")

    @property
    def _conf(self) -> Path:
        return self.home / "asterisk.conf"

    async def _start(self) -> None:
        installation = self._installation
        directories = ASTERISK_CONF.format(
            home=self.home, modules=installation.modules_dir, data=installation.data_dir
        )
        for name, text in {**self._files, "asterisk.conf": directories}.items():
            (self.home / name).write_text(text)
        self._process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL"),  # it dies with the test process, even killed
            *installation.command,
            *("-f", "-C", str(self._conf)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(READY_SECONDS):
            while "fully booted" not in await self.rx("core waitfullybooted"):
                if self._process.returncode is not None:
                    raise RuntimeError(f"Asterisk ended at once: {self.log}")
                await asyncio.sleep(0.1)  # its control socket is not there yet
        if "declined to load" in self.log:
            raise RuntimeError(f"a module did not load: {self.log}")

    async def _stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _modules_conf(modules: tuple[str, ...]) -> str:
    return "\n".join(["[modules]", "autoload = no", *(f"load = {name}" for name in modules), ""])
