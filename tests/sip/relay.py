"""Lends a phone an address of the loopback, and changes what it sends where baresip cannot.

baresip sends only from the address the kernel would choose, on the loopback always 127.0.0.1; a
center knows its trunk by the address that calls. So a phone sends to its relay, and the relay
passes each datagram on from the address the test asked for. Sound does not come this way.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Self

Address = tuple[str, int]

REFUSAL = "486 Busy Here"  # baresip's own


class Relay:
    """Two sockets: one before the phone, one before the center. Built with `open`."""

    def __init__(self, phone: Address, center: Address, change: Callable[[bytes], bytes]) -> None:
        self._phone, self._center, self._change = phone, center, change
        self._inner = _Side(self._from_phone)
        self._outer = _Side(self._from_center)

    @classmethod
    async def open(
        cls,
        *,
        listen: Address,
        phone: Address,
        center: Address,
        change: Callable[[bytes], bytes],
    ) -> Self:
        """`listen` is the address to lend (port 0: any); what the phone sends passes `change`."""
        relay = cls(phone, center, change)
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: relay._inner, local_addr=(phone[0], 0))
        await loop.create_datagram_endpoint(lambda: relay._outer, local_addr=listen)
        return relay

    @property
    def address(self) -> Address:
        """Where the phone sends what is meant for the center."""
        host, port = self._inner.transport.get_extra_info("sockname")
        return host, port

    @property
    def lent(self) -> Address:
        """The address that the center sees."""
        host, port = self._outer.transport.get_extra_info("sockname")
        return host, port

    def close(self) -> None:
        self._inner.transport.close()
        self._outer.transport.close()

    def _from_phone(self, datagram: bytes) -> None:
        self._outer.transport.sendto(self._change(datagram), self._center)

    def _from_center(self, datagram: bytes) -> None:
        self._inner.transport.sendto(datagram, self._phone)


class _Side(asyncio.DatagramProtocol):
    transport: asyncio.DatagramTransport

    def __init__(self, received: Callable[[bytes], None]) -> None:
        self._received = received

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._received(data)


def with_contact(message: bytes, phone: Address, lent: Address) -> bytes:
    """The same SIP message, asking to be answered and called at the address lent."""
    own, other = (f"@{host}:{port}".encode() for host, port in (phone, lent))
    return re.sub(rb"(?mi)^(contact:.*)" + re.escape(own), rb"\g<1>" + other, message)


def refused(message: bytes, answer: str) -> bytes:
    """The only refusal that baresip knows to send, turned into another, such as `603 Decline`."""
    status, separator, rest = message.partition(b"\r\n")
    if status != f"SIP/2.0 {REFUSAL}".encode():
        return message
    return f"SIP/2.0 {answer}".encode() + separator + rest


def without_telephone_events(message: bytes) -> bytes:
    """The same SIP message from a phone that knows no RFC 4733, so that only tones are left.

    baresip always offers telephone-event (payload 101), and Asterisk looks for tones in the sound
    only when nobody offered it.
    """
    head, separator, sdp = message.partition(b"\r\n\r\n")
    if b"telephone-event" not in sdp:
        return message
    sdp = re.sub(rb"(m=audio [^\r]*) 101\b", rb"\1", sdp)
    sdp = re.sub(rb"a=(rtpmap|fmtp):101 [^\r]*\r\n", b"", sdp)
    head = re.sub(rb"(?i)(content-length: *)\d+", rb"\g<1>%d" % len(sdp), head)
    return head + separator + sdp
