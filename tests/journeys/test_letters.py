"""A caller leaves a message, and its letter comes to a real mail server."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.centers import EXAMPLE
from tests.journeys.center import CLOSED, Center, RunningCenter
from tests.journeys.inbox import Inbox
from tests.sip.call import Call
from tests.sip.hearing import tone_seconds
from tests.sip.sound import HZ, Sound, read_wav, tone

pytestmark = pytest.mark.asterisk

SALES, ANNA, BORIS = "+74950000003", "+74950000201", "+74950000202"
BRIEF, REVIEWED = "+74950000011", "+74950000012"
NUMBERS = f"""\
numbers:
  "{BRIEF}": {{voicemail: brief}}
  "{REVIEWED}": {{voicemail: reviewed}}
  """
BOXES = """\
  brief: {pin: "58214", email: [brief@acme.example], max_seconds: 4}
  reviewed: {pin: "58216", email: [reviewed@acme.example], review: true}
"""
MELODY = (500, 900, 700)  # in this order
SOON_SECONDS = 10.0  # the aim is 3, on a machine that does not run other tests meanwhile


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, with another language and other habits for the boxes of Anna and Boris."""
    directory = tmp_path_factory.mktemp("letters") / "acme"
    shutil.copytree(EXAMPLE, directory)
    text = (directory / "center.yaml").read_text("utf-8")
    for before, after in (
        ('pin: "27718"', 'pin: "27718", language: en, format: opus, after_delivery: heard'),
        ('pin: "40962"', 'pin: "40962", after_delivery: delete'),
        ("numbers:  ", NUMBERS),
        ("voicemail:\n", f"voicemail:\n{BOXES}"),
    ):
        assert before in text
        text = text.replace(before, after)
    (directory / "center.yaml").write_text(text, "utf-8")
    return directory


def melody(*pitches: int) -> Sound:
    return np.concatenate([tone(hz, 1, 0.1) for hz in pitches])


async def recording_call(center: Center, number: str, caller: str, name: str = "") -> Call:
    """A call that has just heard the tone."""
    call = await center.call(number, caller, name)
    assert await call.hears("ru/beep", within=25)
    await asyncio.sleep(0.3)  # the tone's own end is not recorded
    return call


async def leave(center: Center, number: str, caller: str, name: str = "", *hz: int) -> None:
    call = await recording_call(center, number, caller, name)
    await call.say(melody(*(hz or MELODY)))
    await call.hangup()


def pitches(letter: EmailMessage, directory: Path) -> list[int]:
    """The pitches that are heard in the sound of a letter, in their order."""
    (part,) = letter.iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    source, played = directory / "attached", directory / "attached.wav"
    source.write_bytes(content)
    argv = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-ac", "1", "-c:a", "pcm_s16le"]
    subprocess.run([*argv, str(played)], check=True)
    return [hz for _, hz in sorted(heard_at(read_wav(played)))]


