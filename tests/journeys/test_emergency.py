"""An emergency number goes out whatever is used up, stopped or broken, and everyone is told."""

import json
import sqlite3
from contextlib import closing

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center
from tests.journeys.inbox import Inbox
from tests.sip.carrier import Carrier

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks:
  away: {host: "127.0.0.4:5090", accept_from: ["127.0.0.4"]}
  carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"], max_calls: 1}
numbers: {"+74950000001": {extension: "201"}}
extensions: {"201": {name: Anna}, "202": {max_contacts: 2}, "203": {}}
departments: {sales: {members: ["201"], otherwise: {goodbye: {say: Later.}}}}
outbound: {trunk: [carrier], caller_id: "+74950000001", allow: ["+7495"], max_calls: 1}
emergency: {trunk: [away, carrier], tell: [reception@acme.example], ring: ["201", "202"]}
mail: {host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}
"""


@pytest.mark.long
async def test_a_call_for_help_goes_out_under_every_condition_and_is_told(
    center: Center, installation: Installation, inbox: Inbox
) -> None:
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await center.finds("carrier")
        anna, boris, chai = [await center.phone(number) for number in ("201", "202", "203")]
        using_the_only_line_up = await chai.dial("84957777777")
        assert await using_the_only_line_up.hears_tone(440)
        assert await (await anna.dial("*45")).hears("en/signed-out")
        await center.cli("database put stopped 201 refusals:1:+44")
        with center.running.without_python():
            call = await anna.dial("112")
            await call.answered(within=40)
            assert await call.hears_tone(440)
            await call.hangup()
        ring = await boris.rings(within=10)
        assert (ring.from_number, ring.from_name) == ("201", "112")
        told = await ring.answer()
        assert await told.hears("en/emergency-call")
        letter = await inbox.letter("emergency call 112 from 201 (Anna)", "reception@acme.example")
        assert "Extension 201 (Anna) called the emergency number 112" in letter.get_content()
        code, listed = await center.running.switchboard("alarms", "--json")
        assert "emergency:201-112" in [one["key"] for one in json.loads(listed)], code
        assert [one.number for one in await carrier.calls()] == ["+74957777777", "112"]
        assert (await carrier.calls())[1].caller_number == "+74950000001"
        assert anna.is_quiet  # who called is not told


@pytest.mark.long
async def test_with_its_database_locked_it_is_told_on_the_phones_and_by_letter_afterwards(
    center: Center, installation: Installation, inbox: Inbox
) -> None:
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090"):
        await center.finds("carrier")
        anna, boris = await center.phone("201"), await center.phone("202")
        database = sqlite3.connect(center.running.state.root / "switchboard.db", timeout=30)
        with closing(database):
            database.execute("BEGIN IMMEDIATE")
            call = await anna.dial("103")
            await call.answered(within=40)
            assert await call.hears_tone(440)
            assert (await boris.rings(within=10)).from_name == "103"
            assert not inbox.about("103", "reception@acme.example")
        await inbox.letter("emergency call 103 from 201", "reception@acme.example")
