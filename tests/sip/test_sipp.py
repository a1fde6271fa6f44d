"""SIPp places the calls that telephones would not, and counts them."""

import pytest

from tests.sip import sipp
from tests.sip.exchange import ADDRESS, Exchange, secret

pytestmark = pytest.mark.asterisk


async def test_a_key_pressed_by_sipp_arrives(exchange: Exchange) -> None:
    counts = await sipp.run("call", at=ADDRESS, fields={"to": "menu", "key": sipp.key("2")})
    assert counts == sipp.Counts(1, 0, "")
    assert "Value: 2" in await exchange.rx("database get pressed +79160000000")


async def test_many_calls_are_counted(exchange: Exchange) -> None:
    fields = {"to": "menu", "key": sipp.key("1"), "press_after_ms": "100", "stay_ms": "100"}
    counts = await sipp.run("call", at=ADDRESS, calls=20, per_second=20, fields=fields)
    assert (counts.successful, counts.failed) == (20, 0)


async def test_a_call_that_goes_otherwise_is_a_failed_one(exchange: Exchange) -> None:
    fields = {"to": "busy", "code": "486"}
    assert (await sipp.run("refused", at=ADDRESS, fields=fields)).successful == 1
    wrong = await sipp.run("refused", at=ADDRESS, fields={**fields, "code": "404"})
    assert (wrong.successful, wrong.failed) == (0, 1)
    assert "486 Busy Here" in wrong.errors


async def test_nobody_there_ends_in_time(own_network: None) -> None:
    fields = {"to": "busy", "code": "486"}
    counts = await sipp.run("refused", at="127.0.0.1:5999", within=1, fields=fields)
    assert (counts.successful, counts.failed) == (0, 1)


async def test_the_lamp_of_a_telephone_shows_a_message(exchange: Exchange) -> None:
    async def shows(waiting: str) -> bool:
        fields = {"number": "201", "secret": secret("201"), "waiting": waiting}
        lamp = await sipp.run("lamp", at=ADDRESS, listen="127.0.0.1", fields=fields)
        return lamp.successful == 1

    assert await shows("no") and not await shows("yes")
    inbox = exchange.home / "voicemail/default/201/INBOX"
    inbox.mkdir(parents=True)
    (inbox / "msg0000.txt").touch()
    await exchange.rx("module reload app_voicemail.so")
    assert await shows("yes") and not await shows("no")


async def test_anything_can_stand_in_a_header(exchange: Exchange) -> None:
    fields = {
        "from": '"=[pid] <script>\x01\udcff" <sip:+79161112233@127.0.0.2>',
        "headers": "\nDiversion: <sip:+74950000009@127.0.0.2>;reason=no-answer",
        "to": "who",
        "code": "486",
    }
    assert (await sipp.run("refused", at=ADDRESS, fields=fields)).successful == 1
    noted = await exchange.rx("database get who +79161112233")
    assert "=[pid] <script>\x01�|<sip:+74950000009@127.0.0.2>;reason=no-answer" in noted


async def test_a_late_ack_and_a_cancel_that_meets_the_answer_are_calls_like_others(
    exchange: Exchange,
) -> None:
    late = await sipp.run("late-ack", at=ADDRESS, fields={"to": "menu"})
    assert (late.successful, late.failed) == (1, 0)
    cancelled = await sipp.run("cancelled", at=ADDRESS, calls=10, fields={"to": "menu"})
    assert (cancelled.successful, cancelled.failed) == (10, 0)
    assert "0 active channels" in await exchange.rx("core show channels")