def heard_at(sound: Sound) -> Iterator[tuple[float, int]]:
    """When each pitch of ours begins, if it is there for more than half a second."""
    for hz in (*MELODY, 1300):
        if tone_seconds(sound, hz) > 0.5:
            pieces = [
                tone_seconds(sound[at : at + HZ // 4], hz) for at in range(0, len(sound), 800)
            ]
            yield pieces.index(max(pieces)), hz


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def messages(center: Center) -> list[dict[str, Any]]:
    code, printed = await center.running.switchboard("voicemail", "list", "--json")
    assert code == 0, printed
    listed: list[dict[str, Any]] = json.loads(printed)
    return listed


def spooled(running: RunningCenter, box: str) -> dict[str, int]:
    """How many messages Asterisk has in each folder of a box."""
    spool = running.state.asterisk / "spool" / "voicemail" / "center" / box
    folders = {path.name: len(list(path.glob("msg*.txt"))) for path in spool.glob("*")}
    return {name: count for name, count in folders.items() if count}


async def test_a_message_to_a_closed_department_comes_as_a_letter_with_what_was_said(
    center: Center, inbox: Inbox, tmp_path: Path
) -> None:
    await center.clock(CLOSED)
    await leave(center, SALES, "+79260000011", "Иван Петров")
    ended = time.monotonic()
    letter = await inbox.letter("Иван Петров, +7 926 000-00-11", "sales@acme.example")
    assert time.monotonic() - ended < SOON_SECONDS
    text = text_of(letter)
    assert "Путь: Отдел продаж (закрыто)" in text
    assert "Набранный номер: +7 495 000-00-03" in text
    assert pitches(letter, tmp_path) == list(MELODY)
    (listed,) = [one for one in await messages(center) if one["from"] == "+79260000011"]
    assert listed["mailbox"] == "sales"
    assert listed["status"] == "complete"
    assert listed["seconds"] == pytest.approx(3, abs=1.5)
    assert listed["received_at"].endswith("+03:00")
    mail = listed["mail"]
    assert mail["message_id"] == letter["Message-ID"]
    assert (mail["to"], mail["tries"]) == (["sales@acme.example"], 1)


async def test_a_message_at_an_extension_comes_in_the_language_and_format_of_its_box(
    center: Center, inbox: Inbox, tmp_path: Path
) -> None:
    await leave(center, ANNA, "+79260000012", "", 900, 500)
    letter = await inbox.letter("+7 926 000-00-12", "anna@acme.example")
    assert letter["Subject"].startswith("Voice message for Anna Ivanova: +7 926 000-00-12")
    assert "extension Anna Ivanova (not answered)" in text_of(letter)
    (part,) = letter.iter_attachments()
    assert part.get_content_type() == "audio/ogg"
    assert pitches(letter, tmp_path) == [900, 500]
    await becomes(center, "201", {"Old": 1})


async def test_a_box_that_wants_it_is_empty_once_its_letter_is_sent(
    center: Center, inbox: Inbox, tmp_path: Path
) -> None:
    await leave(center, BORIS, "+79260000013")
    letter = await inbox.letter("+7 926 000-00-13", "boris@acme.example")
    await becomes(center, "202", {})
    (listed,) = [one for one in await messages(center) if one["from"] == "+79260000013"]
    assert listed["mail"]["message_id"] == letter["Message-ID"]
    exported = tmp_path / "exported.wav"
    code, printed = await center.running.switchboard(
        "voicemail", "export", listed["id"], "-o", str(exported)
    )
    assert code == 0, printed
    assert [round(tone_seconds(read_wav(exported), hz)) for hz in MELODY] == [1, 1, 1]


async def becomes(center: Center, box: str, wanted: dict[str, int]) -> None:
    """Asterisk has these messages in a box, soon."""
    deadline = asyncio.get_running_loop().time() + 10
    while spooled(center.running, box) != wanted:
        assert asyncio.get_running_loop().time() < deadline, spooled(center.running, box)
        await asyncio.sleep(0.1)


async def ends_with_hash(center: Center) -> None:
    call = await recording_call(center, SALES, "+79260000041")
    await call.say(melody(900, 700))
    await call.press("#")
    assert await call.hears("ru/auth-thankyou")
    await call.ended()


async def goes_on_until_nothing_more_is_recorded(center: Center) -> None:
    call = await recording_call(center, BRIEF, "+79260000042")
    await call.say(melody(500, 900, 700, 1300, 500))
    assert await call.hears("ru/auth-thankyou"), call.heard()
    await call.ended()


async def hangs_up_in_review(center: Center) -> None:
    call = await recording_call(center, REVIEWED, "+79260000043")
    await call.say(melody(700, 500))
    await call.press("#")
    assert await call.hears("ru/vm-review")
    await call.hangup()


async def speaks_again_in_review(center: Center) -> None:
    call = await recording_call(center, REVIEWED, "+79260000044")
    await call.say(melody(700, 500))
    await call.press("#")
    assert await call.hears("ru/vm-review")
    await call.press("3")
    assert await call.hears("ru/beep")
    await asyncio.sleep(0.3)
    await call.say(melody(1300, 900))
    await call.press("#")
    assert await call.hears("ru/vm-review")
    await call.press("1")
    assert await call.hears("ru/vm-msgsaved")
    await call.hangup()


async def test_however_a_message_ends_its_letter_brings_what_was_said_last(
    center: Center, inbox: Inbox, tmp_path: Path
) -> None:
    await center.clock(CLOSED)
    await asyncio.gather(
        ends_with_hash(center),
        goes_on_until_nothing_more_is_recorded(center),
        hangs_up_in_review(center),
        speaks_again_in_review(center),
    )
    for last, box, heard in (
        (41, "sales", [900, 700]),
        (42, "brief", [500, 900, 700]),
        (43, "reviewed", [700, 500]),
        (44, "reviewed", [1300, 900]),
    ):
        letter = await inbox.letter(f"+7 926 000-00-{last}", f"{box}@acme.example")
        assert pitches(letter, tmp_path)[: len(heard)] == heard


async def test_who_waits_and_presses_the_key_of_the_mailbox_leaves_a_message(
    center: Center, inbox: Inbox, tmp_path: Path
) -> None:
    anna = await center.phone("201")
    call = await center.call(SALES, "+79260000045")
    await anna.rings()
    await call.press("1")
    assert await call.hears("ru/beep", within=25)
    await asyncio.sleep(0.3)
    await call.say(melody(900, 1300))
    await call.hangup()
    letter = await inbox.letter("+7 926 000-00-45", "sales@acme.example")
    assert pitches(letter, tmp_path) == [900, 1300]
    assert "Отдел продаж (клавиша 1)" in text_of(letter)


@pytest.mark.parametrize(("word", "other"), [(None, "30"), (tone(1300, 0.3), "31")])
async def test_who_hangs_up_at_the_tone_or_after_a_word_writes_no_letter(
    center: Center, inbox: Inbox, word: Sound | None, other: str
) -> None:
    await center.clock(CLOSED)
    call = await center.call(SALES, "+79260000014")
    assert await call.hears("ru/beep", within=25)
    if word is not None:
        await call.say(word)
    await call.hangup()
    await leave(center, SALES, f"+792600000{other}")
    await inbox.letter(f"+7 926 000-00-{other}", "sales@acme.example")
    assert inbox.about("+7 926 000-00-14", "sales@acme.example") == []


async def test_a_message_deleted_by_command_is_gone_everywhere_and_never_comes_again(
    center: Center, inbox: Inbox
) -> None:
    await center.clock(CLOSED)
    before = spooled(center.running, "sales").get("INBOX", 0)
    await leave(center, SALES, "+79260000016")
    await inbox.letter("+7 926 000-00-16", "sales@acme.example")
    (listed,) = [one for one in await messages(center) if one["from"] == "+79260000016"]
    code, printed = await center.running.switchboard("voicemail", "delete", listed["id"])
    assert code == 0, printed
    assert spooled(center.running, "sales").get("INBOX", 0) == before
    assert listed["id"] not in [one["id"] for one in await messages(center)]
    code, printed = await center.running.switchboard("voicemail", "delete", listed["id"])
    assert (code, "there is no message" in printed) == (1, True)


async def test_half_a_message_comes_as_a_part_when_asterisk_is_killed_in_it(
    center: Center, inbox: Inbox, tmp_path: Path
) -> None:
    await center.clock(CLOSED)
    call = await recording_call(center, SALES, "+79260000017", "Cut Caller")
    await call.say(tone(700, 5, 0.1))
    await center.running.loses_asterisk()
    letter = await inbox.letter("Cut Caller, +7 926 000-00-17", "sales@acme.example")
    assert "Запись прервана сбоем" in text_of(letter)
    assert "Отдел продаж (закрыто)" in text_of(letter)
    assert pitches(letter, tmp_path) == [700]
    (listed,) = [one for one in await messages(center) if one["from"] == "+79260000017"]
    assert listed["status"] == "partial"
    recording = center.running.state.asterisk / "spool" / "voicemail" / "center" / "sales" / "tmp"
    deadline = time.monotonic() + 10
    while list(recording.iterdir()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
