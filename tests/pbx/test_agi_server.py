"""Who may come to the AGI port, what others suffer from it (nothing), and how a server ends."""

import asyncio
import logging
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress

import pytest

from switchboard.pbx.agi_call import AgiCall, AgiRequest
from switchboard.pbx.agi_server import AgiServer, Limits
from tests.pbx.agi_peer import HEADER, Peer, serving
from tests.pbx.tiny import free_port
from tests.until import until


async def talk(call: AgiCall) -> None:
    """Ask until the caller hangs up."""
    while await call.get_variable("MORE"):
        pass


@pytest.fixture
def requests() -> list[AgiRequest]:
    return []


@pytest.fixture
async def port(requests: list[AgiRequest]) -> AsyncIterator[int]:
    """A server that notes the calls it was asked for."""

    async def note(call: AgiCall) -> None:
        requests.append(call.request)

    async with serving(note, header_seconds=60) as port:
        yield port


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 4096)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def exchange(peer: Peer) -> float:
    """One command of `talk` and its answer; the seconds until the next command."""
    before = time.monotonic()
    peer.says(b"200 result=1 (yes)\n")
    assert await peer.hears() == b'GET VARIABLE "MORE"\n'
    return time.monotonic() - before


async def test_a_request_says_which_call_it_is(port: int, requests: list[AgiRequest]) -> None:
    async with Peer(port) as peer:
        peer.says(HEADER)
        assert await peer.is_closed()
    assert requests == [
        AgiRequest(
            route="ivr",
            args=("one", "two words"),
            uniqueid="1795305552.0",
            channel="PJSIP/trunk-00000000",
            language="ru",
            context="ivr",
            extension="s",
            number="+79161112233",
            name="Anna",
            dnid="",
        )
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (b"1: one||two", ["one", "", "two"]),
        (b"1: one|two", None),
        (b"1: one\nagi_arg_2: \nagi_arg_3: two", None),
    ],
)
async def test_words_of_another_dialplan_are_refused(
    arguments: bytes, words: list[str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[list[str]] = []

    async def take(call: AgiCall) -> None:
        taken.append(call.request.words(3))

    async with serving(take) as port, Peer(port) as peer:
        peer.says(HEADER.replace(b"1: one\nagi_arg_2: two words", arguments))
        assert await peer.is_closed()
    assert taken == ([words] if words else [])
    assert ("its dialplan is of another Switchboard" in caplog.text) is (words is None)


async def test_a_header_split_at_any_byte_is_the_same_header(
    port: int, requests: list[AgiRequest]
) -> None:
    for at in range(1, len(HEADER)):
        async with Peer(port) as peer:
            peer.says(HEADER[:at])
            await asyncio.sleep(0)
            peer.says(HEADER[at:])
            assert await peer.is_closed()
    assert len(requests) == len(HEADER) - 1
    assert len(set(requests)) == 1


async def test_a_name_that_is_no_text_is_replaced_where_it_is_none(
    port: int, requests: list[AgiRequest]
) -> None:
    async with Peer(port) as peer:
        peer.says(HEADER.replace(b"Anna", b"An\xd0\xff\x1bna: b"))
        assert await peer.is_closed()
    assert [request.name for request in requests] == ["An��\x1bna: b"]


def with_name(name: bytes) -> bytes:
    return HEADER.replace(b"Anna", name)


REST = HEADER.partition(b"Anna\n")[2]
REFUSED = {
    "nothing": b"",
    "an empty line": b"\n",
    "the end at once": b"\n\n",
    "HTTP": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "zeroes": b"\0" * 20_000,
    "no end": HEADER[:-1] + b"agi_arg_3: " + b"x" * 100_000,
    "too many headers": HEADER[:-1]
    + b"".join(b"agi_arg_%d: \n" % n for n in range(3, 500))
    + b"\n",
    "half a header": HEADER[:100],
    "no uniqueid": HEADER.replace(b"agi_uniqueid: 1795305552.0\n", b""),
    "no route": HEADER.replace(b"agi_network_script: ivr\n", b""),
    "a uniqueid with words": HEADER.replace(b"1795305552.0", b"1795305552.0 was here"),
    "another route": HEADER.replace(b"_script: ivr", b"_script: ivr?x=1"),
    "a name with a line": with_name(b"A\nB"),
    "a name with a header that comes later": with_name(b"A\nagi_context: inside"),
    "a name with a header that came": with_name(b"A\nagi_network_script: inside"),
    "a name with an argument": with_name(b"A\nagi_arg_3: inside"),
    "a name with the last header": with_name(b"A\nagi_threadid: 1\nagi_arg_1: inside"),
    "a name with a whole request": with_name(b"A\n" + REST + b"200 result=1 (forged)"),
    "more than a request": HEADER + b"200 result=1 (forged)\n",
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED.keys())
async def test_what_asterisk_would_not_send_reaches_no_handler(
    port: int, requests: list[AgiRequest], sent: bytes
) -> None:
    async with Peer(port) as peer:
        peer.says(sent)
        if len(sent) < 200:
            peer.writer.write_eof()
        assert await peer.is_closed()
    assert requests == []


@pytest.mark.parametrize("sent", [b"G", b"agi_network: no", b"\n\n"])
async def test_garbage_is_closed_at_its_first_wrong_byte(port: int, sent: bytes) -> None:
    async with Peer(port) as peer:
        peer.says(sent)
        assert await peer.is_closed(within_seconds=1)


async def test_a_header_that_comes_slowly_is_not_waited_for() -> None:
    async def drip(peer: Peer) -> None:
        for byte in HEADER:
            peer.says(bytes([byte]))
            await asyncio.sleep(0.01)

    async with serving(talk, header_seconds=0.3) as port, Peer(port) as peer:
        before = time.monotonic()
        dripping = asyncio.create_task(drip(peer))
        assert await peer.is_closed()
        assert 0.25 < time.monotonic() - before < 1.5
        dripping.cancel()


async def test_a_thousand_idle_connections_disturb_no_call_and_are_closed_within_5_s(
    many_descriptors: None,
) -> None:
    """«connect-and-close, garbage, slow headers, 1,000 idle sockets on the AGI port: live calls
    unaffected; idle sockets closed within 5 s»"""
    async with serving(talk) as port, Peer(port) as live, AsyncExitStack() as idle:
        live.says(HEADER)
        await live.hears()
        began = time.monotonic()
        peers: list[Peer] = []
        slowest = 0.0
        for number in range(1000):
            peers.append(await idle.enter_async_context(Peer(port)))
            if number % 10 == 0:
                slowest = max(slowest, await exchange(live))
            if number % 100 == 99:
                async with Peer(port) as new:
                    new.says(HEADER)
                    assert await new.hears(1) == b'GET VARIABLE "MORE"\n'
        closed = asyncio.gather(*[peer.is_closed() for peer in peers])
        while not closed.done():
            slowest = max(slowest, await exchange(live))
            await asyncio.sleep(0.02)
        assert all(closed.result())
        assert time.monotonic() - began < 5
        assert slowest < 0.5


async def test_connections_that_come_and_go_disturb_no_call() -> None:
    async with serving(talk) as port, Peer(port) as live:
        live.says(HEADER)
        await live.hears()
        slowest = 0.0
        for sent in [b"", b"agi_", HEADER, b"\xff" * 100] * 100:
            async with Peer(port) as peer:
                peer.says(sent)
            slowest = max(slowest, await exchange(live))
        assert slowest < 0.5


async def test_the_oldest_idle_connection_gives_its_place_to_a_call() -> None:
    async with serving(talk, waiting=2) as port, Peer(port) as first, Peer(port) as second:
        await asyncio.sleep(0.05)
        async with Peer(port) as call:
            assert await first.is_closed()
            call.says(HEADER)
            assert await call.hears() == b'GET VARIABLE "MORE"\n'
            second.says(HEADER)
            assert await second.hears() == b'GET VARIABLE "MORE"\n'


async def test_of_many_that_come_at_once_only_the_newest_stay() -> None:
    async with serving(talk, waiting=2, header_seconds=60) as port, AsyncExitStack() as idle:
        peers = [Peer(port) for _ in range(20)]
        await asyncio.gather(*[idle.enter_async_context(peer) for peer in peers])
        closed = [asyncio.create_task(peer.is_closed(within_seconds=60)) for peer in peers]
        await until(lambda: sum(task.done() for task in closed) == 18, within_seconds=2)
        await asyncio.sleep(0.1)
        assert sum(task.done() for task in closed) == 18
        for task in closed:
            task.cancel()


async def test_one_call_too_many_is_closed_at_once_until_another_one_ends() -> None:
    async with serving(talk, calls=1) as port:
        async with Peer(port) as first, Peer(port) as second:
            first.says(HEADER)
            assert await first.hears()
            second.says(HEADER)
            assert await second.is_closed(within_seconds=1)
            await exchange(first)
            first.says(b"HANGUP\n")
            assert await first.is_closed()
        async with Peer(port) as third:
            third.says(HEADER)
            assert await third.hears()


async def test_servers_that_share_a_port_are_dealt_calls_and_stand_in_for_each_other() -> None:
    took: list[str] = []

    def server(name: str) -> AgiServer:
        async def note(call: AgiCall) -> None:
            took.append(name)

        return AgiServer({"ivr": note}, shares_port=True)

    async def call(number: int) -> None:
        async with Peer(number) as peer:
            peer.says(HEADER)
            assert await peer.is_closed(within_seconds=1)

    one, other = server("one"), server("other")
    shared = await one.start("127.0.0.1", 0)
    await other.start("127.0.0.1", shared)
    for _ in range(40):
        await call(shared)
    assert len(took) == 40 and set(took) == {"one", "other"}
    await one.close()
    for _ in range(10):
        await call(shared)
    assert took[40:] == ["other"] * 10
    await other.close()


async def test_a_handler_that_fails_ends_its_own_call_and_says_which(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(call: AgiCall) -> None:
        raise RuntimeError(f"no menu for {await call.get_variable('NAME')}")

    async with serving(fail) as port, Peer(port) as other, Peer(port) as peer:
        other.says(HEADER)
        await other.hears()
        peer.says(HEADER.replace(b"1795305552.0", b"1795305552.9"))
        await peer.hears()
        peer.says(b"200 result=1 (A\x1b[2J\rB)\n")
        assert await peer.is_closed()
        [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
        said = record.getMessage()
        assert "Call 1795305552.9: ivr failed: RuntimeError('no menu for A\\x1b[2J\\rB')" in said
        assert ", in fail\n" in said
        assert "\x1b" not in said
        other.says(b"HANGUP\n")
        assert await other.is_closed()


async def test_a_caller_who_hangs_up_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(talk) as port, Peer(port) as peer:
        peer.says(HEADER)
        await peer.hears()
        peer.says(b"HANGUP\nHANGUP\n")
        assert await peer.is_closed()
    [record] = caplog.records
    assert record.levelno == logging.INFO
    assert record.getMessage() == "Call 1795305552.0 ended: CallEnded('hung up')"


async def test_a_server_that_stops_lets_its_calls_end() -> None:
    server = AgiServer({"ivr": talk})
    port = await server.start("127.0.0.1", 0)
    async with Peer(port) as call, Peer(port) as idle:
        call.says(HEADER)
        await call.hears()
        closing = asyncio.create_task(server.close(drain_seconds=5))
        assert await idle.is_closed(within_seconds=1)
        with pytest.raises(ConnectionRefusedError):
            await Peer(port).__aenter__()
        await exchange(call)
        assert not closing.done()
        call.says(b"200 result=0\n")
        assert await call.is_closed(within_seconds=1)
        await asyncio.wait_for(closing, 1)


@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_that_comes_while_a_server_stops_is_not_left_open(turns: int) -> None:
    """However far the event loop has got with it."""
    server = AgiServer({"ivr": talk}, limits=Limits(header_seconds=60))
    port = await server.start("127.0.0.1", 0)
    with socket.create_connection(("127.0.0.1", port)) as peer:
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.close()
        peer.setblocking(False)
        async with asyncio.timeout(1):
            with suppress(ConnectionResetError):
                assert await asyncio.get_running_loop().sock_recv(peer, 1) == b""


async def test_a_call_that_does_not_end_in_time_is_left_to_the_dialplan() -> None:
    endings: list[str] = []

    async def notice(call: AgiCall) -> None:
        try:
            await call.get_variable("MORE")
        except asyncio.CancelledError:
            endings.append("cancelled")
            raise

    server = AgiServer({"ivr": notice})
    port = await server.start("127.0.0.1", 0)
    async with Peer(port) as call:
        call.says(HEADER)
        await call.hears()
        before = time.monotonic()
        await server.close(drain_seconds=0.2)
        assert 0.2 <= time.monotonic() - before < 1
        assert await call.is_closed()
    assert endings == ["cancelled"]


async def test_a_handler_that_will_not_stop_stops_nobody_else() -> None:
    endings: list[type[Exception]] = []

    async def insist(call: AgiCall) -> None:
        try:
            await call.get_variable("MORE")
        except asyncio.CancelledError:
            try:
                await call.get_variable("MORE")
            except Exception as error:
                endings.append(type(error))
            await asyncio.sleep(3)

    server = AgiServer({"ivr": insist})
    port = await server.start("127.0.0.1", 0)
    async with Peer(port) as call:
        call.says(HEADER)
        await call.hears()
        before = time.monotonic()
        await server.close()
        assert time.monotonic() - before < 2
        assert await call.is_closed()
    assert len(endings) == 1


async def test_a_service_works_until_it_is_cancelled_and_a_second_time_ends_it_at_once() -> None:
    server = AgiServer({"ivr": talk})
    ready = asyncio.Event()
    port = free_port()
    service = asyncio.create_task(server.serve("127.0.0.1", port, ready.set, drain_seconds=60))
    await asyncio.wait_for(ready.wait(), 1)
    async with Peer(port) as call:
        call.says(HEADER)
        await call.hears()
        service.cancel()
        await exchange(call)
        assert not service.done()
        service.cancel()
        assert await call.is_closed(within_seconds=1)
        await until(service.done, within_seconds=2)
    assert service.cancelled()
