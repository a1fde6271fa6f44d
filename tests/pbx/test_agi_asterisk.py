"""FastAGI with a real Asterisk on the other side; what it says is also what the other tests say."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from switchboard.pbx.agi_call import AGIAppError, AgiCall, AgiRequest, CallEnded
from switchboard.pbx.installation import Installation
from tests.pbx.agi_peer import serving
from tests.sip.asterisk import SmallAsterisk

pytestmark = pytest.mark.asterisk

MODULES = "res_clioriginate.so res_speech.so res_agi.so app_readexten.so app_senddtmf.so"

# `caller` is who calls: he presses 2 when he is told to.
DIALPLAN = r"""
[arrives]
exten => s,1,Set(AGIEXITONHANGUP=yes)
 same => n,Set(CALLERID(all)="An"na" <+79161112233>)
 same => n,Set(DEST=)
 same => n,Set(KEY=)
 same => n,Set(TIMEOUT(absolute)=3)
 same => n,AGI(agi://127.0.0.1:${PORT}/ivr,main,two words)
 same => n,Set(TIMEOUT(absolute)=0)
 same => n,Set(DB(went/to)=${IF($["${DEST}"=""]?native:${DEST})} ${KEY})
exten => h,1,Set(DB(went/home)=${DB(went/to)}.)
[ask]
exten => s,1,Set(TIMEOUT(absolute)=0)
 same => n,ReadExten(KEY,,${ARG1},,20)
 same => n,Set(TIMEOUT(absolute)=3)
 same => n,Return(${KEY})
exten => args,1,Set(KEY=${ARG1}|${ARG2}|${ARG3})
 same => n,Return()
exten => away,1,Goto(elsewhere,s,1)
[elsewhere]
exten => s,1,NoOp()
[keys]
exten => 2,1,NoOp()
[caller]
exten => s,1,Answer()
 same => n(told),Wait(0.1)
 same => n,GotoIf($["${DB(told/press)}"=""]?told)
 same => n,SendDTMF(2)
 same => n,Wait(60)
"""


class Called(SmallAsterisk):
    """An Asterisk in which somebody calls, and is asked in its `ask`."""

    def __init__(self, installation: Installation) -> None:
        files = {"extensions.conf": DIALPLAN, "pjsip.conf": ""}
        super().__init__(installation, files, (*MODULES.split(), "func_timeout.so"))

    async def call(self, port: int) -> None:
        """Somebody calls, and the AGI server is at `port`."""
        await self.rx(f"dialplan set global PORT {port}")
        await self.rx("channel originate Local/s@caller extension s@arrives")

    async def press(self) -> None:
        await self.rx("database put told press now")

    async def hang_up(self) -> None:
        [caller] = [line for line in await self._channels() if "!caller!" in line]
        await self.rx(f"channel request hangup {caller.partition('!')[0]}")

    async def asks(self) -> None:
        await self._until(lambda: self._channels_have("ReadExten"))

    async def went(self, place: str) -> str:
        """Where the call went: `to` after AGI, `home` when it ended; once it did."""
        answer = ""

        async def known() -> bool:
            nonlocal answer
            answer = await self.rx(f"database get went {place}")
            return answer.startswith("Value: ")

        await self._until(known)
        return answer.removeprefix("Value: ").strip()

    async def is_empty(self) -> bool:
        """Whether no channel is left, or soon."""

        async def empty() -> bool:
            return await self._channels() == []

        await self._until(empty)
        return True

    async def _channels(self) -> list[str]:
        return (await self.rx("core show channels concise")).split()

    async def _channels_have(self, application: str) -> bool:
        return any(f"!{application}!" in line for line in await self._channels())

    async def _until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(10):
            while not await holds():  # noqa: ASYNC110 - Asterisk tells nobody
                await asyncio.sleep(0.05)


@pytest.fixture
async def asterisk(installation: Installation) -> AsyncIterator[Called]:
    async with Called(installation) as asterisk:
        yield asterisk


async def test_a_caller_is_asked_and_the_dialplan_goes_where_the_handler_says(
    asterisk: Called,
) -> None:
    requests: list[AgiRequest] = []

    async def ivr(call: AgiCall) -> None:
        requests.append(call.request)
        assert await call.gosub("ask", "s", 1, "keys")
        await call.set_variable("DEST", "sales" if await call.get_variable("KEY") == "2" else "")

    async with serving(ivr) as port:
        await asterisk.call(port)
        await asterisk.asks()
        await asterisk.press()
        assert await asterisk.went("to") == "sales 2"
    [request] = requests
    assert (request.route, request.args) == ("ivr", ("main", "two words"))
    assert (request.context, request.extension, request.language) == ("arrives", "s", "en")
    assert (request.number, request.name, request.dnid) == ("+79161112233", 'An"na', "")
    assert request.channel.startswith("Local/s@caller-")


async def test_asterisk_says_what_these_tests_say_it_does(asterisk: Called) -> None:
    said: list[object] = []

    async def ivr(call: AgiCall) -> None:
        for value in ('a "q" \\ ${B} b)', "Анна", "", "x" * 1500):
            await call.set_variable("V", value)
            said.append(await call.get_variable("V"))
        said.append(await call.get_variable("NOTHING"))
        await call.verbose('one "line" ${V}')
        said.append(await call.gosub("ask", "args", "1", "main", "two words", "9.5"))
        said.append(await call.get_variable("KEY"))
        said.append(await call.gosub("ask", "away", 1))
        with pytest.raises(AGIAppError, match="label not found"):
            await call.gosub("nowhere", "s", 1)
        await call.set_variable("CHANNEL(language)", "ru")
        await call.set_variable("DEST", await call.get_variable("CHANNEL(language)"))

    async with serving(ivr) as port:
        await asterisk.call(port)
        assert await asterisk.went("to") == "ru main|two words|9.5"
    assert said[:5] == ['a "q" \\ ${B} b)', "Анна", "", "x" * 1023, ""]
    assert said[5:] == [True, "main|two words|9.5", False]
    assert 'one "line" ${V}' in asterisk.log


async def test_a_subroutine_that_ends_at_once_is_not_held_up(asterisk: Called) -> None:
    """«One that ends within 40 ms costs 45 ms», unless Asterisk's first line is acknowledged."""
    seconds: list[float] = []

    async def ivr(call: AgiCall) -> None:
        for _ in range(10):
            before = time.perf_counter()
            await call.gosub("ask", "args", 1)
            seconds.append(time.perf_counter() - before)
        await call.set_variable("DEST", "done")

    async with serving(ivr) as port:
        await asterisk.call(port)
        assert await asterisk.went("to") == "done ||"
    assert sorted(seconds)[5] < 0.02


async def test_a_caller_who_hangs_up_while_asked_ends_the_call_everywhere(
    asterisk: Called,
) -> None:
    endings: list[object] = []

    async def ivr(call: AgiCall) -> None:
        endings.append(await call.gosub("ask", "s", 1, "keys"))
        try:
            await call.get_variable("KEY")
        except CallEnded as ended:
            endings.append(type(ended))
            raise

    async with serving(ivr) as port:
        await asterisk.call(port)
        await asterisk.asks()
        await asterisk.hang_up()
        assert await asterisk.went("home") == "."
        assert await asterisk.is_empty()
    assert endings == [False, CallEnded]


async def test_a_killed_server_leaves_the_caller_and_his_key_to_the_dialplan(
    asterisk: Called, project: Path
) -> None:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.pbx.agi_program"),
        stdout=asyncio.subprocess.PIPE,
        cwd=project,
    )
    assert server.stdout
    await asterisk.call(int(await server.stdout.readline()))
    await asterisk.asks()
    server.kill()
    await server.wait()
    await asterisk.press()
    assert await asterisk.went("to") == "native 2"
    assert await asterisk.is_empty()
