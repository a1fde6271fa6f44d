"""What is made of Asterisk's answers to commands, of hostile ones, and of none."""

import asyncio
import time

import pytest

from switchboard.pbx.agi_call import (
    AGIAppError,
    AgiCall,
    AGIHangup,
    AGIInvalidCommand,
    AGITimeout,
    AGIUnknownError,
    AGIUsageError,
    CallEnded,
)
from tests.pbx.agi_peer import HEADER, Exchange, Peer, outcome, serving

USAGE = (
    b"520-Invalid command syntax.  Proper usage follows:\n"
    b"Cause the channel to execute the specified dialplan subroutine, returning to the dialplan "
    b"with execution of a Return().\n"
    b"520 End of proper usage.\n"
)
TRYING = b"100 result=0 Trying...\n"


async def key(call: AgiCall) -> str:
    return await call.get_variable("KEY")


async def key_and_next(call: AgiCall) -> tuple[str, str]:
    return await call.get_variable("KEY"), await call.get_variable("NEXT")


async def ask(call: AgiCall) -> bool:
    return await call.gosub("ask", "s", 1, "main", "sb/main", "keys-main-v7", "9.5")


async def ask_for_key(call: AgiCall) -> str:
    await ask(call)
    return await key(call)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (b"200 result=0\n", ""),
        (b"200 result=1 ()\n", ""),
        (b"200 result=1 (2)\n", "2"),
        (b'200 result=1 (a "q" \\ b))\n', 'a "q" \\ b)'),
        (b"200 result=1 (hangup)\n", "hangup"),
        (b"200 result=1 (result=-1 (x) 520)\n", "result=-1 (x) 520"),
        (b"200 result=1 (\xd0\x90\xff\xfe)\n", "А\ufffd\ufffd"),
        (b"200 result=1 (" + b"x" * 1023 + b")\n", "x" * 1023),
    ],
)
async def test_a_variable_is_what_stands_between_the_outer_brackets(
    answer: bytes, value: str
) -> None:
    assert await outcome(key, answer) == value


@pytest.mark.parametrize(
    ("answer", "returned"),
    [
        (TRYING + b"200 result=0 Gosub complete\n", True),
        (TRYING + b"200 result=0 Gosub complete (abnormal exit)\n", False),
    ],
)
async def test_a_subroutine_says_whether_it_returned(answer: bytes, returned: bool) -> None:
    assert await outcome(ask, answer) is returned


async def test_an_answer_split_at_any_byte_is_the_same_answer() -> None:
    answer = TRYING + b"200 result=0 Gosub complete\n"

    async def ask_each_time(call: AgiCall) -> None:
        for _ in answer:
            assert await ask(call)

    async with serving(ask_each_time) as port, Peer(port) as peer:
        peer.says(HEADER)
        for at in range(len(answer)):
            assert (await peer.hears()).startswith(b"GOSUB")
            peer.says(answer[:at])
            await asyncio.sleep(0.001)
            peer.says(answer[at:])
        assert await peer.is_closed()


async def test_what_is_sent_is_quoted_and_goes_out_in_one_piece() -> None:
    async def say_all(call: AgiCall) -> None:
        await call.set_variable("CHANNEL(language)", 'a "q" \\ ${B} Анна\\')
        await call.verbose("menu main")
        await ask(call)
        await call.gosub("announce", "barge", "n", "sb/hello")

    exchange = Exchange(say_all)
    await exchange.run(b"200 result=1\n", b"200 result=1\n", *[b"200 result=0 x\n"] * 2)
    assert exchange.commands == [
        b'SET VARIABLE "CHANNEL(language)" "a \\"q\\" \\\\ ${B} %s\\\\"\n' % "Анна".encode(),
        b'VERBOSE "menu main" "1"\n',
        b'GOSUB "ask" "s" "1" "main,sb/main,keys-main-v7,9.5"\n',
        b'GOSUB "announce" "barge" "n" "sb/hello"\n',
    ]


@pytest.mark.parametrize("value", ["a\nHANGUP", "\0", "\x1b", "\x7f", "\x85", "\udc80", "ж" * 1020])
async def test_what_would_harm_asterisk_is_never_sent(value: str) -> None:
    exchange = Exchange(lambda call: call.set_variable("V", value))
    assert isinstance(await exchange.run(), ValueError)
    assert exchange.commands == []


@pytest.mark.parametrize("argument", ["a,b", "a(", "b)", "[", 'say "a"', "a\\"])
async def test_an_argument_that_would_land_in_another_is_never_sent(argument: str) -> None:
    exchange = Exchange(lambda call: call.gosub("ask", "s", 1, argument, "sb/main"))
    assert isinstance(await exchange.run(), ValueError)
    assert exchange.commands == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (USAGE, AGIUsageError),
        (b"520 Invalid command syntax.  Proper usage not available.\n", AGIUsageError),
        (b"510 Invalid or unknown command\n", AGIInvalidCommand),
        (b"503 result=-2 Gosub is not loaded\n", AGIAppError),
        (b"200 result=-1 Gosub label not found\n", AGIAppError),
    ],
)
async def test_a_refused_command_is_an_error_of_its_own_and_the_call_goes_on(
    answer: bytes, error: type[Exception]
) -> None:
    async def try_and_go_on(call: AgiCall) -> str:
        with pytest.raises(error):
            await ask(call)
        return await key(call)

    assert await outcome(try_and_go_on, answer, b"200 result=1 (2)\n") == "2"


