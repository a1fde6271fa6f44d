"""Calls that end in menus, announcements and mailboxes."""

import asyncio

import pytest

from tests.journeys.center import Center
from tests.journeys.recording.placing import (
    FAX,
    MAILBOX,
    MAIN,
    SALES,
    Keep,
    in_menu,
    speak_after_the_beep,
    taken,
    talk,
)

pytestmark = pytest.mark.asterisk


async def test_abandoned_in_menu(center: Center, keep: Keep) -> None:
    call = await in_menu(center, "2")
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_hung_up_at_once(center: Center, keep: Keep) -> None:
    await (await center.call(MAIN)).hangup()
    await keep()


async def test_goodbye_by_key(center: Center, keep: Keep) -> None:
    call = await in_menu(center, "8")
    await call.ended(within=10)
    await keep()


async def test_hangup_by_key(center: Center, keep: Keep) -> None:
    call = await in_menu(center, "9")
    await call.ended(within=10)
    await keep()


async def test_blocked(center: Center, keep: Keep) -> None:
    call = await center.call(MAIN, caller="+79000000001")
    await call.ended()
    await keep()


async def test_unknown_number(center: Center, keep: Keep) -> None:
    call = await center.call("+74959999999")
    await call.ended()
    await keep()


async def test_voicemail_kept(center: Center, keep: Keep) -> None:
    await speak_after_the_beep(await center.call(MAILBOX))
    await keep()


async def test_voicemail_without_a_word(center: Center, keep: Keep) -> None:
    call = await center.call(MAILBOX)
    assert await call.hears("en/beep", within=15)
    await call.hangup()
    await keep()


async def test_fax_line_called_by_a_person(center: Center, keep: Keep) -> None:
    call = await center.call(FAX)
    assert await call.hears_tone(2100, within=6)
    await call.hangup()
    await keep()


async def test_wrong_key_then_silence_then_sales(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await in_menu(center, "5")
    await keep(await talk(call, await taken(anna)))


async def test_extension_dialled_in_the_menu(center: Center, keep: Keep) -> None:
    boris = await center.phone("202")
    call = await center.call(MAIN)
    await call.answered()
    await asyncio.sleep(0.5)
    await call.press("202")
    await keep(await talk(call, await taken(boris)))


async def test_withheld_number(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES, caller="anonymous")
    await keep(await talk(call, await taken(anna)))


async def test_hostile_name(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    name = "=1+2,x;|\\\\ '<b>' ${EPOCH} Пётр"
    call = await center.call(SALES, name=name)
    await keep(await talk(call, await taken(anna)))
