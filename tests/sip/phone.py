"""A telephone for tests and the demo: it registers, dials, answers, presses, speaks and listens.

    async with Phone(at="127.0.0.1:5060", register="201", secret="...") as anna:
        ring = await anna.rings(within=5)
        call = await ring.answer()
        assert await call.hears_tone(700, within=3)

Each telephone is a baresip in a process of its own (`worker.py`) and calls from `listen`, any
address of the loopback. One that does not register is a carrier's line: it dials with whatever
number and name, and answers whatever number is called there.
"""

import asyncio
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from tests.sip.call import Call
from tests.sip.ring import Ring
from tests.sip.waiting import NotInTime

Dtmf = Literal["rfc4733", "info", "in-band"]

ROOT = Path(__file__).parents[2]
READY_SECONDS = 15.0
GOODBYE_SECONDS = 5.0
LINE_BYTES = 1 << 20
NOTHING: Mapping[str, Any] = MappingProxyType({})


class PhoneError(Exception):
    """The telephone could not do what it was told; the message is its own."""


class Phone:
    """One telephone; an async context.

    `at` is the center, `HOST:PORT`; `listen` is `HOST` or `HOST:PORT`; `prompts` are the WAV files
    by name that its calls can recognise; `folder` keeps `sip.log` and the sound for a look later.
    """

    def __init__(
        self,
        *,
        at: str,
        register: str | None = None,
        secret: str = "",
        listen: str = "127.0.0.1",
        dtmf: Dtmf = "rfc4733",
        codecs: tuple[str, ...] = ("pcmu", "pcma"),
        transport: Literal["udp", "tcp", "tls"] = "udp",  # tls brings SRTP with it
        prompts: Mapping[str, Path] = NOTHING,
        folder: Path | None = None,
    ) -> None:
        self.dtmf = dtmf
        self.prompts = prompts
        self._setup = {
            "at": _address(at),
            "register": register,
            "secret": secret,
            "listen": _address(listen),
            "dtmf": dtmf,
            "codecs": codecs,
            "transport": transport,
        }
        self._keep = folder
        self._calls: dict[int, Call] = {}
        self._rings: asyncio.Queue[Ring] = asyncio.Queue()
        self._orders: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count(1)

    async def __aenter__(self) -> Self:
        self.folder = self._keep or Path(tempfile.mkdtemp(prefix="phone-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.sip.worker"),
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.folder)},  # also when it dies, nothing is left
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
            start_new_session=True,  # Ctrl-C is for us; the worker ends with its standard input
        )
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())
        self._tell({**self._setup, "folder": str(self.folder)})
        try:
            await asyncio.wait_for(self._ready, READY_SECONDS)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._worker.stdin
        self._worker.stdin.close()
        try:
            await asyncio.wait_for(self._worker.wait(), GOODBYE_SECONDS)
        except TimeoutError:
            await self.die()
        finally:
            if self._keep is None:
                shutil.rmtree(self.folder)
        await self._reader

    async def dial(
        self,
        number: str,
        *,
        from_number: str = "anonymous",
        from_name: str = "",
        headers: Mapping[str, str] = NOTHING,
    ) -> Call:
        """Calls; the `from_` are for a line, a registered telephone calls as itself."""
        handle = await self.order(
            "dial",
            number=number,
            from_number=from_number,
            from_name=from_name,
            headers=dict(headers),
        )
        return self._call(handle)

    async def rings(self, within: float = 5.0) -> Ring:
        """The next ringing that no test has taken yet."""
        try:
            return await asyncio.wait_for(self._rings.get(), within)
        except TimeoutError:
            raise NotInTime(f"the telephone did not ring within {within:g} s") from None

    @property
    def is_quiet(self) -> bool:
        """Whether there is no ringing that no test has taken yet."""
        return self._rings.empty()

    @property
    def process_id(self) -> int:
        return self._worker.pid

    async def register(self) -> None:
        await self.order("register")

    async def unregister(self) -> None:
        await self.order("unregister")

    async def die(self) -> None:
        """Is gone in the middle of everything, as a telephone whose plug is pulled."""
        self._worker.kill()
        await self._worker.wait()
        await self._reader

    async def order(self, do: str, **facts: object) -> Any:
        """Has the worker do something and gives its result."""
        if self._reader.done():
            raise self._gone
        number = next(self._ids)
        done = self._orders[number] = asyncio.get_running_loop().create_future()
        self._tell({"id": number, "do": do, "with": facts})
        return await done

    @property
    def _gone(self) -> PhoneError:
        return PhoneError(f"the telephone is gone; see {self.folder / 'sip.log'}")

    def _tell(self, line: Mapping[str, object]) -> None:
        assert self._worker.stdin
        self._worker.stdin.write(json.dumps(line).encode() + b"\n")

    def _call(self, handle: int) -> Call:
        return self._calls.setdefault(handle, Call(self, handle))

    async def _read(self) -> None:
        assert self._worker.stdout
        async for line in self._worker.stdout:
            facts = json.loads(line)
            self._happened(facts.pop("event"), facts)
        for waiting in (self._ready, *self._orders.values()):
            if not waiting.done():
                waiting.set_exception(self._gone)
                waiting.exception()  # read, so that nobody is told of those nobody awaits

    def _happened(self, event: str, facts: dict[str, Any]) -> None:
        if event == "ready":
            self._ready.set_result(None)
        elif event == "failed":
            self._ready.set_exception(PhoneError(facts["why"]))
        elif event == "done":
            self._orders.pop(facts["id"]).set_result(facts["result"])
        elif event == "refused":
            self._orders.pop(facts["id"]).set_exception(PhoneError(facts["why"]))
        else:
            call = self._call(facts["call"])
            call.happened(event, facts)
            if event == "ring":
                self._rings.put_nowait(Ring(self, call, facts["headers"]))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port or 0)
