"""However and wherever a call ends, nothing is left of it."""

import pytest

from tests.journeys.center import CLOSED, Center, they_hear_each_other
from tests.sip import sipp

pytestmark = pytest.mark.asterisk

ADDRESS = "127.0.0.1:5060"
MENU, SALES, FAX, ANNA = "+74950000001", "+74950000003", "+74950000009", "+74950000201"
GONE_SECONDS = 2.0


async def is_gone(center: Center) -> None:
    """The call ends for Asterisk, too, and its last record is written."""
    await center.running.becomes_quiet(within=GONE_SECONDS)
    assert center.cel()[-1].type == "LINKEDID_END"


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        ("", "menu v1 main"),
        ("2", "menu v1 support"),
        ("9", "key main i INVALID"),
        ("7", "voicemail sales"),
        ("0", "rule menu/main key 0 2 closed"),
    ],
    ids=["menu", "sub-menu", "wrong-key", "mailbox", "announcement"],
)
async def test_who_hangs_up_in_the_menus_leaves_nothing(
    center: Center, keys: str, step: str
) -> None:
    await center.clock(CLOSED)
    call = await center.call(MENU)
    await call.answered()
    await center.notes("menu v1 main")
    await call.press(keys)
    await center.notes(step)
    await call.hangup()
    await is_gone(center)


@pytest.mark.parametrize("number", [SALES, ANNA], ids=["queue", "ringing"])
async def test_a_caller_who_gives_up_stops_the_ringing(center: Center, number: str) -> None:
    anna = await center.phone("201")
    call = await center.call(number)
    ring = await anna.rings()
    await call.hangup()
    await ring.stops(within=2)
    await is_gone(center)


@pytest.mark.parametrize("number", [SALES, ANNA], ids=["queue", "direct"])
@pytest.mark.parametrize("by", ["caller", "agent"])
async def test_who_hangs_up_a_talk_ends_it_for_both(center: Center, number: str, by: str) -> None:
    anna = await center.phone("201")
    call = await center.call(number)
    answered = await (await anna.rings()).answer()
    await they_hear_each_other(call, answered)
    first, second = (call, answered) if by == "caller" else (answered, call)
    await first.hangup()
    await second.ended(within=2)
    await is_gone(center)


async def test_a_fax_number_answers_with_the_tone_of_a_fax_machine(center: Center) -> None:
    call = await center.call(FAX)
    assert await call.hears_tone(2100, within=6)
    await call.hangup()
    await is_gone(center)


async def test_a_late_ack_changes_nothing(center: Center) -> None:
    counts = await sipp.run("late-ack", at=ADDRESS, fields={"to": MENU})
    assert counts.successful == 1, counts.errors
    await is_gone(center)


@pytest.mark.long  # Asterisk waits 32 s, as RFC 3261 says
async def test_a_lost_ack_ends_the_call(center: Center) -> None:
    counts = await sipp.run("lost-ack", at=ADDRESS, within=50, fields={"to": MENU})
    assert counts.successful == 1, counts.errors
    await is_gone(center)


@pytest.mark.parametrize("number", [MENU, ANNA, FAX], ids=["menu", "ringing", "fax"])
async def test_a_cancel_that_meets_the_answer_ends_the_call(center: Center, number: str) -> None:
    await center.phone("201")
    counts = await sipp.run("cancelled", at=ADDRESS, calls=10, fields={"to": number})
    assert counts.successful == 10, counts.errors
    await is_gone(center)
