"""Fax machines send real faxes, several at once, and their pages come as letters, pixel for pixel.

Of every two ways in which faxes differ each pair is among the eight: T.38 and sound, with error
correction and without, three resolutions, one page and several, dense and white, a fax number and
a voice number while its menu plays. Meanwhile four other machines hang up before, in and after a
page.
"""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from center.line import open_line
from switchboard.pbx.agi_call import AgiCall
from switchboard.pbx.agi_server import AgiServer, Handler
from switchboard.pbx.ami import AmiRefused
from switchboard.pbx.installation import Installation
from tests.journeys.center import Center, RunningCenter
from tests.journeys.fax_cases import (
    ADDRESS,
    CALLED,
    FAX,
    MACHINES,
    MENU,
    SOON_SECONDS,
    Case,
    assert_shows,
    case,
    has_pages,
)
from tests.journeys.inbox import Inbox
from tests.mail.reading import body
from tests.sip.faxmachine import FaxMachines, Sent
from tests.until import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

AGI = ("127.0.0.1", 4573)
EIGHT = [
    case(11, FAX, 196, 1, "dense", t38=False, ecm=False),
    case(12, FAX, 98, 3, "white", t38=False, ecm=True),
    case(13, MENU, 196, 1, "white", t38=False, ecm=True),
    case(14, MENU, 391, 1, "dense", t38=False, ecm=True),
    case(15, MENU, 98, 1, "white", t38=True, ecm=False),
    case(16, FAX, 391, 10, "white", t38=True, ecm=False),
    case(17, MENU, 98, 3, "dense", t38=True, ecm=True),
    case(18, FAX, 196, 2, "white", t38=True, ecm=True),
]
BEFORE = case(21, FAX, 196, 2, "dense", t38=False, ecm=True)
IN_FIRST = case(22, MENU, 391, 2, "dense", t38=True, ecm=True)
AFTER_FIRST = case(23, FAX, 196, 3, "dense", t38=True, ecm=False)
IN_SECOND = case(24, FAX, 391, 2, "dense", t38=False, ecm=True)


# one test: another worker would send them all again
@pytest.mark.faults
async def test_faxes_come_as_they_were_sent_and_what_broke_off_says_why(
    center: Center, inbox: Inbox, installation: Installation, tmp_path: Path
) -> None:
    running = center.running
    inbox.letters.clear()
    async with FaxMachines(installation, center=CALLED, listen=MACHINES) as machines:

        async def whole(one: Case) -> None:
            await comes_whole(one, await one.send(machines, tmp_path), inbox, tmp_path)

        async def breaks_off(one: Case, pages: int, after_seconds: float) -> None:
            """The sender hangs up so long after so many pages were confirmed."""
            sending = asyncio.create_task(one.send(machines, tmp_path))
            await has_pages(running, one, pages)
            await asyncio.sleep(after_seconds)
            await machines.hang_up(one.sending.caller)
            comes = comes_in_part if pages else comes_as_a_notice
            await comes(one, await sending, inbox, tmp_path)

        async def again(one: Case) -> None:
            await whole(one)
            await is_exported_and_sent_again(one, running, inbox, tmp_path)

        async with asyncio.TaskGroup() as group:
            for one in EIGHT[:-1]:
                group.create_task(whole(one))
            group.create_task(again(EIGHT[-1]))
            group.create_task(breaks_off(BEFORE, 0, 2))
            group.create_task(breaks_off(IN_FIRST, 0, 14))
            group.create_task(breaks_off(AFTER_FIRST, 1, 0))
            group.create_task(breaks_off(IN_SECOND, 1, 5))
    await asyncio.gather(are_listed_and_counted(running), the_spool_is_emptied(running))


async def comes_whole(one: Case, sent: Sent, inbox: Inbox, directory: Path) -> None:
    """The letter has every page, pixel for pixel."""
    assert (sent.status, sent.pages) == ("SUCCESS", one.pages), f"{one}: {sent}"
    assert sent.mode == ("T38" if one.sending.t38 else "audio")
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс, office: {one.shown_number}, {one.pages} стр."
    await asyncio.to_thread(assert_shows, letter, one, one.pages, directory)


async def comes_in_part(one: Case, sent: Sent, inbox: Inbox, directory: Path) -> None:
    """The letter has the page before the hang-up, and the cause."""
    assert sent.status == "FAILED", one
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"НЕПОЛНЫЙ факс, 1 стр.: office, {one.shown_number}"
    assert "Отправитель повесил трубку" in body(letter, "plain")
    await asyncio.to_thread(assert_shows, letter, one, 1, directory)


async def comes_as_a_notice(one: Case, sent: Sent, inbox: Inbox, _: Path) -> None:
    assert sent.status == "FAILED", one
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс не пришёл: office, {one.shown_number}"
    assert list(letter.iter_attachments()) == []


