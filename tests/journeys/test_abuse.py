"""Guessing, floods, malformed messages: whoever sends them learns nothing, and harms nobody."""

import asyncio
import json
import re
import socket
import statistics
import time
from contextlib import suppress

import pytest

from tests.journeys.center import Center, they_hear_each_other
from tests.sip.bare import BarePhone
from tests.sip.torture import MESSAGES

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000001": {extension: "201"}}
extensions: {"201": {}, "202": {}, "205": {networks: [127.0.0.8/32]}}
"""
CENTER_AT = ("127.0.0.1", 5060)
REQUEST = """\
{method} sip:{to}@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP {address}:{port};branch=z9hG4bK-{call}
Max-Forwards: 70
From: <sip:{user}@127.0.0.1>;tag=abuse
To: <sip:{user}@127.0.0.1>
Call-ID: {call}
CSeq: 1 {method}
Contact: <sip:{user}@{address}:{port}>
Authorization: Digest username="{user}", realm="asterisk", nonce="{nonce}", uri="sip:x", \
response="00000000000000000000000000000000", algorithm=MD5
Content-Length: 0

"""


class Guesser:
    """A socket at an address that nobody knows; it asks as somebody and reads the answer."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.settimeout(2)
        self._count = 0

    def asks(self, method: str, user: str, nonce: str = "x") -> tuple[str, float]:
        """The answer's lines without what differs by itself, and the seconds that it took."""
        address, port = self._socket.getsockname()
        self._count += 1
        request = REQUEST.format(
            method=method,
            to=user,
            user=user,
            address=address,
            port=port,
            call=f"{user}-{self._count}-{port}",
            nonce=nonce,
        )
        began = time.perf_counter()
        self._socket.sendto(request.replace("\n", "\r\n").encode(), CENTER_AT)
        answer = self._socket.recv(65536).decode()
        seconds = time.perf_counter() - began
        told = re.sub(r'nonce="[^"]*"|opaque="[^"]*"|tag=[\w.-]+|\d{4,}', "", answer)
        return told.replace(user, "USER"), seconds

    def __enter__(self) -> "Guesser":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def test_known_and_unknown_users_get_the_same_answer_in_the_same_time(center: Center) -> None:
    """205 is known, and may not sign in from there."""
    users = ("201", "205", "299")
    seconds: dict[str, list[float]] = {user: [] for user in users}
    for number in range(60):
        told = {}
        for user in users[number % 3 :] + users[: number % 3]:
            with Guesser(f"127.0.2.{number + 1}") as guesser:
                told[user], took = guesser.asks("REGISTER", user)
                seconds[user].append(took)
                told[user] += guesser.asks("INVITE", user)[0]
        assert told["201"] == told["205"] == told["299"]
        assert told["201"].startswith("SIP/2.0 401 Unauthorized")
    medians = [statistics.median(seconds[user]) for user in users]
    assert max(medians) < 2 * min(medians)


@pytest.mark.long
@pytest.mark.faults
async def test_a_secret_is_told_neither_right_nor_wrong_outside_its_networks(
    center: Center,
) -> None:
    for secret in (center.running.secrets["205"], "Kx7-not-the-one-92jd"):
        with pytest.raises(AssertionError, match="401 Unauthorized"):
            async with BarePhone(at=CENTER_AT, user="205", secret=secret):
                pass
    assert "205/sip:" not in await center.cli("pjsip show contacts")


@pytest.mark.long
@pytest.mark.faults
async def test_an_address_that_guesses_is_banned_and_told_and_others_call_as_before(
    center: Center,
) -> None:
    with Guesser("127.0.0.3") as guesser:
        for number in range(12):
            await asyncio.to_thread(guesser.asks, "REGISTER", str(200 + number))
        deadline = time.monotonic() + 5
        while "403" not in (await asyncio.to_thread(guesser.asks, "REGISTER", "201"))[0]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        anna, boris = await center.phone("201"), await center.phone("202")
        call = await boris.dial("201")
        await they_hear_each_other(call, await (await anna.rings()).answer())
        deadline = time.monotonic() + 10
        while "abuse:127.0.0.3" not in [
            one["key"]
            for one in json.loads((await center.running.switchboard("alarms", "--json"))[1])
        ]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.5)
    outside = await center.call("+74950000001")
    await they_hear_each_other(outside, await (await anna.rings()).answer())


@pytest.mark.long
@pytest.mark.faults
async def test_after_each_malformed_message_a_valid_call_works(center: Center) -> None:
    asterisk = center.running.asterisk
    with socket.socket(type=socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.2", 0))  # a carrier's: its messages get furthest
        for message in MESSAGES.values():
            line.sendto(message, CENTER_AT)
            await asyncio.sleep(0.02)
    for message in MESSAGES.values():
        await asyncio.to_thread(over_tcp, message)
    assert center.running.asterisk == asterisk, center.running.told()
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await boris.dial("201")
    await they_hear_each_other(call, await (await anna.rings()).answer())


def over_tcp(message: bytes) -> None:
    """From an address of its own: it may be banned for what it sends."""
    source = ("127.0.0.5", 0)
    with (
        suppress(OSError),  # it was hung up on before
        socket.create_connection(CENTER_AT, 2, source_address=source) as line,
    ):
        line.sendall(message)
