"""A carrier's line that sends what no telephone would: numbers and names byte by byte."""

import asyncio
import itertools
import socket
from typing import Self

from tests.pbx.tiny import TRUNK_ADDRESS

SERIAL = itertools.count(1)
SDP = (
    "v=0\r\no=- 1 1 IN IP4 {at}\r\ns=-\r\nc=IN IP4 {at}\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n"
)


class RawCall:
    """An async context: one INVITE, acknowledged; `status` is what it came to; then BYE.

    `user` stands in the From as it is, percent signs included; so does `name`, with its quotes.
    """

    def __init__(self, sip_port: int, called: str, user: str, name: str) -> None:
        self._port = sip_port
        self._called = f"sip:{called}@127.0.0.1:{sip_port}"
        self._from = f"{name} <sip:{user}@{TRUNK_ADDRESS}>;tag=raw"
        self._id = f"raw-{next(SERIAL)}"
        self._to = f"<{self._called}>"
        self.status = 0

    async def __aenter__(self) -> Self:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((TRUNK_ADDRESS, 0))
        await self._send("INVITE", 1, SDP.format(at=TRUNK_ADDRESS))
        async with asyncio.timeout(5):
            while self.status < 200:
                self._read(await asyncio.get_running_loop().sock_recv(self._socket, 65536))
        await self._send("ACK", 1)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.status == 200:
            await self._send("BYE", 2)
        self._socket.close()

    def _read(self, answer: bytes) -> None:
        lines = answer.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        [self._to] = [line[4:] for line in lines if line.startswith("To: ")]

    async def _send(self, method: str, number: int, body: str = "") -> None:
        host, port = self._socket.getsockname()
        branch = (
            f"z9hG4bK-{self._id}-{method if method != 'ACK' or self.status == 200 else 'INVITE'}"
        )
        lines = [
            f"{method} {self._called} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch={branch}",
            "Max-Forwards: 70",
            f"From: {self._from}",
            f"To: {self._to}",
            f"Call-ID: {self._id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:raw@{host}:{port}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        message = "\r\n".join([*lines, "", body])
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(self._socket, message.encode(), ("127.0.0.1", self._port))


async def register(sip_port: int, number: str, port: int) -> None:
    """The telephone `number` is now at 127.0.0.1:`port`, where nobody answers."""
    uri = f"sip:{number}@127.0.0.1"
    lines = [
        f"REGISTER sip:127.0.0.1:{sip_port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-register-{next(SERIAL)}",
        "Max-Forwards: 70",
        f"From: <{uri}>;tag=raw",
        f"To: <{uri}>",
        f"Call-ID: register-{number}",
        f"CSeq: {next(SERIAL)} REGISTER",
        f"Contact: <sip:{number}@127.0.0.1:{port}>",
        "Expires: 300",
        "Content-Length: 0",
    ]
    with socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.setblocking(False)
        phone.bind(("127.0.0.1", port))
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(
            phone, "\r\n".join([*lines, "", ""]).encode(), ("127.0.0.1", sip_port)
        )
        async with asyncio.timeout(5):
            assert (await loop.sock_recv(phone, 65536)).startswith(b"SIP/2.0 200")
