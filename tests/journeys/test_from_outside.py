"""Nobody outside reaches the outside through us, whichever way it is tried."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center
from tests.sip.call import Call
from tests.sip.carrier import Carrier
from tests.sip.phone import Phone, PhoneError
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks:
  carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2", "127.0.0.9"]}
numbers:
  "+74950000001": {menu: main, fax: office}
  "+74950000002": {extension: "201"}
  "+74950000003": {voicemail: sales}
  "+74950000004": {fax: office}
  "+74950000007": {number: "+74951234567"}
hours: {office: {weekly: {mon-sun: "00:00-24:00"}, switch: "28"}}
extensions: {"201": {ring_seconds: 3, otherwise: {voicemail: sales}}, "202": {}}
voicemail: {sales: {pin: "83014", number: "801"}}
fax: {office: {email: [office@acme.example]}}
outbound: {trunk: [carrier], caller_id: "+74950000001", allow: ["+7495"], hours: office,
  numbers: {"+74951234567": {otherwise: {goodbye: {say: "The boss is out."}}}}}
mail: {host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}
"""
MENU = """\
prompt: {say: "Please dial the extension, or wait for nothing at all."}
dial_extensions: true
wait_seconds: 1
tries: 2
otherwise: {goodbye: {say: Goodbye.}}
"""
MAIN, ANNA, MAILBOX, FAX = (f"+7495000000{last}" for last in (1, 2, 3, 4))
OFFICE, ABROAD = "84957777777", "+442071838750"
DIALLED = (
    OFFICE,
    "+74957777777",
    "112",
    "*7284957777777",
    "**201",
    "*8",
    "700",
    "701",
    "28",
    "outbound",
    "call-number",
    "74957777777%40from-phones",
    "201%26PJSIP%2f84957777777%40carrier",
    "%2b74957777777%2c1",
)
HEADERS = (
    {"P-Asserted-Identity": '"Anna" <sip:201@127.0.0.1>'},
    {"Remote-Party-ID": "<sip:201@127.0.0.1>;party=calling"},
    {"Diversion": "<sip:201@127.0.0.1>;reason=unconditional"},
    {"Referred-By": "<sip:201@127.0.0.1>"},
    {"X-Asterisk-Context": "from-phones"},
    {"Authorization": 'Digest username="201", realm="asterisk", nonce="0", uri="", response=""'},
)
MENUS = {"main": MENU}


@pytest.fixture
async def carrier(center: Center, installation: Installation) -> AsyncIterator[Carrier]:
    """Whoever is called there is noted, which must be nobody but whom the YAML names."""
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await center.finds("carrier")
        yield carrier
        assert {one.number for one in await carrier.calls()} <= {"+74951234567"}
        events = center.events()
        assert not any(event.startswith(("outside +74957", "emergency")) for event in events)


async def caller(center: Center) -> Phone:
    """A line from another of the carrier's addresses."""
    return await center._phone(listen="127.0.0.9")


async def taken(phone: Phone) -> Call:
    return await (await phone.rings(within=8)).answer()


async def test_by_what_is_dialled_and_written_into_headers(
    center: Center, carrier: Carrier
) -> None:
    line = await caller(center)
    for dialled in DIALLED:
        call = await line.dial(dialled, from_number="201", from_name="Anna")
        assert (await call.ended()).code == 404, dialled
    for headers in HEADERS:
        call = await line.dial(OFFICE, from_number="201", headers=headers)
        assert (await call.ended()).code == 404, headers
    assert not await carrier.calls()
    stranger = await center.stranger()
    assert (await (await stranger.dial(OFFICE, from_number="201")).ended()).code == 401
    assert "office" not in await center.cli("database show switch")


