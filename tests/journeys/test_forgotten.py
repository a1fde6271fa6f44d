"""A caller who left a message and a fax: owed an answer, exported with everything, forgotten."""

import asyncio
import json
import signal
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center, RunningCenter
from tests.journeys.fax_cases import CALLED as SIP
from tests.journeys.fax_cases import MACHINES, Case, case, has_pages
from tests.journeys.inbox import open_inbox
from tests.sip.carrier import Carrier
from tests.sip.faxmachine import FaxMachines, Sending
from tests.sip.sound import tone

pytestmark = [pytest.mark.asterisk, pytest.mark.long, pytest.mark.timeout(300)]

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers:
  "+74950000004": {voicemail: sales}
  "+74950000009": {fax: office}
  "+74950000201": {extension: "201"}
extensions: {"201": {name: Anna}}
voicemail:
  sales: {pin: "83014", greeting: {say: "Please speak."}, email: [sales@acme.example]}
fax: {office: {email: [office@acme.example]}}
outbound: {trunk: [carrier], caller_id: "+74950000004", allow: ["+7926"]}
mail: {host: 127.0.0.1, port: 2525, tls: none, sender: "Acme <pbx@acme.example>"}
"""
MAILBOX, FAX, ANNA = "+74950000004", "+74950000009", "+74950000201"
NAME, STATION = "Zoya Canary", "CANARY STATION"
TO = ("sales@acme.example", "office@acme.example")
KINDS = ("calls", "messages", "faxes", "letters")
SENDING = Sending(caller="+79260000155", name=NAME, station=STATION)
WHOLE = Case("55", FAX, 98, 1, True, SENDING)
PART = case(56, FAX, 196, 3, "white", t38=True, ecm=False)
ASTDB_SECONDS = 2  # Asterisk writes its own database once a second
SPEAKER = "+79260000157"


async def leaves_a_message(center: Center, caller: str, name: str, hz: float) -> None:
    call = await center.call(MAILBOX, caller=caller, name=name)
    assert await call.hears("en/beep", within=15)
    await call.say(tone(hz, 3))
    await call.hangup()
    await center.running.becomes_quiet()


async def told(running: RunningCenter, *words: str) -> Any:
    code, printed = await running.switchboard(*words)
    assert code == 0, printed
    return json.loads(printed)


async def numbers_owed(running: RunningCenter) -> dict[str, str]:
    """Who is owed an answer, and how the call ended."""
    asked = ("report", "owed", "--format", "json", "-o", str(running.state.root / "owed.json"))
    code, printed = await running.switchboard(*asked)
    assert code == 0, printed
    whole = json.loads((running.state.root / "owed.json").read_text())
    return {row["number"]: row["outcome"] for row in whole["rows"]}


async def has_sent_a_page(center: Center, installation: Installation, directory: Path) -> None:
    async with FaxMachines(installation, center=SIP, listen=MACHINES) as machines:
        sending = asyncio.create_task(PART.send(machines, directory))
        await has_pages(center.running, PART, 1)
        await machines.hang_up(PART.sending.caller)
        assert (await sending).status == "FAILED"
    await center.running.becomes_quiet()


async def test_who_left_a_message_and_half_a_fax_is_owed_an_answer_until_the_next_contact(
    center: Center, installation: Installation, tmp_path: Path
) -> None:
    """No mail server is there, so nobody has the message."""
    running, number = center.running, PART.sending.caller
    await leaves_a_message(center, SPEAKER, "Ivan", 440)
    await has_sent_a_page(center, installation, tmp_path)
    await until_listed(running, "fax", "partial")
    await until_listed(running, "voicemail", "complete")
    assert await numbers_owed(running) == {SPEAKER: "voicemail", number: "fax"}
    anna = await center.phone("201")
    async with Carrier(installation, center=SIP, listen=MACHINES) as carrier:
        await center.finds("carrier")
        await carrier.behaves(number, "busy")
        await (await anna.dial(number.replace("+7", "8"))).ended(within=15)
        assert number in await numbers_owed(running), "who is called in vain has no answer"
        await carrier.behaves(number, "answer")
        back = await anna.dial(number.replace("+7", "8"))
        await back.answered(within=15)
        await back.say(tone(500, 1))
        await back.hangup()
        await running.becomes_quiet()
    assert await numbers_owed(running) == {SPEAKER: "voicemail"}
    call = await center.call(ANNA, caller=SPEAKER)
    agent = await (await anna.rings()).answer()
    await agent.say(tone(700, 1))
    await call.hangup()
    await running.becomes_quiet()
    assert await numbers_owed(running) == {}


async def until_listed(running: RunningCenter, what: str, status: str) -> dict[str, Any]:
    """The last of its kind, once it has come to this."""
    for _ in range(60):
        listed = await told(running, what, "list", "--json")
        if listed and listed[-1]["status"] == status:
            row: dict[str, Any] = listed[-1]
            return row
        await asyncio.sleep(0.5)
    raise AssertionError(listed)


def where(root: Path, *words: bytes) -> dict[str, list[bytes]]:
    """The files below a directory that hold one of these words, and which."""
    found = {}
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if held := [word for word in words if word in data]:
                found[str(path.relative_to(root))] = held
    return found


async def test_all_that_is_known_of_a_number_is_exported_and_forgotten(
    center: Center, installation: Installation, tmp_path: Path
) -> None:
    running, number = center.running, WHOLE.sending.caller
    await leaves_a_message(center, number, NAME, 617)
    async with FaxMachines(installation, center=SIP, listen=MACHINES) as machines:
        sent = await WHOLE.send(machines, tmp_path)
        assert (sent.status, sent.pages) == ("SUCCESS", 1)
    await until_listed(running, "voicemail", "complete")
    await until_listed(running, "fax", "complete")
    code, printed = await running.switchboard("forget", number, "--yes")
    assert (code, "not sent yet" in printed) == (1, True), "letters about it are on their way"
    with open_inbox(2525) as inbox:
        letters = [await inbox.letter("926 000-01-55", to, within=90) for to in TO]
        await until_all_are_sent(running)
    archive = tmp_path / "known.zip"
    code, printed = await running.switchboard("export", number, "-o", str(archive))
    assert code == 0, printed
    told_of, files = opened(archive)
    assert [call["outcome"] for call in told_of["calls"]] == ["voicemail", "fax"]
    assert {kind: len(told_of[kind]) for kind in KINDS} == dict(
        zip(KINDS, (2, 1, 1, 2), strict=True)
    )
    await forwards_to_it(center, number)
    canaries = [*map(piece_of, files), *map(line_of, letters)]
    assert len(canaries) == 4
    assert len(where(running.state.root, *canaries[:2])) >= 2, "the sound and the pages are there"

    code, printed = await running.switchboard("forget", number, "--yes")
    assert code == 0, printed
    assert "1  forwards" in printed
    after = await told(running, "export", number)
    assert {kind: after[kind] for kind in (*KINDS, "forwards")} == {
        kind: [] for kind in (*KINDS, "forwards")
    }
    await asyncio.sleep(ASTDB_SECONDS)
    words = (number.removeprefix("+7").encode(), NAME.encode(), STATION.encode())
    left = where(running.state.root, *words, *canaries)
    elsewhere = {path: words for path, words in left.items() if "asterisk/log/" not in path}
    assert elsewhere == {}
    assert left, "Asterisk's own files, as docs/reports.md says, until they are rotated away"


async def forwards_to_it(center: Center, number: str) -> None:
    """Anna's calls go on to it, over a restart too; while Asterisk is away that is not known."""
    running, anna = center.running, await center.phone("201")
    call = await anna.dial(number.replace("+7", "*728"))
    assert await call.hears("en/calls-forwarded")
    await call.ended(within=15)
    await asyncio.sleep(ASTDB_SECONDS)
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.process.wait) == 0
    assert (await told(running, "export", number))["forwards"] is None
    await asyncio.to_thread(running.start)
    assert (await told(running, "export", number))["forwards"] == ["201"]


async def until_all_are_sent(running: RunningCenter) -> None:
    for _ in range(60):
        states = {one["state"] for one in await told(running, "outbox", "list", "--json")}
        if states == {"sent"}:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(states)


def opened(archive: Path) -> tuple[dict[str, Any], list[bytes]]:
    """What is known, and the sounds and pages."""
    with zipfile.ZipFile(archive) as file:
        known: dict[str, Any] = json.loads(file.read("known.json"))
        return known, [file.read(name) for name in file.namelist() if name != "known.json"]


def piece_of(file: bytes) -> bytes:
    """Some of its middle, by which it is known again."""
    return file[len(file) // 2 :][:64]


def line_of(letter: EmailMessage) -> bytes:
    """A line of what is attached to it, as it was sent."""
    [attached] = list(letter.iter_attachments())
    lines = str(attached.get_payload()).split()
    return lines[len(lines) // 2].encode()
