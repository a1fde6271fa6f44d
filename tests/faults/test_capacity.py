"""More calls than the machine carries: refused early, told, and nobody who talks notices."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from center.capacity import descriptors_for, fax_ports, most_calls
from switchboard.section import Listen
from switchboard.yamltext import Text
from tests.centers import write_center
from tests.journeys.center import Center, they_hear_each_other
from tests.sip import sipp
from tests.sip.bare import BarePhone
from tests.sip.sound import tone

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060", rtp: 20000-20031}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000001": {menu: main}, "+74950000002": {extension: "201"}}
extensions: {"201": {}, "202": {}}
"""
MENU = """\
prompt: {say: "Please wait while nothing happens at all, for a good long time."}
wait_seconds: 5
tries: 3
otherwise: {goodbye: {say: Goodbye.}}
"""
CARRIED = 4  # what 25 ports carry, with two calls for help in reserve


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_center(tmp_path_factory.mktemp("capacity"), CENTER, {"main": MENU})


def test_the_cap_follows_from_ports_and_descriptors() -> None:
    small, usual = Listen(rtp=Text("20000-20031")), Listen()
    assert fax_ports(small) == (20025, 20031)
    assert most_calls(small, 10**6) == CARRIED
    assert most_calls(usual, 10**6) == 198
    assert most_calls(usual, 1024) == descriptors_for(1024) == 32
    assert most_calls(Listen(max_calls=7), 1024) == 7


@pytest.mark.asterisk
@pytest.mark.faults
@pytest.mark.long
async def test_without_a_port_left_a_call_is_refused_and_those_before_have_sound(
    center: Center,
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    calls = [await center.call("+74950000002")]
    talk = await (await anna.rings()).answer()
    calls += [await center.call("+74950000001") for _ in range(CARRIED - 1)]
    for call in calls[1:]:
        assert await call.hears("en/main-long")
    refused = [await center.call("+74950000001"), await boris.dial("201")]
    assert [(await call.ended()).code for call in refused] == [503, 503]
    await they_hear_each_other(calls[0], talk)
    await is_told(center, "lines")
    await calls[1].hangup()
    assert await (await center.call("+74950000001")).hears("en/main-long")


@pytest.mark.asterisk
@pytest.mark.faults
@pytest.mark.long
async def test_three_times_as_many_calls_for_a_while_leave_those_in_progress_alone(
    center: Center,
) -> None:
    anna = await center.phone("201")
    caller = await center.call("+74950000002")
    talk = await (await anna.rings()).answer()
    fields = {"to": "+74950000001", "key": sipp.key("1"), "press_after_ms": "200", "stay_ms": "800"}
    storm = asyncio.create_task(
        sipp.run(
            "call",
            at="127.0.0.1:5060",
            calls=3 * CARRIED * 20,
            per_second=3 * CARRIED,
            within=60,
            fields=fields,
        )
    )
    for _ in range(4):
        await asyncio.gather(caller.say(tone(500, 4)), talk.say(tone(700, 4)))
    counts = await storm
    assert counts.failed > counts.successful > 0 and "503" in counts.errors
    assert await caller.hears_tone(700, seconds=14) and await talk.hears_tone(500, seconds=14)
    assert not caller.is_over
    began = time.monotonic()
    assert await (await center.call("+74950000001")).hears("en/main-long")
    assert time.monotonic() - began < 10


@pytest.mark.asterisk
@pytest.mark.faults
@pytest.mark.long
async def test_a_call_whose_sound_does_not_come_in_is_told(center: Center) -> None:
    """F26: as behind a NAT; of the phone the caller is let go of, who hears so, after 20 s."""
    at = ("127.0.0.1", 5060)
    async with (
        BarePhone(at=at, user="201", secret=center.running.secrets["201"]) as anna,
        BarePhone(at=at, user="+79260000002", host="127.0.0.2") as mute,
    ):
        caller = await center.call("+74950000002")
        await anna.takes_call()
        await is_told(center, "sound:201")
        assert await caller.hears("en/connection-cut", within=30)
        assert "sound:carrier" not in await told(center)
        await mute.dial("+74950000001")
        await is_told(center, "sound:carrier")


async def told(center: Center) -> list[str]:
    _, listed = await center.running.switchboard("alarms", "--json")
    return [one["key"] for one in json.loads(listed)]


async def is_told(center: Center, alarm: str) -> None:
    deadline = time.monotonic() + 30
    while alarm not in await told(center):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.5)