async def test_by_keys_and_refer_in_a_menu_a_mailbox_and_a_talk(
    center: Center, carrier: Carrier
) -> None:
    anna = await center.phone("201")
    line = await caller(center)
    for number in (MAIN, MAILBOX, ANNA):
        call = await line.dial(number)
        talk = await taken(anna) if number == ANNA else None
        await call.answered()
        with pytest.raises(PhoneError):
            await call.transfer(OFFICE)
        for keys in (f"##{OFFICE}", f"*2{OFFICE}", "0", "*", "700"):
            with suppress(PhoneError):  # a menu has ended, or `#` the recording
                await call.press(keys)
            await asyncio.sleep(0.3)
        if talk:
            await asyncio.sleep(1)
            assert not call.is_over and not talk.is_over
            await call.hangup()
    assert not await carrier.calls()


@pytest.mark.long
async def test_by_a_fax_number_and_by_the_tone_of_a_fax_machine_in_a_menu(
    center: Center, carrier: Carrier
) -> None:
    line = await caller(center)
    for number, way in ((FAX, []), (MAIN, ["menu", "fax-tone"])):
        call = await line.dial(number)
        await call.answered()
        await call.say(tone(1100, 3))
        await center.notes("fax office")
        for keys in (OFFICE, f"##{OFFICE}", f"*2{OFFICE}"):
            await call.press(keys)
            await asyncio.sleep(0.3)
        with pytest.raises(PhoneError):
            await call.transfer(OFFICE)
        await call.hangup()
        await center.running.becomes_quiet()
        happened = [event.partition(" ")[0] for event in center.events()]
        assert happened[-len(way) - 3 :] == ["arrived", *way, "fax", "fax-end"]
    assert not await carrier.calls()


@pytest.mark.long
async def test_by_a_transfer_that_an_agent_makes_or_was_talked_into(
    center: Center, carrier: Carrier
) -> None:
    anna = await center.phone("201")
    line = await caller(center)
    call = await line.dial(ANNA)
    talk = await taken(anna)
    await call.answered()
    await asyncio.sleep(0.5)  # baresip loses a transfer that follows the answer within 0.1 s
    sending = asyncio.create_task(talk.transfer(OFFICE))
    back = await taken(anna)  # it comes back to who sent it
    await asyncio.gather(call.say(tone(500)), back.say(tone(700)))
    assert await call.hears_tone(700) and await back.hears_tone(500)
    await asyncio.wait({sending}, timeout=5)
    for number in ("28", "*8", "*73", "*97"):
        await back.press(f"##{number}")
        await asyncio.sleep(3.5)
        assert "office" not in await center.cli("database show switch")
        if back.is_over:
            back = await taken(anna)
    assert "barred transfer 84957777777 201" in center.events()
    assert not await carrier.calls()


@pytest.mark.long
async def test_by_a_forward_of_the_phone_or_of_the_carrier(
    center: Center, carrier: Carrier
) -> None:
    anna = await center.phone("201")
    line = await caller(center)
    call = await line.dial(ANNA)
    await (await anna.rings()).redirect(ABROAD)
    await center.notes(f"forwarded 201 {ABROAD}")
    assert await call.hears("en/vm-theperson") or await call.hears("en/vm-intro")
    assert f"barred not-allowed {ABROAD} 201" in center.events()
    await call.hangup()
    await carrier.behaves("+74951234567", "moved")
    call = await line.dial("+74950000007")
    assert await call.hears("en/74951234567-otherwise-0-goodbye")
    assert len(await carrier.calls()) == 1


@pytest.mark.long
async def test_by_parking_and_what_is_fetched(center: Center, carrier: Carrier) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    line = await caller(center)
    call = await line.dial(ANNA)
    talk = await taken(anna)
    await call.answered()
    await talk.transfer("700")
    await call.press(f"##{OFFICE}")
    with pytest.raises(PhoneError):
        await call.transfer(OFFICE)
    fetched = await boris.dial("701")
    await fetched.answered()
    await call.press(f"*2{OFFICE}")
    await asyncio.sleep(1)
    await asyncio.gather(call.say(tone(500)), fetched.say(tone(700)))
    assert await call.hears_tone(700) and await fetched.hears_tone(500)
    assert not await carrier.calls()
