"""A telephone of bare SIP messages, for what baresip cannot do; it has no sound.

async with BarePhone(at=("127.0.0.1", 5060), user="201", secret="...") as anna:
    talk = await anna.takes_call()
    asking = await anna.dial("202")           # rings there; nobody has answered yet
    assert await talk.refer("202", replaces=asking) == 202
"""

import asyncio
import hashlib
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote

from tests.sip.waiting import News, NotInTime

ANSWER_SECONDS = 5.0
NONE: Mapping[str, str] = MappingProxyType({})
SDP = """\
v=0
o=- 1 1 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio 9 RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
CHALLENGE = re.compile(r'(\w+)="?([^",]*)"?')
TAG = re.compile(r";tag=([^;]+)")


@dataclass(frozen=True)
class Message:
    """A request (its `code` is 0) or an answer; `head` by names in small letters."""

    first: str
    head: Mapping[str, str]
    vias: tuple[str, ...]
    body: str

    @classmethod
    def parse(cls, text: str) -> Self:
        top, _, body = text.partition("\r\n\r\n")
        first, *lines = top.split("\r\n")
        pairs = [(line.partition(":")[0].lower(), line.partition(":")[2].strip()) for line in lines]
        return cls(first, dict(pairs), tuple(v for name, v in pairs if name == "via"), body)

    @property
    def code(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return self.head["cseq"].split()[1]


@dataclass
class Dialog:
    """One call. `told` is what came of a transfer that was asked for: `SIP/2.0 200 OK`."""

    phone: "BarePhone"
    call_id: str
    ours: str  # the From of what we send
    theirs: str
    target: str
    sequence: int = 0
    invited: int = 0  # the number of the last INVITE, which an ACK and a CANCEL go by
    told: list[str] = field(default_factory=list)
    is_over: bool = False

    async def refer(self, number: str, replaces: "Dialog | None" = None) -> int:
        """Asks that the other end call there, or take over our end of another call; the answer."""
        to = f"sip:{number}@{self.phone.center[0]}"
        if replaces:
            tags = f"to-tag={_tag(replaces.theirs)};from-tag={_tag(replaces.ours)}"
            to += "?Replaces=" + quote(f"{replaces.call_id};{tags}", safe="")
        return (await self.phone.ask("REFER", self, {"Refer-To": f"<{to}>"})).code

    async def cancel(self) -> int:
        """Gives up a call that rings."""
        return (await self.phone.ask("CANCEL", self)).code

    async def hangup(self) -> None:
        if not self.is_over:
            await self.phone.ask("BYE", self)
            self.is_over = True

    async def ended(self, within: float = 5.0) -> None:
        await self._until(lambda: self.is_over, within, "end")

    async def hears(self, code: int, within: float = 10.0) -> None:
        """What became of the transfer."""
        status = f"SIP/2.0 {code}"
        await self._until(lambda: any(one.startswith(status) for one in self.told), within, status)

    async def _until(self, holds: Callable[[], bool], within: float, what: str) -> None:
        if not await self.phone.news.until(holds, within):
            raise NotInTime(f"no {what} within {within:g} s; told {self.told}")


class BarePhone(asyncio.DatagramProtocol):
    """One address and one registration, over UDP without repetitions; an async context.

    Without a secret it does not register: a line of the carrier, if it is at the carrier's `host`.
    """

    def __init__(
        self, *, at: tuple[str, int], user: str, secret: str = "", host: str = "127.0.0.1"
    ) -> None:
        self.center, self._user, self._secret, self._host = at, user, secret, host
        self.news = News()
        self._count = itertools.count(1)
        self._dialogs: dict[str, Dialog] = {}
        self._answers: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._ringing: asyncio.Queue[Message] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(self._host, 0)
        )
        _, self._port = self._transport.get_extra_info("sockname")
        await self._registers(seconds=60)
        return self

    async def __aexit__(self, *_: object) -> None:
        for dialog in list(self._dialogs.values()):
            await dialog.hangup()
        await self._registers(seconds=0)
        self._transport.close()

    async def takes_call(self, within: float = 5.0) -> Dialog:
        """The next call is answered."""
        invite = await asyncio.wait_for(self._ringing.get(), within)
        self._reply(invite, "200 OK", self._sdp)
        return self._dialogs[invite.head["call-id"]]

    async def dial(self, number: str) -> Dialog:
        """Returns when it rings there."""
        dialog = self._new(number)
        self._dialogs[dialog.call_id] = dialog
        answer = await self.ask("INVITE", dialog, body=self._sdp)
        assert answer.code == 180, answer
        return dialog

    async def ask(
        self, method: str, dialog: Dialog, headers: Mapping[str, str] = NONE, body: str = ""
    ) -> Message:
        """Its first answer but 100, and but the one that asks for a digest."""
        answer = await self._asked_once(method, dialog, headers, body)
        if answer.code == 401:
            digest = self._digest(method, dialog.target, answer.head["www-authenticate"])
            headers = {**headers, "Authorization": digest}
            answer = await self._asked_once(method, dialog, headers, body)
        return answer

    # below: a message after the other

    def datagram_received(self, data: bytes, addr: Any) -> None:
        message = Message.parse(data.decode())
        dialog = self._dialogs.get(message.head["call-id"])
        if message.code:
            self._answered(message, dialog)
        else:
            self._requested(message, dialog)
        self.news.arrived()

    def _answered(self, answer: Message, dialog: Dialog | None) -> None:
        if answer.method == "INVITE" and answer.code > 100 and dialog:
            dialog.theirs = answer.head["to"]
            if answer.code >= 200:
                self._request("ACK", dialog, dialog.invited, NONE, "")
            if answer.code == 401:
                dialog.theirs = f"<{dialog.target}>"  # it is asked anew
            elif answer.code >= 300:
                dialog.is_over = True
        waiting = self._answers.get((answer.head["call-id"], answer.head["cseq"]))
        if waiting and answer.code != 100:
            waiting.put_nowait(answer)

    def _requested(self, request: Message, dialog: Dialog | None) -> None:
        if request.method == "ACK":
            return
        if request.method == "INVITE" and dialog is None:
            call = request.head["call-id"]
            ours, theirs = f"{request.head['to']};tag=bare", request.head["from"]
            target = request.head["contact"].strip("<>")
            self._dialogs[call] = Dialog(self, call, ours, theirs, target)
            self._reply(request, "180 Ringing")
            self._ringing.put_nowait(request)
            return
        if dialog and request.method == "NOTIFY":
            dialog.told.append(request.body.strip())
        if dialog and request.method in ("BYE", "CANCEL"):
            dialog.is_over = True
        self._reply(request, "200 OK", self._sdp if request.method == "INVITE" else "")

    async def _registers(self, seconds: int) -> None:
        if not self._secret:
            return
        answer = await self.ask("REGISTER", self._new(""), {"Expires": str(seconds)})
        assert answer.code == 200, answer

    def _new(self, number: str) -> Dialog:
        call, host = f"bare-{self._port}-{next(self._count)}", self.center[0]
        ours = f"<sip:{self._user}@{host}>"
        target = f"sip:{number}@{host}" if number else f"sip:{host}"
        return Dialog(self, call, f"{ours};tag={call}", f"<{target}>" if number else ours, target)

    async def _asked_once(
        self, method: str, dialog: Dialog, headers: Mapping[str, str], body: str
    ) -> Message:
        dialog.sequence += 1
        if method == "INVITE":
            dialog.invited = dialog.sequence
        number = dialog.invited if method == "CANCEL" else dialog.sequence
        answers: asyncio.Queue[Message] = asyncio.Queue()
        self._answers[dialog.call_id, f"{number} {method}"] = answers
        self._request(method, dialog, number, headers, body)
        return await asyncio.wait_for(answers.get(), ANSWER_SECONDS)

    def _request(
        self, method: str, dialog: Dialog, number: int, headers: Mapping[str, str], body: str
    ) -> None:
        to = f"<{dialog.target}>" if method == "CANCEL" else dialog.theirs
        lines = [
            f"{method} {dialog.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK-{dialog.call_id}-{number}",
            f"From: {dialog.ours}",
            f"To: {to}",
            f"Call-ID: {dialog.call_id}",
            f"CSeq: {number} {method}",
            "Max-Forwards: 70",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._send(lines, body)

    def _reply(self, request: Message, status: str, body: str = "") -> None:
        to = request.head["to"]
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.vias)]
        lines += [f"{name}: {request.head[name.lower()]}" for name in ("From", "Call-ID", "CSeq")]
        self._send([*lines, f"To: {to}" + ("" if TAG.search(to) else ";tag=bare")], body)

    def _send(self, lines: list[str], body: str) -> None:
        lines = [*lines, f"Contact: <sip:{self._user}@{self._host}:{self._port}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self._transport.sendto(text.encode(), self.center)

    @property
    def _sdp(self) -> str:
        return SDP.format(host=self._host).replace("\n", "\r\n")

    def _digest(self, method: str, uri: str, challenge: str) -> str:
        told = dict(CHALLENGE.findall(challenge))
        secret = _md5(f"{self._user}:{told['realm']}:{self._secret}")
        whole = f"{secret}:{told['nonce']}:00000001:bare:auth:{_md5(f'{method}:{uri}')}"
        return (
            f'Digest username="{self._user}", realm="{told["realm"]}", nonce="{told["nonce"]}", '
            f'uri="{uri}", response="{_md5(whole)}", algorithm=MD5, qop=auth, nc=00000001, '
            f'cnonce="bare", opaque="{told.get("opaque", "")}"'
        )


def _tag(address: str) -> str:
    found = TAG.search(address)
    assert found, address
    return found[1]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
