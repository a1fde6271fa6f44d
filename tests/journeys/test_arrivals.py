"""Which number was dialled, and by whom, decides where a call begins."""

import pytest

from tests.centers import MENU as WELCOME
from tests.journeys.center import Center
from tests.sip import sipp
from tests.sip.call import Ended

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("carried_by")]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"], max_calls: 2}}
callers:
  blocked: ["+7900*", "+79161110000"]
  hidden: [anonymous]
  vip: ["+79161112233"]
numbers:
  "+74950000001":
    - {from: [blocked, hidden], reject: busy}
    - {from: vip, extension: "201", priority: 10}
    - {menu: main}
  "+74950000002": {reject: missing}
  "+74950000003": {goodbye: {say: We are moving to another number.}}
  "+74950000004": {extension: "201", announce: {say: This call may be recorded by nobody.}}
  "+74950000200..+74950000209": {extension: "last 3"}
extensions:
  "201": {name: Anna Ivanova, otherwise: {goodbye: {say: Anna is away.}}}
"""
MENU, MISSING, MOVED, ANNOUNCED = (f"+7495000000{last}" for last in "1234")
CALLER = "+79260000001"
MENUS = {"main": WELCOME}


def refused(center: Center) -> list[str]:
    """How calls were refused; fails when one was answered."""
    assert "ANSWER" not in [row.type for row in center.cel()]
    return [event for event in center.events() if event.startswith("refused")]


@pytest.mark.parametrize(
    "caller", ["+79001234567", "89001234567", "79001234567", "9001234567", "+79161110000"]
)
async def test_a_blocked_caller_is_busy_and_never_answered(center: Center, caller: str) -> None:
    call = await center.call(MENU, caller)
    assert (await call.ended()).code == 486
    assert refused(center) == ["refused busy"]


async def test_a_withheld_number_is_anonymous(center: Center) -> None:
    line = await center.caller()
    call = await line.dial(MENU, from_number="anonymous", from_name="Anonymous")
    assert (await call.ended()).code == 486
    known = {"P-Asserted-Identity": '"Ivan" <sip:+79260000001@127.0.0.2>', "Privacy": "id"}
    call = await line.dial(MENU, from_number="anonymous", from_name="Anonymous", headers=known)
    assert (await call.ended()).code == 486
    assert refused(center) == ["refused busy"] * 2


async def test_a_vip_goes_straight_to_the_extension(center: Center) -> None:
    anna = await center.phone("201")
    await center.call(MENU, "89161112233", "Иван Петров")
    ring = await anna.rings()
    assert (ring.from_number, ring.from_name) == ("+79161112233", "Иван Петров")


@pytest.mark.parametrize(
    "dialled", ["+74950000001", "84950000001", "74950000001", "4950000001", "810" + "74950000001"]
)
async def test_the_dialled_number_may_be_written_as_the_country_does(
    center: Center, dialled: str
) -> None:
    call = await center.call(dialled)
    assert await call.hears("en/main-long", within=4)
    assert center.events()[0] == "arrived v1 +74950000001 en"


async def test_a_number_of_a_range_rings_the_extension_of_its_last_digits(center: Center) -> None:
    anna = await center.phone("201")
    await center.call("+74950000201")
    assert (await anna.rings()).from_number == CALLER


@pytest.mark.parametrize("dialled", ["+74950000202", "+74950000210", "+74959999999", "12", "0000"])
async def test_a_number_that_nobody_has_is_not_found(center: Center, dialled: str) -> None:
    call = await center.call(dialled)
    assert (await call.ended()).code == 404
    assert refused(center) == ["refused missing"]


async def test_a_number_may_be_rejected_as_missing(center: Center) -> None:
    assert (await (await center.call(MISSING)).ended()).code == 404
    assert refused(center) == ["refused missing"]


async def test_a_goodbye_is_heard_to_its_end(center: Center) -> None:
    call = await center.call(MOVED)
    assert (await call.ended(within=10)).code is None
    assert call.heard() == ["en/74950000003-arrives-0-goodbye"]


async def test_an_announcement_is_heard_before_the_phone_rings(center: Center) -> None:
    anna = await center.phone("201")
    call = await center.call(ANNOUNCED)
    assert await call.hears("en/74950000004-arrives-0-announce")
    await call.press("1")  # it is not to be skipped
    assert anna.is_quiet
    await anna.rings(within=6)


async def test_one_call_more_than_the_trunk_may_bring_is_refused(center: Center) -> None:
    first, second = await center.call(MENU), await center.call(MENU)
    assert await first.hears("en/main-long") and await second.hears("en/main-long")
    third = await center.call(MENU)
    assert (await third.ended()).code == 503
    assert center.events()[-1] == "refused congested"
    await first.hangup()
    fourth = await center.call(MENU)
    assert await fourth.hears("en/main-long")


async def test_a_stranger_is_not_served(center: Center) -> None:
    line = await center.stranger()
    call = await line.dial(MENU, from_number="201")
    assert await call.ended() == Ended(401, "Unauthorized", by_us=False)
    assert center.cel() == []


async def test_what_a_carrier_brings_is_cleaned(center: Center) -> None:
    forged = '"=HYPERLINK(1),${SHELL(id)}\\";\x01\x7f|,<script>" <sip:+7916%0d%0a;x=1@127.0.0.2>'
    diverted = '\nDiversion: "a%0d%0ab\x02" <sip:8495%0a0000009@127.0.0.2>;reason=no-answer'
    fields = {"from": forged, "headers": diverted, "to": "+7495%0d%0a0000002", "code": "404"}
    counts = await sipp.run("refused", at="127.0.0.1:5060", fields=fields)
    assert counts.successful == 1, counts.errors
    begin, *after = center.cel()
    assert begin.type == "CHAN_START"  # Asterisk writes it before the dialplan can clean the name
    assert after[0].text == "v1 +74950000002 en"
    for row in after:
        assert all(map(str.isprintable, row.fields.values()))
    assert {row.fields["num"] for row in after} == {"+7916"}
    assert {row.fields["rdnis"] for row in after} == {"84950000009"}
    assert "${SHELL(id)}" in after[0].fields["name"]  # only text: nothing has run it


ANNA, CLEAN = '"Anna" <sip:+7916@127.0.0.2>', "+74950000002"
FORGED = {  # sender, number dialled, headers; a bracket and two numbers look like the end of a text
    "number": ('"Anna" <sip:+7916%0d;x@127.0.0.2>', CLEAN, ""),
    "number with its end": ('"Anna" <sip:+7916)%3a0%3a5%0d@127.0.0.2>', CLEAN, ""),
    "name": ('"An\x7fna" <sip:+7916@127.0.0.2>', CLEAN, ""),
    "name with its end": ('"A):0:1n\x7fna" <sip:+7916@127.0.0.2>', CLEAN, ""),
    "long name": (f'"{"Anna " * 30}" <sip:+7916@127.0.0.2>', CLEAN, ""),
    "dialled": (ANNA, "+7495%0a0000002", ""),
    "dialled with its end": (ANNA, "+74950000002)%3a0%3a12%0a", ""),
    "diversion": (ANNA, CLEAN, '\nDiversion: "A%0db" <sip:8%0a@a>'),
    "diversion with its end": (ANNA, CLEAN, '\nDiversion: "B" <sip:)%3a1%3a1%0a@a>'),
}


@pytest.mark.parametrize(("sender", "to", "headers"), FORGED.values(), ids=FORGED)
async def test_one_thing_to_clean_among_clean_ones_is_found(
    center: Center, sender: str, to: str, headers: str
) -> None:
    fields = {"from": sender, "headers": headers, "to": to, "code": "404"}
    counts = await sipp.run("refused", at="127.0.0.1:5060", fields=fields)
    assert counts.successful == 1, counts.errors
    after = [row.fields for row in center.cel()[1:]]
    assert after and all(map(str.isprintable, (text for row in after for text in row.values())))
    assert {(row["num"], row["dnid"]) for row in after} == {("+7916", "+74950000002")}
    assert all(len(row["name"]) <= 80 for row in after)
