"""Fax machines send real faxes, several at once, and their pages come as letters, pixel for pixel.

Of every two ways in which faxes differ each pair is among the eight: T.38 and sound, with error
correction and without, three resolutions, one page and several, dense and white, a fax number and
a voice number while its menu plays. Meanwhile four other machines hang up before, in and after a
page.
"""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from center.line import open_line
from switchboard.pbx.ami import AmiRefused
from switchboard.pbx.installation import Installation
from tests.journeys.center import Center, RunningCenter
from tests.journeys.fax_cases import (
    ADDRESS,
    CENTER,
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

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

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


@pytest.fixture(scope="module")
def received(
    running: RunningCenter,
    inbox: Inbox,
    installation: Installation,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Sent]:
    """All were sent at once, and are over; by the last digits of their senders."""
    return asyncio.run(send_all(running, installation, tmp_path_factory.mktemp("sent")))


async def send_all(
    running: RunningCenter, installation: Installation, directory: Path
) -> dict[str, Sent]:
    found: dict[str, Sent] = {}
    async with FaxMachines(installation, center=CENTER, listen=MACHINES) as machines:

        async def send(one: Case) -> None:
            found[one.last] = await one.send(machines, directory)

        async def hang_up(one: Case, pages: int, after_seconds: float) -> None:
            """The sender hangs up so long after so many pages were confirmed."""
            await has_pages(running, one, pages)
            await asyncio.sleep(after_seconds)
            await machines.hang_up(one.sending.caller)

        async with asyncio.TaskGroup() as group:
            for one in (*EIGHT, BEFORE, IN_FIRST, AFTER_FIRST, IN_SECOND):
                group.create_task(send(one))
            group.create_task(hang_up(BEFORE, 0, 2))
            group.create_task(hang_up(IN_FIRST, 0, 14))
            group.create_task(hang_up(AFTER_FIRST, 1, 0))
            group.create_task(hang_up(IN_SECOND, 1, 5))
    return found


@pytest.mark.parametrize("one", EIGHT, ids=str)
async def test_a_fax_comes_as_it_was_sent(
    one: Case, received: dict[str, Sent], inbox: Inbox, tmp_path: Path
) -> None:
    sent = received[one.last]
    assert (sent.status, sent.pages) == ("SUCCESS", one.pages), sent
    assert sent.mode == ("T38" if one.sending.t38 else "audio")
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс, office: {one.shown_number}, {one.pages} стр."
    assert_shows(letter, one, one.pages, tmp_path)


@pytest.mark.faults
@pytest.mark.parametrize("one", [AFTER_FIRST, IN_SECOND], ids=["after a page", "in a page"])
async def test_the_pages_before_a_hang_up_come_as_partial_with_the_cause(
    one: Case, received: dict[str, Sent], inbox: Inbox, tmp_path: Path
) -> None:
    assert received[one.last].status == "FAILED"
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"НЕПОЛНЫЙ факс, 1 стр.: office, {one.shown_number}"
    assert "Отправитель повесил трубку" in body(letter, "plain")
    assert_shows(letter, one, 1, tmp_path)


@pytest.mark.faults
@pytest.mark.parametrize("one", [BEFORE, IN_FIRST], ids=["before a page", "in the first page"])
async def test_a_hang_up_before_a_page_is_whole_is_a_notice(
    one: Case, received: dict[str, Sent], inbox: Inbox
) -> None:
    assert received[one.last].status == "FAILED"
    letter = await inbox.letter(one.shown_number, ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс не пришёл: office, {one.shown_number}"
    assert list(letter.iter_attachments()) == []


async def test_every_fax_is_listed_and_is_the_outcome_of_its_call(
    received: dict[str, Sent], running: RunningCenter
) -> None:
    wanted = {one.last: (one.pages, "complete", "fax") for one in EIGHT}
    wanted |= dict.fromkeys(("21", "22"), (0, "failed", "failed"))
    wanted |= dict.fromkeys(("23", "24"), (1, "partial", "fax"))
    listed = await told(running, "fax", "list", "--json")
    outcomes = {call["from"]: call["outcome"] for call in await calls_of(running)}
    found = {
        one["from"][-2:]: (one["pages"], one["status"], outcomes[one["from"]])
        for one in listed
        if one["from"].startswith("+792600001")
    }
    assert found == wanted
    (row,) = (await report(running, "fax"))["rows"]
    assert (row["fax"], row["received"], row["failed"]) == ("office", 10, 2)


async def calls_of(running: RunningCenter) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = (await report(running, "calls"))["calls"]
    return calls


async def report(running: RunningCenter, name: str) -> dict[str, Any]:
    period = ("--from", "2020-01-01", "--to", "2099-01-01")
    made: dict[str, Any] = await told(running, "report", name, *period, "--format", "json")
    return made


async def told(running: RunningCenter, *words: str) -> Any:
    code, printed = await running.switchboard(*words)
    assert code == 0, printed
    return json.loads(printed)


async def test_a_fax_is_exported_and_sent_again_by_command(
    received: dict[str, Sent], running: RunningCenter, inbox: Inbox, tmp_path: Path
) -> None:
    one = EIGHT[-1]
    listed = await told(running, "fax", "list", "--json")
    (fax_id,) = [row["id"] for row in listed if row["from"] == one.sending.caller]
    known = await told(running, "fax", "show", fax_id, "--json")
    assert (known["station"], known["resolution"]) == (one.sending.station, "204x196")
    pdf = tmp_path / "exported.pdf"
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


async def test_the_spool_is_empty_once_all_letters_are_sent(
    received: dict[str, Sent], running: RunningCenter
) -> None:
    spool = running.state.asterisk / "spool" / "fax"
    deadline = time.monotonic() + 20
    while left := list(spool.iterdir()):
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.2)


async def test_a_person_who_calls_a_fax_number_is_a_notice_whatever_his_name(
    center: Center, inbox: Inbox
) -> None:
    hostile = "<script>|$(id) ${SHELL(id)}=1"
    call = await center.call(FAX, "+79260000199", hostile)
    assert await call.hears_tone(2100, within=8)
    await call.hangup()
    letter = await inbox.letter("+7 926 000-01-99", ADDRESS, within=SOON_SECONDS)
    assert letter["Subject"] == f"Факс не пришёл: office, {hostile}, +7 926 000-01-99"


async def test_what_the_dialplan_may_write_nobody_may_read_through_asterisks_doors(
    running: RunningCenter,
) -> None:
    secrets, written = running.state.root / "secrets.yaml", running.state.root / "written"
    assert secrets.read_text()
    async with open_line(running.state) as line:
        answer = await line.ask("Getvar", Variable=f"FILE({secrets})")
        assert answer["value"] == ""
        with pytest.raises(AmiRefused):
            await line.ask("Setvar", Variable=f"FILE({written})", Value="x")
    assert not written.exists()