async def are_listed_and_counted(running: RunningCenter) -> None:
    """Every fax is the outcome of its call."""
    wanted = {one.last: (one.pages, "complete", "fax") for one in EIGHT}
    wanted |= dict.fromkeys(("21", "22"), (0, "failed", "failed"))
    wanted |= dict.fromkeys(("23", "24"), (1, "partial", "fax"))
    listed = await told(running, "fax", "list", "--json")
    outcomes = await outcomes_of(running, {one["from"] for one in listed})
    found = {
        one["from"][-2:]: (one["pages"], one["status"], outcomes[one["from"]])
        for one in listed
        if one["from"].startswith("+792600001")
    }
    assert found == wanted
    (row,) = (await report(running, "fax"))["rows"]
    assert row["fax"] == "office"
    assert (row["received"] >= 10, row["failed"] >= 2) == (True, True), row


async def outcomes_of(running: RunningCenter, callers: set[str]) -> dict[str, str | None]:
    """By the caller's number, as soon as the records of all these calls are taken in."""
    deadline = time.monotonic() + 2 * SOON_SECONDS
    while True:
        calls = (await report(running, "calls"))["calls"]
        outcomes = {call["from"]: call["outcome"] for call in calls}
        if all(outcomes.get(caller) for caller in callers):
            return outcomes
        assert time.monotonic() < deadline, outcomes
        await asyncio.sleep(0.5)


async def report(running: RunningCenter, name: str) -> dict[str, Any]:
    period = ("--from", "2020-01-01", "--to", "2099-01-01")
    made: dict[str, Any] = await told(running, "report", name, *period, "--format", "json")
    return made


async def told(running: RunningCenter, *words: str) -> Any:
    code, printed = await running.switchboard(*words)
    assert code == 0, printed
    return json.loads(printed)


async def is_exported_and_sent_again(
    one: Case, running: RunningCenter, inbox: Inbox, directory: Path
) -> None:
    listed = await told(running, "fax", "list", "--json")
    (fax_id,) = [row["id"] for row in listed if row["from"] == one.sending.caller]
    known = await told(running, "fax", "show", fax_id, "--json")
    assert (known["station"], known["resolution"]) == (one.sending.station, "204x196")
    pdf = directory / "exported.pdf"
    code, printed = await running.switchboard("fax", "export", fax_id, "-o", str(pdf))
    assert code == 0, printed
    letter = inbox.about(one.shown_number, ADDRESS)[0]
    (part,) = letter.iter_attachments()
    assert part.get_content() == pdf.read_bytes()
    code, printed = await running.switchboard("fax", "resend", fax_id)
    assert code == 0, printed
    deadline = time.monotonic() + SOON_SECONDS
    while len(inbox.about(one.shown_number, ADDRESS)) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    code, printed = await running.switchboard("fax", "show", "../../switchboard.db")
    assert (code, "there is no fax" in printed) == (1, True)


async def the_spool_is_emptied(running: RunningCenter) -> None:
    """All letters are sent."""
    spool = running.state.asterisk / "spool" / "fax"
    deadline = time.monotonic() + 20
    while left := list(spool.iterdir()):
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.2)


async def test_a_person_who_calls_a_fax_number_is_a_notice_whatever_his_name(
    center: Center, inbox: Inbox
) -> None:
    hostile = "<script>|$(id) ${FILE(/etc/hostname)}=1"
    call = await center.call(FAX, "+79260000199", hostile)
    assert await call.hears_tone(2100, within=8)
    await call.hangup()
    letter = await inbox.letter("+7 926 000-01-99", ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс не пришёл: office, {hostile}, +7 926 000-01-99"


async def test_files_that_the_dialplan_may_write_are_closed_to_ami_and_open_to_agi(
    center: Center,
) -> None:
    """As decision 8 says: the engine's own line refuses to name the function."""
    spool = center.running.state.asterisk / "spool" / "fax"
    secret, written = spool / "secret", spool / "written"
    secret.write_text("canary")
    shutil.chown(secret, spool.stat().st_uid)
    async with open_line(center.running.state) as line:
        assert (await line.ask("Getvar", Variable=f"FILE({secret})"))["value"] == ""
        with pytest.raises(AmiRefused):
            await line.ask("Setvar", Variable=f"FILE({written},,,al,u)", Value="x")
    assert not written.exists()

    said: list[str] = []

    async def ivr(call: AgiCall) -> None:
        with pytest.raises(ValueError, match="FILE"):
            await call.get_variable(f"FILE({secret})")
        reply = await call._send(f"GET VARIABLE FILE({secret})\n".encode())
        said.append(reply.text)

    with center.running.without_python():
        async with engine(ivr):
            call = await center.call(MENU, "+79260000198")
            await until(lambda: bool(said))
            await call.hangup()
    assert said == ["(canary)"]
    secret.unlink()


@asynccontextmanager
async def engine(handler: Handler) -> AsyncIterator[None]:
    """Somebody else where the engine was, as soon as it is gone."""
    server = AgiServer({"ivr": handler})
    async with asyncio.timeout(5):
        while True:
            try:
                await server.start(*AGI)
                break
            except OSError:
                await asyncio.sleep(0.05)
    yield
    await server.close()
