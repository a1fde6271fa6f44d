"""Places real calls and keeps what Asterisk wrote about each, for the tests of `reports/`.

`pytest tests/journeys/record_calls.py` (pytest does not take the file by itself) writes
`tests/reports/recordings/NAME/{cdr,cel,queue_log,starts}.csv` and, where two people spoke,
`clock.json`: how long, by the caller's own clock.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.centers import write_center
from tests.journeys.center import CLOSED, Center, RunningCenter
from tests.sip.call import Call
from tests.sip.carrier import Carrier
from tests.sip.phone import Phone
from tests.sip.sound import tone

pytestmark = pytest.mark.asterisk

RECORDINGS = Path(__file__).resolve().parents[1] / "reports" / "recordings"
FILES = {
    "cdr.csv": "cdr-custom/cdr.csv",
    "cel.csv": "cel-custom/cel.csv",
    "queue_log.csv": "queue_log",
    "starts.csv": "starts.csv",
}
CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
listen: {sip: "127.0.0.1:5060", ami: "127.0.0.1:5038"}
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
callers: {blocked: ["+7900*"]}
hours: {office: {weekly: {mon-fri: "09:00-18:00"}}}
numbers:
  "+74950000001":
    - {from: blocked, reject: busy}
    - {menu: main}
  "+74950000002": {department: sales}
  "+74950000003": {department: support}
  "+74950000004": {voicemail: sales}
  "+74950000005": {department: everyone}
  "+74950000006": {department: strict}
  "+74950000007": {number: "+74951234567"}
  "+74950000009": {fax: office}
  "+74950000201..+74950000204": {extension: "last 3"}
extensions:
  "201": {name: Anna, otherwise: {voicemail: sales}, ring_seconds: 3}
  "202": {name: Boris}
  "203": {name: Chai}
  "204": {name: Dina}
departments:
  sales:
    extension: "501"
    members: ["201"]
    max_wait_seconds: 4
    hours: office
    keys: {1: {department: everyone}}
    when_closed: {voicemail: sales}
    when_timeout: {voicemail: sales}
    otherwise: {goodbye: {say: "Nobody is here."}}
  support:
    extension: "502"
    members: ["203"]
    ring_seconds: 3
    max_wait_seconds: 4
    when_timeout: {department: sales}
    otherwise: {department: sales}
  everyone: {members: ["201", "202", "203"], strategy: ringall, ring_seconds: 10}
  strict:
    members: ["204"]
    hours: office
    when_closed: {goodbye: {say: "We are closed."}}
    otherwise: {goodbye: {say: "Nobody is here."}}
voicemail: {sales: {pin: "83014", greeting: {say: "Please speak."}}}
pause_reasons: {1: lunch}
fax: {office: {email: [office@acme.example]}}
outbound: {trunk: [carrier], caller_id: "+74950000001", allow: ["+7495"]}
mail: {host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}
"""
MENU = """\
prompt: {say: "Sales one, support two, nothing nine."}
keys: {1: {department: sales}, 2: {menu: second}, 8: {goodbye: {say: "Goodbye."}}, 9: hangup}
dial_extensions: true
wait_seconds: 1
tries: 2
otherwise: {department: sales}
"""
SECOND = """\
prompt: {say: "Support one, back star."}
keys: {1: {department: support}, "*": back}
otherwise: {department: sales}
"""
MAIN, SALES, SUPPORT = "+74950000001", "+74950000002", "+74950000003"
MAILBOX, EVERYONE, STRICT, OUTSIDE = (f"+7495000000{last}" for last in (4, 5, 6, 7))
FAX, ANNA, BORIS = "+74950000009", "+74950000201", "+74950000202"
OFFICE = "+74951234567"

Keep = Callable[..., Awaitable[None]]


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    menus = {"main": MENU, "second": SECOND}
    return write_center(tmp_path_factory.mktemp("recorded"), CENTER, menus)


