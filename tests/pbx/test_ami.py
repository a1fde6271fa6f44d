"""The line to a real Asterisk, also through a proxy that spoils it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from switchboard.pbx.ami import RESYNC, Ami, AmiAway, AmiRefused, AmiTimeout, Event
from tests.pbx.proxy import Proxy
from tests.pbx.tiny import USER, Tiny, free_port

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def ami(tiny: Tiny) -> AsyncIterator[Ami]:
    async with tiny.ami() as ami:
        yield ami


async def until(holds: Callable[[], bool], within_seconds: float) -> None:
    async with asyncio.timeout(within_seconds):
        while not holds():  # noqa: ASYNC110 - what we wait for sets no event
            await asyncio.sleep(0.02)


async def test_an_action_with_one_answer_is_answered(ami: Ami) -> None:
    answer = await ami.ask("QueueAdd", Queue="sales", Interface="PJSIP/201")
    assert answer["Message"] == "Added interface to queue"


async def test_a_list_is_its_events_and_nothing_else(ami: Ami) -> None:
    answers = await ami.action("QueueStatus")
    assert sorted((event.name, event["Queue"]) for event in answers) == [
        ("QueueParams", "sales"),
        ("QueueParams", "support"),
    ]


async def test_all_lines_of_a_command_come_back(ami: Ami) -> None:
    answer = await ami.ask("Command", Command="queue show")
    assert answer["Output"].count(" has 0 calls ") == 2


async def test_a_refusal_says_why_for_answers_and_for_lists(ami: Ami) -> None:
    with pytest.raises(AmiRefused, match="No such queue"):
        await ami.ask("QueueAdd", Queue="nowhere", Interface="PJSIP/201")
    with pytest.raises(AmiRefused, match="No Contacts found"):
        await ami.action("PJSIPShowContacts")
    with pytest.raises(AmiRefused, match="No such command 'nonsense'"):
        await ami.ask("Command", Command="nonsense")
    with pytest.raises(AmiRefused, match="line too long"):
        await ami.ask("DBPut", Family="f", Key="k", Val="x" * 2000)


async def test_a_control_character_in_a_value_is_never_sent(ami: Ami) -> None:
    for ending in ("\r\nAction: x", "\n", "\0", "\x1b", "\x85", "\udc80"):
        with pytest.raises(ValueError, match="control character"):
            await ami.ask("DBPut", Family="f", Key="k", Val=f"a{ending}")
    with pytest.raises(AmiRefused, match="not found"):
        await ami.ask("DBGet", Family="f", Key="k")


async def test_a_wrong_secret_is_told_and_not_tried_again(tiny: Tiny, proxy: Proxy) -> None:
    with pytest.raises(AmiRefused, match=rf"'{USER}'.*Authentication failed"):
        async with Ami("127.0.0.1", proxy.port, USER, "wrong"):
            pass
    await asyncio.sleep(0.7)
    assert proxy.connections == 1


async def test_a_secret_that_was_changed_is_told_when_the_line_comes_back(
    tiny: Tiny, proxy: Proxy
) -> None:
    async with tiny.ami(proxy.port) as ami:
        tiny.write("manager.conf", secret="another-secret")
        await tiny.process.cli("manager reload")
        proxy.cut()
        await until(lambda: "refused" in ami.away, within_seconds=5)
        with pytest.raises(AmiAway, match="Authentication failed"):
            await ami.ask("Ping")


async def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(AmiAway, match="does not answer"):
        async with Ami("127.0.0.1", free_port(), "nobody", "nothing"):
            pass


async def test_no_answer_is_a_timeout_and_the_late_one_harms_nobody(
    tiny: Tiny, proxy: Proxy
) -> None:
    async with tiny.ami(proxy.port, answer_seconds=0.4, ping_seconds=60) as ami:
        proxy.swallows_answers = True
        with pytest.raises(AmiTimeout, match=r"QueueStatus within 0\.4 seconds"):
            await ami.action("QueueStatus")
        proxy.swallows_answers = False
        assert len(await ami.action("QueueStatus", Queue="sales")) == 1


async def test_an_action_whose_answer_was_lost_is_not_run_again(tiny: Tiny, proxy: Proxy) -> None:
    """panoramisk sends it again after it connected again."""
    async with tiny.ami() as witness, tiny.ami(proxy.port, answer_seconds=5.0) as ami:
        seen = collect(witness, "UserEvent")
        proxy.swallows_answers = True
        asked = asyncio.create_task(ami.ask("UserEvent", UserEvent="once"))
        await until(lambda: len(seen) == 1, within_seconds=2)
        proxy.swallows_answers = False
        proxy.cut()
        with pytest.raises(AmiAway, match="lost before UserEvent was answered"):
            await asked
        await until(lambda: proxy.connections == 2 and not ami.away, within_seconds=5)
        await ami.ask("UserEvent", UserEvent="after")
        await until(lambda: seen[-1]["UserEvent"] == "after", within_seconds=2)
        assert [event["UserEvent"] for event in seen] == ["once", "after"]


async def test_an_action_that_never_arrived_is_not_sent_later(tiny: Tiny, proxy: Proxy) -> None:
    async with tiny.ami() as witness, tiny.ami(proxy.port, answer_seconds=0.3) as ami:
        seen = collect(witness, "UserEvent")
        proxy.swallows_questions = True
        with pytest.raises(AmiTimeout):
            await ami.ask("UserEvent", UserEvent="never")
        await until(lambda: bool(ami.away), within_seconds=3)
        with pytest.raises(AmiAway):
            await ami.ask("UserEvent", UserEvent="away")
        proxy.swallows_questions = False
        await until(lambda: not ami.away, within_seconds=3)
        await ami.ask("UserEvent", UserEvent="after")
        await until(lambda: bool(seen), within_seconds=2)
        assert [event["UserEvent"] for event in seen] == ["after"]


async def test_a_peer_that_went_silent_is_noticed_and_left(tiny: Tiny, proxy: Proxy) -> None:
    async with tiny.ami(proxy.port, answer_seconds=0.5, ping_seconds=0.2) as ami:
        proxy.swallows_questions = proxy.swallows_answers = True
        await until(lambda: bool(ami.away), within_seconds=2)
        proxy.swallows_questions = proxy.swallows_answers = False
        await until(lambda: not ami.away, within_seconds=3)
        assert (await ami.ask("Ping"))["Ping"] == "Pong"


async def test_the_line_is_back_soon_after_asterisk_was_killed(tiny: Tiny, ami: Ami) -> None:
    events = ami.events()
    assert await anext(events) == RESYNC
    await tiny.restart()
    await until(lambda: not ami.away, within_seconds=5)
    async with asyncio.timeout(2):
        while await anext(events) != RESYNC:
            pass
    assert len(await ami.action("QueueStatus")) == 2


async def test_letters_survive_any_split(tiny: Tiny, proxy: Proxy) -> None:
    proxy.piece = 1
    async with tiny.ami(proxy.port) as ami:
        await ami.ask("DBPut", Family="names", Key="anna", Val="Анна ☎ สมชาย")
        [found] = await ami.action("DBGet", Family="names", Key="anna")
        assert found["Val"] == "Анна ☎ สมชาย"


async def test_events_come_in_their_order(ami: Ami) -> None:
    seen = collect(ami, "UserEvent")
    await asyncio.sleep(0)
    for number in range(200):
        await ami.ask("UserEvent", UserEvent=f"number {number}")
    await until(lambda: len(seen) == 200, within_seconds=2)
    assert [event["UserEvent"] for event in seen] == [f"number {n}" for n in range(200)]


async def test_a_slow_listener_is_told_what_it_missed_and_holds_nobody_up(tiny: Tiny) -> None:
    async with tiny.ami(backlog=10) as ami:
        slow = ami.events()
        assert await anext(slow) == RESYNC
        for number in range(25):
            await ami.ask("UserEvent", UserEvent=f"number {number}")
        told: list[Event] = []
        async with asyncio.timeout(2):
            while not told or told[-1]["UserEvent"] != "number 24":
                told.append(await anext(slow))
        assert told[0] == RESYNC
        assert len(told) <= 10


async def test_a_listener_that_fails_does_not_cut_the_line(ami: Ami) -> None:
    async def fails() -> None:
        async for event in ami.events():
            raise LookupError(event.name)

    with pytest.raises(LookupError):
        await fails()
    assert (await ami.ask("Ping"))["Ping"] == "Pong"


async def test_closing_ends_what_waits_for_an_answer(tiny: Tiny, proxy: Proxy) -> None:
    async with tiny.ami(proxy.port, answer_seconds=60) as ami:
        proxy.swallows_questions = True
        asked = asyncio.create_task(ami.ask("Ping"))
        await asyncio.sleep(0.1)
    started = time.monotonic()
    with pytest.raises(AmiAway):
        await asked
    assert time.monotonic() - started < 1


def collect(ami: Ami, name: str) -> list[Event]:
    """The list to which events of this name are added from now on."""
    seen: list[Event] = []

    async def listen() -> None:
        async for event in ami.events():
            if event.name == name:
                seen.append(event)

    listening = asyncio.create_task(listen())
    _LISTENING.add(listening)
    listening.add_done_callback(_LISTENING.discard)
    return seen


_LISTENING: set[asyncio.Task[None]] = set()
