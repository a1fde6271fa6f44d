"""So many calls outside at once, and so many over each trunk: also when all begin in one moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center
from tests.journeys.talking import taken
from tests.sip import sipp
from tests.sip.carrier import Carrier

pytestmark = [pytest.mark.asterisk, pytest.mark.long]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060"}
trunks:
  first: {host: "127.0.0.2:5090", accept_from: [127.0.0.8], max_calls: 4}
  second: {host: "127.0.0.2:5090", accept_from: [127.0.0.2], max_calls: 3}
  inward: {host: "127.0.0.5:5090"}
numbers: {"+74950000007": {number: "+74951234567"}}
extensions: {"201": {}, "202": {}}
outbound:
  trunk: [first, second]
  caller_id: "+74950000007"
  allow: ["+7495"]
  max_calls: 6
  hours: always
  numbers: {"+74951234567": {otherwise: {goodbye: {say: No line is free.}}}}
hours: {always: {weekly: {mon-sun: "00:00-24:00"}}}
"""
AT_ONCE = 24


@pytest.fixture
async def carrier(center: Center, installation: Installation) -> AsyncIterator[Carrier]:
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await asyncio.gather(center.finds("first"), center.finds("second"))
        yield carrier


async def burst(center: Center) -> Counter[str]:
    """Real callers in one moment: how many calls each trunk has taken while they stayed."""
    before = _answers(center)
    fields = {"to": "+74950000007", "stay_ms": "2000", "key": sipp.key("1")}
    await sipp.run(
        "call",
        at="127.0.0.1:5060",
        listen="127.0.0.5",
        calls=AT_ONCE,
        per_second=AT_ONCE * 100,
        fields=fields,
    )
    await asyncio.sleep(0.5)
    return _answers(center) - before


def _answers(center: Center) -> Counter[str]:
    answered = [row.channel for row in center.cel() if row.type == "ANSWER"]
    trunks = [channel.removeprefix("PJSIP/").partition("-")[0] for channel in answered]
    return Counter(name for name in trunks if name in ("first", "second"))


async def test_no_call_more_goes_out_than_trunks_and_center_allow(
    center: Center, carrier: Carrier
) -> None:
    for _ in range(3):
        assert await burst(center) == {"first": 4, "second": 2}
    assert len(await carrier.calls()) == 18
    assert center.events().count("untaken +74951234567 lines-busy") == 3 * (AT_ONCE - 6)


async def test_a_call_that_was_handed_on_counts_among_those_of_one_moment(
    center: Center, carrier: Carrier
) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    asked = await anna.dial("84957777777")
    await asked.answered()
    sending = asyncio.create_task(asked.transfer("202"))
    at_boris = await taken(boris)
    await sending
    for _ in range(3):
        assert (await burst(center)).total() == 5
    assert not at_boris.is_over
    await at_boris.hangup()