@pytest.fixture
def keep(request: pytest.FixtureRequest, center: Center, running: RunningCenter) -> Keep:
    """Keeps the records of the test's calls under the test's name, once all of them are over."""
    log = running.state.asterisk / "log"
    began = {name: _size(log / path) for name, path in FILES.items()}

    async def keep(talk_seconds: float | None = None) -> None:
        await running.becomes_quiet(within=20)
        folder = RECORDINGS / request.node.name.removeprefix("test_")
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in FILES.items():
            file = log / path
            written = file.read_bytes() if file.exists() else b""
            (folder / name).write_bytes(written[began[name] :])
        if talk_seconds is not None:
            clock = {"talk_seconds": round(talk_seconds, 2)}
            (folder / "clock.json").write_text(json.dumps(clock) + "\n")

    return keep


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def talk(caller: Call, agent: Call, seconds: float = 2.0) -> float:
    """They speak, the caller hangs up; how long they were connected, by the caller's clock."""
    await asyncio.gather(caller.answered(), agent.answered())
    began = time.monotonic()
    await asyncio.gather(caller.say(tone(500, seconds)), agent.say(tone(700, seconds)))
    lasted = time.monotonic() - began
    await caller.hangup()
    await agent.ended()
    return lasted


async def taken(phone: Phone) -> Call:
    return await (await phone.rings(within=12)).answer()


async def in_menu(center: Center, keys: str = "") -> Call:
    """A caller in the main menu, who presses keys one by one."""
    call = await center.call(MAIN, name="Ivan Petrov")
    await call.answered()
    for count, key in enumerate(keys):
        await asyncio.sleep(1.2 if count else 0.8)
        await call.press(key)
    return call


async def speak_after_the_beep(call: Call) -> None:
    assert await call.hears("en/beep", within=15)
    await call.say(tone(600, 3))
    await call.hangup()


