"""What is wrong with a running center is told within half a minute, and by letter."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.centers import EXAMPLE
from tests.journeys.center import ROOT, RunningCenter
from tests.journeys.inbox import Inbox, open_inbox

pytestmark = pytest.mark.asterisk

TOLD_SECONDS = 30.0  # faults.md: within 30 s an alarm stands, and a letter goes out
IT = "it@acme.example"
LISTED = "id kind state to subject message_id tries last_error due_at".split()


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("alarms") / "acme"
    shutil.copytree(EXAMPLE, directory)
    return directory


@pytest.fixture
def inbox(own_network: None) -> Iterator[Inbox]:
    """Where the example's `mail:` points; away between the tests."""
    with open_inbox(2525) as inbox:
        yield inbox


async def listed(running: RunningCenter, *words: str) -> list[dict[str, Any]]:
    code, printed = await running.switchboard(*words, "--json")
    assert code == 0, printed
    answer: list[dict[str, Any]] = json.loads(printed)
    return answer


async def alarm(running: RunningCenter, key: str) -> dict[str, Any]:
    """An alarm, as soon as it stands."""
    async with asyncio.timeout(TOLD_SECONDS):
        while True:
            for one in await listed(running, "alarms"):
                if one["key"] == key:
                    return one
            await asyncio.sleep(1)


async def test_mail_that_fails_is_told_by_every_command(running: RunningCenter) -> None:
    """The trunk of the example does not answer: its letter finds no mail server."""
    told = await alarm(running, "phones:trunk carrier")
    assert told["what"] == "the trunk carrier is away"
    told = await alarm(running, "mail")
    assert "127.0.0.1:2525 at greeting: Connection refused" in told["what"]
    secrets = await asyncio.to_thread(
        subprocess.run, running.command("secrets"), cwd=ROOT, capture_output=True, text=True
    )
    assert secrets.returncode == 0
    assert secrets.stderr.startswith("mail fails, ")
    assert "mail fails" not in secrets.stdout
    assert "alarm: mail fails" in running.printed.read_text()


async def test_letters_that_waited_arrive_together_when_the_server_is_back(
    running: RunningCenter,
) -> None:
    await alarm(running, "mail")
    waiting = [one for one in await listed(running, "outbox", "list") if one["state"] != "sent"]
    assert list(waiting[0]) == LISTED
    with open_inbox(2525) as inbox:
        code, printed = await running.switchboard("outbox", "retry", str(waiting[0]["id"]))
        assert code == 0, printed
        for one in waiting:
            letter = await inbox.letter(one["subject"], IT)
            assert letter["Message-ID"].strip() == one["message_id"]
        shown = [await listed(running, "outbox", "show", str(one["id"])) for one in waiting]
        assert {one["state"] for one in shown} == {"sent"}  # type: ignore[call-overload]
        code, printed = await running.switchboard("outbox", "forget", "--dry-run")
        assert (code, printed) == (0, "0 letters would be forgotten\n")


async def test_an_engine_that_had_to_be_started_again_is_told_by_letter(
    running: RunningCenter, inbox: Inbox
) -> None:
    running.kill("console.engine")
    told = await alarm(running, "restart:engine")
    assert told["what"].startswith("engine had to be started again")
    letter = await inbox.letter("engine had to be started again", IT, TOLD_SECONDS)
    assert told["how_to_mend"] in letter.get_content().replace("\n", " ")


async def test_a_prompt_that_was_lost_is_told_and_apply_brings_it_back(
    running: RunningCenter,
) -> None:
    lost = next((running.state.sounds / "ru" / "sb").glob("main-long-*.wav"))
    lost.unlink()
    told = await alarm(running, "prompts")
    assert told["what"] == f"1 prompts cannot be played, such as ru/{lost.stem}"
    code, printed = await running.switchboard("apply")
    assert code == 0 and lost.exists(), printed


async def test_another_mail_server_gets_what_waited_as_soon_as_it_is_applied(
    running: RunningCenter, center_directory: Path
) -> None:
    subject = "Asterisk had to be started again"
    await running.loses_asterisk()
    await tried_in_vain(running, subject)
    path = center_directory / "center.yaml"
    path.write_text(path.read_text("utf-8").replace("port: 2525", "port: 2526"), "utf-8")
    with open_inbox(2526) as elsewhere:
        code, printed = await running.switchboard("apply")
        assert code == 0 and "applied version" in printed, printed
        await elsewhere.letter(subject, IT, TOLD_SECONDS)


async def tried_in_vain(running: RunningCenter, subject: str) -> None:
    """A letter waits, and would be tried again in a minute."""
    async with asyncio.timeout(TOLD_SECONDS):
        while True:
            for one in await listed(running, "outbox", "list"):
                if one["state"] == "waiting" and one["tries"] and subject in one["subject"]:
                    return
            await asyncio.sleep(0.5)
