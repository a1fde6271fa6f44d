"""Hundreds of telephones behind one socket: they register, watch lamps, and answer every call."""

import asyncio
import hashlib
import itertools
import re
import time
from collections.abc import Mapping
from typing import Any

CENTER = ("127.0.0.1", 5060)
CHALLENGE = re.compile(r'(\w+)="?([^",]*)"?')
SDP = (
    "v=0\r\no=- 1 1 IN IP4 {at}\r\ns=-\r\nc=IN IP4 {at}\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
ANSWER_SECONDS, AGAIN_SECONDS = 30.0, 1.0


class Line(asyncio.DatagramProtocol):
    """One address: what it asks is answered in a future, what it is asked it takes with 200."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        # Asterisk remembers subscriptions over a restart: no Call-ID may come twice
        self._serial = itertools.count(time.time_ns())
        self._waiting: dict[str, asyncio.Future[str]] = {}

    async def open(self) -> None:
        """Take the address."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.host, self.port)
        )

    def close(self) -> None:
        """Let go of it."""
        self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        message = data.decode(errors="replace")
        first, call = message.partition("\r\n")[0], _header(message, "Call-ID")
        if first.startswith("SIP/2.0 "):
            waiting = self._waiting.get(f"{call} {_header(message, 'CSeq')}")
            if waiting is not None and not waiting.done() and not first.startswith("SIP/2.0 1"):
                waiting.set_result(message)
        elif not first.startswith("ACK "):
            self._transport.sendto(self._taken(message, first).encode(), addr)

    def _taken(self, message: str, first: str) -> str:
        """200 to a request; to an INVITE with our side of the sound."""
        copied = [
            line
            for line in message.partition("\r\n\r\n")[0].split("\r\n")[1:]
            if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq", "Record-Route")
        ]
        to = _header(message, "To")
        body = SDP.format(at=self.host) if first.startswith("INVITE ") else ""
        return "\r\n".join(
            [
                "SIP/2.0 200 OK",
                *copied,
                f"To: {to}" + ("" if ";tag=" in to else ";tag=taken"),
                f"Contact: <sip:{self.host}:{self.port}>",
                *(["Content-Type: application/sdp"] if body else []),
                f"Content-Length: {len(body)}",
                "",
                body,
            ]
        )

    async def ask(
        self,
        method: str,
        uri: str,
        user: str,
        call: str,
        headers: Mapping[str, str],
        body: str = "",
    ) -> str:
        """Send a request and return its last answer. Raises TimeoutError."""
        number = next(self._serial) % 2**31
        at = f"{self.host}:{self.port}"
        lines = {
            "Via": f"SIP/2.0/UDP {at};branch=z9hG4bK{number}-{self.port}",
            "From": f"<sip:{user}@127.0.0.1>;tag={user.strip('+')}",
            "To": f"<{uri}>",
            "Call-ID": call,
            "CSeq": f"{number} {method}",
            "Contact": f"<sip:{user}@{at}>",
            "Max-Forwards": "70",
            **headers,
            "Content-Length": str(len(body)),
        }
        text = "\r\n".join(
            [f"{method} {uri} SIP/2.0", *(f"{key}: {one}" for key, one in lines.items()), "", body]
        )
        if method == "ACK":
            self._transport.sendto(text.encode(), CENTER)
            return ""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[f"{call} {number} {method}"] = answer
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not answer.done():  # a packet may be lost, as on any network
                    self._transport.sendto(text.encode(), CENTER)
                    await asyncio.wait({answer}, timeout=AGAIN_SECONDS)
            return answer.result()
        finally:
            del self._waiting[f"{call} {number} {method}"]

    async def signed(
        self, method: str, uri: str, user: str, secret: str, headers: Mapping[str, str]
    ) -> None:
        """A request with its digest. Raises AssertionError unless it is taken."""
        call = f"{method}-{user}-{next(self._serial)}"
        to = {**headers, "To": f"<sip:{user}@127.0.0.1>"} if method == "REGISTER" else headers
        asked = await self.ask(method, uri, user, call, to)
        challenge = dict(CHALLENGE.findall(_header(asked, "WWW-Authenticate")))
        digest = _digest(challenge, method, uri, user, secret)
        answer = await self.ask(method, uri, user, call, {**to, "Authorization": digest})
        assert answer.startswith("SIP/2.0 2"), answer

    async def call(self, number: str, user: str) -> float:
        """The seconds from INVITE to answer of one call, which then ends."""
        uri, call = f"sip:{number}@127.0.0.1", f"call-{next(self._serial)}"
        headers = {"Content-Type": "application/sdp"}
        began = time.perf_counter()
        answer = await self.ask("INVITE", uri, user, call, headers, SDP.format(at=self.host))
        seconds = time.perf_counter() - began
        assert answer.startswith("SIP/2.0 200"), answer
        to = {"To": _header(answer, "To")}
        invite = _header(answer, "CSeq").split()[0]
        await self.ask("ACK", uri, user, call, {**to, "CSeq": f"{invite} ACK"})
        await self.ask("BYE", uri, user, call, to)
        return seconds


def _header(message: str, name: str) -> str:
    for line in message.split("\r\n"):
        if line.lower().startswith(f"{name.lower()}:"):
            return line.partition(":")[2].strip()
    return ""


def _digest(challenge: Mapping[str, str], method: str, uri: str, user: str, secret: str) -> str:
    realm, nonce = challenge["realm"], challenge["nonce"]
    whole = ":".join(
        [
            _md5(f"{user}:{realm}:{secret}"),
            nonce,
            "00000001",
            "bench",
            "auth",
            _md5(f"{method}:{uri}"),
        ]
    )
    opaque = f', opaque="{challenge["opaque"]}"' if "opaque" in challenge else ""
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{_md5(whole)}", algorithm=MD5, qop=auth, nc=00000001, cnonce="bench"{opaque}'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