async def test_answered_in_sales(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await in_menu(center, "1")
    ring = await anna.rings()
    await asyncio.sleep(1.5)
    await keep(await talk(call, await ring.answer()))


async def test_answered_without_python(center: Center, running: RunningCenter, keep: Keep) -> None:
    anna = await center.phone("201")
    with running.without_python():
        call = await in_menu(center, "1")
        await keep(await talk(call, await taken(anna)))


async def test_abandoned_in_menu(center: Center, keep: Keep) -> None:
    call = await in_menu(center, "2")
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_abandoned_in_queue(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await in_menu(center, "1")
    await anna.rings()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_queue_timeout_to_voicemail(center: Center, keep: Keep) -> None:
    await center.phone("201")
    call = await center.call(SALES)
    await speak_after_the_beep(call)
    await keep()


async def test_closed_and_left_in_the_greeting(center: Center, keep: Keep) -> None:
    await center.clock(CLOSED)
    call = await center.call(SALES)
    assert await call.hears("en/sales-greeting")
    await call.hangup()
    await keep()


async def test_closed_says_goodbye(center: Center, keep: Keep) -> None:
    await center.clock(CLOSED)
    call = await center.call(STRICT)
    await call.ended(within=10)
    await keep()


async def test_nobody_there_says_goodbye(center: Center, keep: Keep) -> None:
    call = await center.call(STRICT)
    await call.ended(within=10)
    await keep()


async def test_voicemail_kept(center: Center, keep: Keep) -> None:
    await speak_after_the_beep(await center.call(MAILBOX))
    await keep()


async def test_voicemail_without_a_word(center: Center, keep: Keep) -> None:
    call = await center.call(MAILBOX)
    assert await call.hears("en/beep", within=15)
    await call.hangup()
    await keep()


async def test_blocked(center: Center, keep: Keep) -> None:
    call = await center.call(MAIN, caller="+79000000001")
    await call.ended()
    await keep()


async def test_unknown_number(center: Center, keep: Keep) -> None:
    call = await center.call("+74959999999")
    await call.ended()
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


async def test_extension_answered(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(ANNA)
    await keep(await talk(call, await taken(anna)))


async def test_extension_no_answer_to_voicemail(center: Center, keep: Keep) -> None:
    await center.phone("201")
    await speak_after_the_beep(await center.call(ANNA))
    await keep()


async def test_extension_away(center: Center, keep: Keep) -> None:
    call = await center.call(BORIS)
    await call.ended(within=10)
    await keep()


async def test_extension_abandoned(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(ANNA)
    await anna.rings()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_overflow_support_to_sales(center: Center, keep: Keep) -> None:
    anna, _chai = await center.phone("201"), await center.phone("203")
    call = await center.call(SUPPORT)
    await keep(await talk(call, await taken(anna)))


async def test_queue_to_queue_by_key(center: Center, keep: Keep) -> None:
    await center.phone("201")
    boris = await center.phone("202")
    call = await center.call(SALES)
    await call.answered()
    await asyncio.sleep(1.5)
    await call.press("1")
    await keep(await talk(call, await taken(boris)))


async def test_all_of_three_ring(center: Center, keep: Keep) -> None:
    phones = [await center.phone(number) for number in ("201", "202", "203")]
    call = await center.call(EVERYONE)
    rings = [await phone.rings() for phone in phones]
    await asyncio.sleep(1)
    await keep(await talk(call, await rings[1].answer()))


async def test_refused_then_answered(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    await (await anna.rings()).refuse()
    await keep(await talk(call, await taken(anna)))


async def test_held_by_the_agent(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.hold()
    await asyncio.sleep(2)
    await agent.resume()
    await talk(call, agent, 1.0)
    await keep()


async def test_agent_hangs_up(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.hangup()
    await call.ended()
    await keep()


async def test_blind_transfer_to_an_extension(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    transferring = asyncio.create_task(agent.transfer("202"))
    second = await taken(boris)
    await transferring
    await talk(call, second)
    await keep()


async def test_blind_transfer_to_a_department(center: Center, keep: Keep) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    transferring = asyncio.create_task(agent.transfer("502"))
    second = await taken(chai)
    await transferring
    await talk(call, second)
    await keep()


async def test_attended_transfer(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.hold()
    asking = await anna.dial("202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await agent.join(asking)
    await asyncio.sleep(1)
    await talk(call, second)
    await keep()


async def test_consulted_and_taken_back(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.hold()
    asking = await anna.dial("202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await asking.hangup()
    await agent.resume()
    await talk(call, agent)
    await keep()


async def test_two_callers_joined_by_an_agent(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    first = await center.call(SALES, caller="+79260000001")
    one = await taken(anna)
    await one.say(tone(700, 1))
    await one.hold()
    second = await center.call(ANNA, caller="+79260000002")
    other = await taken(anna)
    await other.say(tone(700, 1))
    await one.join(other)
    await asyncio.sleep(1)
    await talk(first, second)
    await keep()


async def reachable(center: Center) -> None:
    """The center notices that the carrier is there."""
    await center.cli("pjsip qualify carrier")
    await asyncio.sleep(1)


async def test_outside_number_answered(
    center: Center, keep: Keep, installation: Installation
) -> None:
    async with AsyncExitStack() as stack:
        carrier = Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090")
        await stack.enter_async_context(carrier)
        await carrier.behaves(OFFICE, "answer")
        await reachable(center)
        call = await center.call(OUTSIDE)
        await call.answered()
        await call.say(tone(500, 2))
        await call.hangup()
        await keep()


async def test_outside_number_busy(center: Center, keep: Keep, installation: Installation) -> None:
    async with AsyncExitStack() as stack:
        carrier = Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090")
        await stack.enter_async_context(carrier)
        await carrier.behaves(OFFICE, "busy")
        await reachable(center)
        call = await center.call(OUTSIDE)
        await call.ended(within=15)
        await keep()


async def test_fax_line_called_by_a_person(center: Center, keep: Keep) -> None:
    call = await center.call(FAX)
    assert await call.hears_tone(2100, within=6)
    await call.hangup()
    await keep()


async def test_internal_answered(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await boris.dial("201")
    await keep(await talk(call, await taken(anna)))


async def test_internal_no_answer(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await anna.dial("202")
    await boris.rings()
    await asyncio.sleep(1)
    await call.hangup()
    await keep()


async def test_internal_busy(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await anna.dial("202")
    await (await boris.rings()).refuse()
    await call.ended(within=10)
    await keep()


async def test_internal_unknown_number(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await anna.dial("999")
    await call.ended(within=10)
    await keep()


async def test_signed_out_paused_and_back(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    for code in ("*45", "*45", "*461", "*46"):
        await (await anna.dial(code)).ended(within=10)
    await keep()


async def test_withheld_number(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES, caller="anonymous")
    await keep(await talk(call, await taken(anna)))


async def test_hostile_name(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    name = "=1+2,x;|\\\\ '<b>' ${EPOCH} Пётр"
    call = await center.call(SALES, name=name)
    await keep(await talk(call, await taken(anna)))


async def test_asterisk_killed_in_menu_queue_talk_and_voicemail(
    center: Center, running: RunningCenter, keep: Keep
) -> None:
    anna = await center.phone("201")
    talking = await center.call(SALES, caller="+79260000001")
    await taken(anna)
    recording = await center.call(MAILBOX, caller="+79260000004")
    assert await recording.hears("en/beep", within=15)
    speaking = asyncio.create_task(recording.say(tone(600, 3)))
    await center.call(SALES, caller="+79260000002")
    await (await center.call(MAIN, caller="+79260000003")).answered()
    await asyncio.sleep(1)
    await running.loses_asterisk()
    await speaking
    assert talking is not None
    after = await center.call(MAILBOX, caller="+79260000005")
    assert await after.hears("en/sales-greeting")
    await after.hangup()
    await keep()


async def test_blind_transfer_by_keys(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.press("##")
    await asyncio.sleep(0.5)
    await agent.press("202")
    await talk(call, await taken(boris))
    await keep()


async def test_attended_transfer_by_keys(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.press("*2")
    await asyncio.sleep(0.5)
    await agent.press("202")
    second = await taken(boris)
    await second.say(tone(700, 1))
    await agent.hangup()
    await asyncio.sleep(0.5)
    await talk(call, second)
    await keep()


async def test_semi_attended_transfer(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.press("*2")
    await asyncio.sleep(0.5)
    await agent.press("202")
    ring = await boris.rings(within=8)
    await agent.hangup()
    await asyncio.sleep(0.5)
    await talk(call, await ring.answer())
    await keep()


async def test_parked_and_fetched(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.transfer("700")
    await asyncio.sleep(1.5)
    await talk(call, await boris.dial("701"))
    await keep()


async def test_parked_and_given_up(center: Center, keep: Keep) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES)
    agent = await taken(anna)
    await agent.say(tone(700, 1))
    await agent.transfer("700")
    await asyncio.sleep(1.5)
    await call.hangup()
    await keep()


async def test_picked_up_in_the_queue(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(SALES)
    await anna.rings()
    await asyncio.sleep(1)
    await keep(await talk(call, await boris.dial("**201")))


async def test_picked_up_from_a_phone(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(ANNA)
    await anna.rings()
    await asyncio.sleep(1)
    await keep(await talk(call, await boris.dial("**201")))


async def test_forwarded_to_a_colleague(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await (await anna.dial("*72202")).ended(within=10)
    call = await center.call(ANNA)
    await talk(call, await taken(boris))
    await (await anna.dial("*73")).ended(within=10)
    await keep()


async def test_moved_by_the_phone_to_a_colleague(center: Center, keep: Keep) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await center.call(ANNA)
    await (await anna.rings()).redirect("202")
    await keep(await talk(call, await taken(boris)))


async def test_outbound_answered_and_barred(
    center: Center, keep: Keep, installation: Installation
) -> None:
    async with AsyncExitStack() as stack:
        carrier = Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090")
        await stack.enter_async_context(carrier)
        await carrier.behaves(OFFICE, "answer")
        await reachable(center)
        anna = await center.phone("201")
        call = await anna.dial("84951234567")
        await call.answered()
        await call.say(tone(500, 2))
        await call.hangup()
        await (await anna.dial("810442071838750")).ended(within=10)
        await keep()