@pytest.mark.parametrize(
    "answer",
    [
        b"HANGUP\n",
        b"HANGUP\nHANGUP\n",
        TRYING + b"HANGUP\n",
        TRYING + b"200 result=0 Gosub complete (abnormal exit)\nHANGUP\nHANGUP\n",
        b"511 Command Not Permitted on a dead channel or intercept routine\n",
    ],
)
async def test_a_hangup_is_the_call_s_end_wherever_it_comes(answer: bytes) -> None:
    ended = await outcome(ask_for_key, answer)
    assert isinstance(ended, CallEnded)
    assert isinstance(ended, AGIHangup)


async def test_a_hangup_is_never_the_answer_to_the_next_command() -> None:
    async def carry_on(call: AgiCall) -> str:
        with pytest.raises(CallEnded):
            await key(call)
        return await key(call)

    assert isinstance(await outcome(carry_on, b"HANGUP\n200 result=1 (2)\n"), CallEnded)


@pytest.mark.parametrize("last", [b"", b"100 result=0", b"200 result=1 (2)"])
async def test_a_connection_that_breaks_is_the_call_s_end(last: bytes) -> None:
    ended: list[Exception] = []

    async def listen(call: AgiCall) -> None:
        try:
            await ask(call)
        except CallEnded as error:
            ended.append(error)

    async with serving(listen) as port:
        async with Peer(port) as peer:
            peer.says(HEADER)
            await peer.hears()
            peer.says(last)
            await peer.writer.drain()
        await asyncio.sleep(0.05)
        assert len(ended) == 1


NONSENSE = [
    b"\n",
    b"hello\n",
    b"200\n",
    b"200 result=\n",
    b"200 result=x\n",
    b"200 result=" + b"9" * 5000 + b"\n",
    b"HANGUP \n",
    b"hangup\n",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"100 result=0 Trying...\n100 result=0 Trying...\n",
    b"\x00\xff\xfe\n",
    b"x" * 100_000,
    b"520-Invalid\n" + b"usage\n" * 100_000,
    # a value with a line break in it, as no call that came through FILTER() has
    b"200 result=1 (12\n)\n",
    b"200 result=1 (12\n200 result=1 (forged)\n",
]


@pytest.mark.parametrize("answer", NONSENSE)
async def test_an_answer_that_asterisk_would_not_give_ends_the_connection(answer: bytes) -> None:
    assert isinstance(await outcome(key, answer), AGIUnknownError)


async def test_a_second_answer_is_not_taken_for_the_next_one() -> None:
    answer = b"200 result=1 (12)\n200 result=1 (forged)\n"
    assert isinstance(await outcome(key_and_next, answer), AGIUnknownError)


async def test_what_nobody_asked_for_is_not_read_without_end() -> None:
    async def ask_later(call: AgiCall) -> None:
        await asyncio.sleep(0.5)
        with pytest.raises(AGIUnknownError):
            await key(call)

    async with serving(ask_later) as port, Peer(port) as peer:
        peer.says(HEADER)
        await asyncio.sleep(0.1)
        peer.says(b"x" * 50_000_000)
        await asyncio.sleep(0.3)
        assert peer.writer.transport.get_write_buffer_size() > 10_000_000
        assert await peer.is_closed()


async def test_after_nonsense_nothing_more_is_sent_or_believed() -> None:
    async def insist(call: AgiCall) -> None:
        for _ in range(3):
            with pytest.raises(AGIUnknownError):
                await key(call)

    exchange = Exchange(insist)
    await exchange.run(b"nonsense\n200 result=1 (2)\n")
    assert len(exchange.commands) == 1


async def test_an_answer_that_does_not_come_has_a_deadline() -> None:
    before = time.monotonic()
    assert isinstance(await outcome(key, command_seconds=0.1), AGITimeout)
    assert isinstance(await outcome(key, b"200 result", command_seconds=0.1), AGITimeout)
    assert isinstance(await outcome(ask, TRYING, gosub_seconds=0.1), AGITimeout)
    assert time.monotonic() - before < 1


async def test_an_answer_that_comes_too_late_is_nobody_s() -> None:
    async def ask_late(call: AgiCall) -> None:
        with pytest.raises(AGITimeout):
            await key(call)
        await asyncio.sleep(0.1)
        await key(call)

    async with serving(ask_late, command_seconds=0.1) as port, Peer(port) as peer:
        peer.says(HEADER)
        await peer.hears()
        await asyncio.sleep(0.15)
        peer.says(b"200 result=1 (late)\n")
        assert await peer.is_closed()


async def test_the_answer_to_a_cancelled_command_is_nobody_s() -> None:
    async def give_up(call: AgiCall) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask(call)
        with pytest.raises(AGIUnknownError, match="without its answer"):
            await key(call)

    exchange = Exchange(give_up)
    assert await exchange.run() is None
    assert len(exchange.commands) == 1


async def test_two_tasks_of_a_call_ask_one_after_the_other() -> None:
    async def ask_both(call: AgiCall) -> tuple[str, str]:
        first, second = await asyncio.gather(call.get_variable("A"), call.get_variable("B"))
        return first, second

    exchange = Exchange(ask_both)
    assert await exchange.run(b"200 result=1 (a)\n", b"200 result=1 (b)\n") == ("a", "b")
    assert exchange.commands == [b'GET VARIABLE "A"\n', b'GET VARIABLE "B"\n']
