"""A center is changed while calls are up: whole or not at all, and nobody notices."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.centers import EXAMPLE
from tests.journeys.center import Center, they_hear_each_other
from tests.sip.fixtures import OpenPhone
from tests.sip.phone import Phone, PhoneError

pytestmark = pytest.mark.asterisk

MAIN, SALES = "+74950000001", "+74950000003"
KEY_1, KEY_1_TO_SUPPORT = "1: {department: sales}", "1: {department: support}"
APPLIED_WITHIN_SECONDS = 8.0  # 2 on an idle machine; tests run side by side

Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("apply") / "center"
    shutil.copytree(EXAMPLE, directory)
    return directory


@pytest.fixture
def edit(center_directory: Path) -> Iterator[Edit]:
    """Replaces text of a file of the center, for the length of a test."""
    before = {path: path.read_bytes() for path in center_directory.glob("**/*.yaml")}

    def replace(name: str, old: str, new: str) -> None:
        path = center_directory / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    yield replace
    for path, content in before.items():
        path.write_bytes(content)


@pytest.fixture(autouse=True)
async def applied(center: Center) -> None:
    """Each test begins with the files as they are."""
    await apply(center)


async def apply(center: Center) -> dict[str, Any]:
    """What `switchboard apply --json` says."""
    code, printed = await center.running.switchboard("apply", "--json")
    assert code == 0, printed
    done: dict[str, Any] = json.loads(printed[printed.index("{") :])  # warnings stand before it
    return done


async def knows(center: Center, version: int | None) -> bool:
    """Whether Asterisk has the menus of a version."""
    shown = await center.cli(f"dialplan show menu-main-v{version}")
    return "There is no existence" not in shown


async def test_a_broken_center_is_refused_whole_and_the_old_one_goes_on(
    center: Center, edit: Edit
) -> None:
    before = center.running.state.applied()
    edit("menus/main.yaml", KEY_1, KEY_1_TO_SUPPORT)
    edit("menus/main.yaml", "2: {menu: support}", "2: {menu: suport}")
    code, printed = await center.running.switchboard("apply")
    assert code == 1
    assert "menus/main.yaml:9:13: error" in printed
    assert center.running.state.applied() == before
    anna, call = await center.phone("201"), await center.call(MAIN)
    assert await call.hears("ru/main-long")
    await call.press("1")
    await anna.rings()


async def test_a_changed_key_is_applied_at_once_and_no_call_is_touched(
    center: Center, edit: Edit
) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    talking = await center.call(SALES)
    answered = await (await anna.rings()).answer()
    waiting = await center.call(SALES)
    await waiting.answered()
    in_menu = await center.call(MAIN)
    assert await in_menu.hears("ru/main-long")
    edit("menus/main.yaml", KEY_1, KEY_1_TO_SUPPORT)
    began = time.monotonic()
    done = await apply(center)
    print(f"applied in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < APPLIED_WITHIN_SECONDS
    assert done["changed"] and done["running"]
    new = await center.call(MAIN)
    assert await new.hears("ru/main-long")
    await new.press("1")
    await chai.rings()
    await they_hear_each_other(talking, answered)
    assert not waiting.is_over and not in_menu.is_over


async def test_a_call_ends_on_the_version_it_began_with(center: Center, edit: Edit) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    call = await center.call(MAIN)
    assert await call.hears("ru/main-long")
    began_with = center.running.state.applied()
    edit("menus/main.yaml", KEY_1, KEY_1_TO_SUPPORT)
    edit("menus/main.yaml", "Здравствуйте! Это", "Добрый день, это")
    await apply(center)
    await apply(center)  # nothing is new: and still nothing of the old version goes
    await call.press("*")
    assert await call.hears("ru/main-long")
    await call.press("1")
    await (await anna.rings()).answer()
    assert chai.is_quiet
    assert await knows(center, began_with)
    await call.hangup()
    await center.running.becomes_quiet()
    edit("menus/main.yaml", "2: {menu: support}", "2: {department: support}")
    await apply(center)
    edit("menus/main.yaml", "7: {voicemail: sales}", "7: {menu: support}")
    await apply(center)
    assert not await knows(center, began_with)
    sounds = center.running.state.sounds / "ru" / "sb"
    assert len(list(sounds.glob("main-long-*.wav"))) == 1


async def test_nothing_changed_reloads_nothing(center: Center) -> None:
    before = center.running.state.applied()
    known = await center.cli("dialplan show globals")
    done = await apply(center)
    assert (done["number"], done["changed"]) == (before, False)
    code, printed = await center.running.switchboard("apply")
    assert code == 0
    assert f"nothing has changed since version {before}" in printed
    assert await center.cli("dialplan show globals") == known


DORA: dict[str, Any] = {"register": "204", "secret": "Wx7-dora-19kf", "at": "127.0.0.1:5060"}


async def test_a_new_extension_registers_at_once_and_a_removed_one_no_more(
    center: Center, open_phone: OpenPhone, edit: Edit
) -> None:
    was = (center.running.directory / "center.yaml").read_text()
    edit("center.yaml", '"203": {name', '"204": {secret: Wx7-dora-19kf}\n  "203": {name')
    await apply(center)
    async with Phone(**DORA) as dora:
        anna = await center.phone("201")
        await (await anna.dial("204")).rings()
        await dora.rings()
    (center.running.directory / "center.yaml").write_text(was)
    await apply(center)
    with pytest.raises(PhoneError, match=r"40[13]"):
        await open_phone(**DORA)
    assert await (await anna.dial("204")).hears("ru/no-such-number")


async def test_who_waits_in_a_department_that_is_removed_is_still_served(
    center: Center, edit: Edit
) -> None:
    was = (center.running.directory / "center.yaml").read_text()
    extra = 'extra: {extension: "503", members: ["201"], otherwise: {voicemail: sales}}'
    edit("center.yaml", "departments:\n", f"departments:\n  {extra}\n")
    await apply(center)
    anna, boris = await center.phone("201"), await center.phone("202")
    waiting = await boris.dial("503")
    ring = await anna.rings()
    (center.running.directory / "center.yaml").write_text(was)
    await apply(center)
    await they_hear_each_other(waiting, await ring.answer())
    await waiting.hangup()
    assert await (await boris.dial("503")).hears("ru/no-such-number")


async def test_a_member_added_is_signed_in_and_who_signed_out_stays_out(
    center: Center, edit: Edit
) -> None:
    anna = await center.phone("201")
    call = await anna.dial("*45")
    assert await call.hears("ru/signed-out")
    edit("center.yaml", 'members: ["203"]', 'members: ["203", "202"]')
    await apply(center)
    assert "PJSIP/202" in await center.cli("queue show support")
    assert "PJSIP/201" not in await center.cli("queue show")
    call = await anna.dial("*45")
    assert await call.hears("ru/signed-in")


@pytest.mark.long
async def test_who_may_have_a_second_phone_from_now_on_stays_out_or_paused(
    center: Center, edit: Edit
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    assert await (await anna.dial("*45")).hears("ru/signed-out")
    assert await (await boris.dial("*461")).hears("ru/paused")
    for name in ("Boris Petrov", "Anna Ivanova"):
        edit("center.yaml", f"{{name: {name},", f"{{name: {name}, max_contacts: 2,")
    await apply(center)
    shown = await center.cli("queue show sales")
    assert "(Local/202@member from PJSIP/202) with penalty 1" in shown
    assert "paused:lunch" in shown
    assert "201" not in shown
    assert await (await boris.dial("*46")).hears("ru/resumed")
    assert await (await anna.dial("*45")).hears("ru/signed-in")


@pytest.mark.long
@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_fifty_applies_drop_no_call_and_keep_who_is_out_and_who_pauses(
    center: Center, edit: Edit
) -> None:
    """F21 and F22: every other apply changes queues too, and new calls arrive all the time."""
    anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
    assert await (await chai.dial("*45")).hears("ru/signed-out")
    assert await (await boris.dial("*461")).hears("ru/paused")
    talking = await center.call(SALES)
    answered = await (await anna.rings()).answer()
    waiting, in_menu = await center.call(SALES), await center.call(MAIN)
    await waiting.answered()
    line = await center.caller()
    calm, hasty = ("ring_seconds: 15", "tries: 3"), ("ring_seconds: 14", "tries: 2")
    for turn in range(25):
        for old, new in ((calm, hasty), (hasty, calm)):
            edit("center.yaml", old[0], new[0])
            edit("menus/main.yaml", old[1], new[1])
            assert (await apply(center))["changed"]
        call = await line.dial(MAIN)
        assert await call.hears("ru/main-long"), turn
        await call.hangup()
    await they_hear_each_other(talking, answered)
    assert not waiting.is_over
    shown = await center.cli("queue show")
    assert "paused:lunch" in shown
    assert "PJSIP/203" not in shown
    assert len(center.running.state.numbers()) < 6
    await in_menu.hangup()
    assert await (await chai.dial("*45")).hears("ru/signed-in")
    assert await (await boris.dial("*46")).hears("ru/resumed")


async def test_an_address_that_moves_needs_a_restart_and_is_told(
    center: Center, edit: Edit
) -> None:
    edit("center.yaml", "sip: 127.0.0.1:5060", "sip: 127.0.0.1:5070")
    edit("center.yaml", "ami: 127.0.0.1:5038", "ami: 127.0.0.1:5039")
    done = await apply(center)
    assert {"listen.sip", "listen.ami"} <= set(done["restart"])
    code, printed = await center.running.switchboard("status", "--json")
    assert code == 0, printed  # asked where it still listens
