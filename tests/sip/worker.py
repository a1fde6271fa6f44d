"""One telephone in a process of its own: baresip allows one runtime a process.

The first line on standard input says what telephone to be, each later line is a command; answers
and events are lines on standard output. All lines are JSON. `tests.sip.phone` is the other end.
When standard input ends, the telephone hangs up everything and goes.
"""

import asyncio
import contextlib
import json
import logging
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from baresip import (
    BaresipError,
    Call,
    Config,
    Event,
    Runtime,
    StackEvent,
    StaleHandleError,
    UserAgent,
)

from tests.sip.relay import REFUSAL, Relay, refused, with_contact, without_telephone_events
from tests.sip.soundline import SoundLine

HOST = "127.0.0.1"  # the only source baresip can take on the loopback; see relay.py
# A packet that comes late on a busy machine is heard late; a jitter buffer would leave it out.
SETTINGS = """\
sip_listen {}:{}
rtp_ports 30000-39998
audio_jitter_buffer_type off
sip_verify_server no
"""
GOODBYE_SECONDS = 1.0
HEADERS = ("From", "To", "Diversion", "P-Asserted-Identity", "Alert-Info", "Reason")


class Telephone:
    """The commands (methods without underscore) and what happens, told line by line."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._runtime = Runtime()
        self._relay: Relay | None = None
        self._refusal = REFUSAL
        self._agent: UserAgent | None = None
        self._calls: dict[int, Call] = {}
        self._lines: dict[int, SoundLine] = {}

    async def start(self) -> None:
        """Listens, and where there is a user to register, registers."""
        self._phone = (HOST, _free_port())
        await self._runtime.start(
            Config(
                net_interface=HOST,
                expose_headers=HEADERS,
                sip_trace=True,
                max_concurrent_calls=None,
                extra_config_text=SETTINGS.format(*self._phone),
            )
        )
        if self._setup["transport"] == "udp":
            self._relay = await Relay.open(
                listen=tuple(self._setup["listen"]),
                phone=self._phone,
                center=tuple(self._setup["at"]),
                change=self._as_sent,
            )
        await self._sign_on()

    def _as_sent(self, message: bytes) -> bytes:
        assert self._relay
        message = with_contact(message, self._phone, self._relay.lent)
        if self._setup["dtmf"] == "in-band":
            message = without_telephone_events(message)
        return refused(message, self._refusal)

    async def _sign_on(self) -> None:
        user = self._setup["register"]
        if user:
            address = f'"{user}" <sip:{user}@{self._center};transport={self._setup["transport"]}>'
            login = f';auth_pass="{self._setup["secret"]}";regint=60'
            self._agent = await self._user_agent(address + login)
            await self.register()
        else:
            address = f"<sip:line@{self._setup['listen'][0]};transport=udp>"
            self._agent = await self._user_agent(f"{address};regint=0;catchall=yes")
        self._agent.on_incoming(self._rings)

    @property
    def _center(self) -> str:
        host, port = self._relay.address if self._relay else self._setup["at"]
        return f"{host}:{port}"

    async def _sign_off(self) -> None:
        with contextlib.suppress(BaresipError):  # the center may be gone, or refused us before
            if self._agent:
                await self._agent.unregister(timeout=GOODBYE_SECONDS)

    async def _user_agent(self, address: str) -> UserAgent:
        codecs = ",".join(self._setup["codecs"])
        dtmf = "info" if self._setup["dtmf"] == "info" else "rtpevent"
        settings = f";answermode=manual;audio_codecs={codecs};dtmfmode={dtmf}"
        if self._setup["transport"] == "tls":
            settings += ";mediaenc=srtp"
        return await UserAgent.create(self._runtime, address + settings)

    async def close(self) -> None:
        for call in list(self._calls):
            await self.hangup(call)
        if self._setup["register"]:
            await self._sign_off()
        if self._relay:
            self._relay.close()
        await self._runtime.close()

    # commands

    async def register(self) -> None:
        assert self._agent
        await self._agent.register()

    async def unregister(self) -> None:
        assert self._agent
        await self._agent.unregister()

    async def dial(
        self, number: str, from_number: str, from_name: str, headers: dict[str, str]
    ) -> int:
        agent = self._agent
        if not self._setup["register"]:
            address = f'"{from_name}" <sip:{from_number}@{self._setup["listen"][0]};transport=udp>'
            agent = await self._user_agent(f"{address};regint=0")
        assert agent
        call = await agent.dial(f"sip:{number}@{self._center}", headers=headers)
        self._take(call)
        return int(call.handle)

    async def answer(self, call: int) -> None:
        await self._calls[call].answer()

    async def refuse(self, call: int, answer: str) -> None:
        self._refusal = answer
        await self._calls[call].reject()

    async def redirect(self, call: int, number: str) -> None:
        to = f"<sip:{number}@{self._setup['at'][0]}>"
        await self.refuse(call, f"302 Moved Temporarily\r\nContact: {to}")

    async def hangup(self, call: int) -> None:
        with contextlib.suppress(KeyError, StaleHandleError):  # it ended by itself meanwhile
            await self._calls[call].hangup()

    async def press(self, call: int, keys: str) -> None:
        await self._calls[call].send_dtmf(keys)

    async def say(self, call: int, pcm: str) -> None:
        """Returns when the last sample of the file (s16le at the line's rate) has gone out."""
        await self._lines[call].say(await asyncio.to_thread(Path(pcm).read_bytes))

    async def hold(self, call: int) -> None:
        await self._calls[call].hold()

    async def resume(self, call: int) -> None:
        await self._calls[call].resume()

    async def transfer(self, call: int, number: str) -> None:
        await self._calls[call].transfer(f"sip:{number}@{self._center}")

    async def join(self, call: int, other: int) -> None:
        await self._calls[call].attended_transfer(self._calls[other])

    async def mix(self, call: int, other: int) -> None:
        self._lines[call].mix_with(self._lines[other])

    # events

    def _rings(self, call: Call) -> None:
        self._take(call)
        tell("ring", call=call.handle, headers=call.headers)

    def _take(self, call: Call) -> None:
        self._calls[call.handle] = call
        path = Path(self._setup["folder"]) / f"call-{call.handle}.raw"
        line = self._lines[call.handle] = SoundLine(call, path)
        line.opened = lambda: tell(
            "sound", call=call.handle, path=str(path), hears_hz=line.hears_hz, says_hz=line.says_hz
        )
        call.on(lambda event: self._call_event(call, event))
        call.on_dtmf(lambda key: tell("key", call=call.handle, key=key.digit))

    def _call_event(self, call: Call, event: StackEvent) -> None:
        line = self._lines[call.handle]
        if event.event is Event.CALL_RINGING:
            tell("ringing", call=call.handle)
        elif event.event is Event.CALL_ESTABLISHED:
            tell("answered", call=call.handle, at_seconds=line.heard_seconds)
        elif event.event is Event.CALL_CLOSED:
            self._calls.pop(call.handle, None)
            line.close()
            tell("ended", call=call.handle, text=event.text)


def tell(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def obey(telephone: Telephone, order: dict[str, Any]) -> None:
    """Does one command and tells its result, or why it could not be done."""
    command: Callable[..., Awaitable[object]] = getattr(telephone, order["do"])
    try:
        result = await command(**order["with"])
    except (BaresipError, ValueError, KeyError, AssertionError) as error:
        tell("refused", id=order["id"], why=f"{type(error).__name__}: {error}")
    else:
        tell("done", id=order["id"], result=result)


async def main() -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    setup = json.loads(await orders.readline())
    log = Path(setup["folder"]) / "sip.log"
    logging.basicConfig(filename=log, level=logging.DEBUG, format="%(asctime)s %(message)s")
    telephone = Telephone(setup)
    try:
        await telephone.start()
        tell("ready")
        async with asyncio.TaskGroup() as doing:
            async for line in orders:
                doing.create_task(obey(telephone, json.loads(line)))
    except BaresipError as error:
        tell("failed", why=f"{type(error).__name__}: {error}")
    finally:
        await telephone.close()


if __name__ == "__main__":
    asyncio.run(main())
