"""From a spool to the outbox, with a real database, real converters, and whatever goes wrong."""

import asyncio
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select

from switchboard.db import FILE_NAME
from switchboard.outbox import BodyRow
from tests.sip.hearing import tone_seconds
from tests.sip.sound import HZ, Sound, read_wav, silence, to_pcm, tone
from tests.voicemail.conftest import Room
from tests.voicemail.written import noise, wav
from voicemail.spool import SETTLED_SECONDS, Found, Spool

LATER = SETTLED_SECONDS + 1


def recorded(*parts: Sound) -> bytes:
    """What Asterisk records of sounds that follow one another."""
    return wav(b"".join(to_pcm(part, HZ) for part in parts))


async def letters(room: Room) -> list[EmailMessage]:
    """The letters in the outbox, in their order."""
    async with room.database.reading() as session:
        bodies = await session.scalars(select(BodyRow.content).order_by(BodyRow.letter_id))
        read = [message_from_bytes(body, policy=default) for body in bodies]
    assert all(isinstance(letter, EmailMessage) for letter in read)
    return read


def attached(letter: EmailMessage) -> tuple[str, bytes]:
    """Kind and content of the one file of a letter."""
    (part,) = letter.iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    return part.get_content_type(), content


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def heard(sound: bytes, directory: Path) -> Sound:
    """What a mail program plays."""
    source, wav_file = directory / "played", directory / "played.wav"
    source.write_bytes(sound)
    argv = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-ac", "1", "-c:a", "pcm_s16le"]
    subprocess.run([*argv, str(wav_file)], check=True)
    return read_wav(wav_file)


@pytest.mark.parametrize(
    ("form", "kind"), [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("wav", "audio/wav")]
)
async def test_a_message_becomes_a_letter_with_what_was_said(
    room: Room, form: str, kind: str
) -> None:
    words = tone(500, 1, 0.05), tone(700, 1, 0.05), tone(900, 1, 0.05)
    room.written.message(sound=recorded(silence(3), *words, silence(4)))
    assert await room.deliverer().do_one(room.with_boxes({"sales": {"format": form}}))
    (letter,) = await letters(room)
    assert letter["To"] == "sales@acme.example"
    found_kind, content = attached(letter)
    played = heard(content, room.directory)
    assert found_kind == kind
    assert [round(tone_seconds(played, hz)) for hz in (500, 700, 900)] == [1, 1, 1]
    assert len(played) / HZ < 4.5, "the silence around it is still there"
    assert 0.05 < float((played[HZ : 2 * HZ] ** 2).mean() ** 0.5) < 0.2, "not as loud as speech"


async def test_the_original_is_kept_bit_for_bit(room: Room) -> None:
    sound = room.written.message()
    await room.deliverer().do_one(room.boxes)
    (listed,) = await room.messages()
    assert (room.kept / f"{listed.message.id}.wav").read_bytes() == sound.read_bytes()
    assert [path.suffix for path in room.kept.iterdir()] == [".wav"]
    assert listed.letter is not None
    assert listed.letter.state == "waiting"
    assert listed.letter.message_id == (await letters(room))[0]["Message-ID"]


async def test_each_message_is_taken_once_however_often_one_sweeps(room: Room) -> None:
    deliverer = room.deliverer()
    for _ in range(3):
        room.written.message()
        assert await deliverer.do_one(room.boxes)
        assert await room.deliverer().do_one(room.boxes)
        room.clock.now += 60
    assert len(await letters(room)) == 3
    room.written.delete(0)
    assert await deliverer.do_one(room.boxes)
    assert len(await letters(room)) == 3


async def test_every_mailbox_has_its_own_addresses_and_language(room: Room) -> None:
    room.written.message("sales")
    room.written.message("201")
    room.written.message("202")
    boxes = room.with_boxes(
        {
            "sales": {"language": "en", "email": ["a@acme.example", "b@acme.example"]},
            "201": {"email": ["c@acme.example"]},
            "202": {"email": []},
        }
    )
    await room.deliverer().do_one(boxes)
    by_recipient = {letter["To"]: letter["Subject"] for letter in await letters(room)}
    assert by_recipient.keys() == {"a@acme.example, b@acme.example", "c@acme.example"}
    assert by_recipient["a@acme.example, b@acme.example"].startswith("Voice message for sales")
    assert by_recipient["c@acme.example"].startswith("Голосовое сообщение, 201")
    assert [listed.letter is None for listed in await room.messages()] == [False, False, True]


async def test_half_a_recording_is_sent_as_a_part(room: Room) -> None:
    room.written.recording(wav(to_pcm(tone(600, 2), HZ), 0))
    room.clock.asterisk_started = room.clock.now + 3
    await room.deliverer().do_one(room.boxes)
    (letter,) = await letters(room)
    _, content = attached(letter)
    assert tone_seconds(heard(content, room.directory), 600) == pytest.approx(2, abs=0.2)
    assert "прервана" in text_of(letter)
    (listed,) = await room.messages()
    assert listed.message.status == "partial"


async def test_a_recording_of_which_nothing_is_left_is_told_without_a_sound(room: Room) -> None:
    room.written.recording(wav(b"", 0))
    room.clock.asterisk_started = room.clock.now + 3
    await room.deliverer().do_one(room.boxes)
    (letter,) = await letters(room)
    assert list(letter.iter_attachments()) == []
    assert "Ничего не записалось" in text_of(letter)


@pytest.mark.parametrize(
    ("sound", "is_told", "is_attached"),
    [
        (b"", "Ничего не записалось", None),
        (b"no sound at all", "повреждена", b"no sound at all"),
        (wav(b"", 0), "Ничего не записалось", None),
        (wav(noise(2), 0), "повреждена", ...),
        (wav(noise(2), 900_000_000), "повреждена", ...),
        (wav(noise(2), 100), "повреждена", ...),
    ],
)
async def test_a_damaged_sound_is_kept_sent_and_told(
    room: Room, sound: bytes, is_told: str, is_attached: object
) -> None:
    room.written.message("sales", sound=sound)
    room.written.message("201")
    room.clock.now += LATER
    boxes = room.with_boxes({"sales": {}, "201": {"email": ["anna@acme.example"]}})
    assert await room.deliverer().do_one(boxes)
    by_recipient = {letter["To"]: letter for letter in await letters(room)}
    damaged = by_recipient["sales@acme.example"]
    assert is_told in text_of(damaged)
    if is_attached is None:
        assert list(damaged.iter_attachments()) == []
    elif is_attached is ...:
        assert len(heard(attached(damaged)[1], room.directory)) / HZ == pytest.approx(2, abs=0.2)
    else:
        assert attached(damaged) == ("audio/wav", is_attached)
    assert attached(by_recipient["anna@acme.example"])[0] == "audio/mpeg"


@pytest.mark.long
async def test_eight_hours_are_kept_and_told_but_do_not_travel_by_mail(room: Room) -> None:
    eight_hours = 8 * 3600 * 16000
    path = room.written.message()
    path.write_bytes(wav(b"", eight_hours))
    os.truncate(path, 44 + eight_hours)
    before = largest_child()
    await room.deliverer().do_one(room.boxes)
    (letter,) = await letters(room)
    assert list(letter.iter_attachments()) == []
    assert "switchboard voicemail export" in text_of(letter)
    (listed,) = await room.messages()
    assert (room.kept / f"{listed.message.id}.wav").stat().st_size == 44 + eight_hours
    assert largest_child() - before < 100 << 20


def largest_child() -> int:
    """The most bytes that a child of ours ever held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


async def test_without_ffmpeg_a_sound_is_sent_as_it_was_recorded(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = room.written.message()
    programs = room.directory / "programs"
    programs.mkdir()
    for name in ("nice", "setpriv", "prlimit"):
        (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(programs))
    assert await room.deliverer().do_one(room.boxes)
    (letter,) = await letters(room)
    assert attached(letter) == ("audio/wav", path.read_bytes())


async def test_a_full_disk_is_told_and_everything_is_taken_when_there_is_room_again(
    room: Room, tiny_disk: Path
) -> None:
    room.kept = tiny_disk
    deliverer = room.deliverer()
    (tiny_disk / "ballast").write_bytes(bytes(900_000))
    for _ in range(2):
        room.written.message(seconds=20)
    assert not await deliverer.do_one(room.boxes)
    assert [trouble.key for trouble in deliverer.troubles or ()] == ["voicemail:sales"]
    assert "No space left" in (deliverer.troubles or [])[0].words
    assert await letters(room) == []
    (tiny_disk / "ballast").unlink()
    assert await deliverer.do_one(room.boxes)
    assert deliverer.troubles == []
    assert len(await letters(room)) == 2
    assert leftovers(tiny_disk) == []


def leftovers(directory: Path) -> list[Path]:
    """Everything but originals."""
    return [path for path in directory.iterdir() if path.suffix != ".wav"]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "tiny"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tiny", place]).returncode:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("a small disk can be mounted only by root")
    yield place
    subprocess.run(["umount", place], check=True)


async def test_a_spool_that_cannot_be_read_is_told_and_the_other_boxes_go_on(room: Room) -> None:
    room.written.message("sales")
    (room.written.root / "201").write_text("not a directory")
    deliverer = room.deliverer()
    boxes = room.with_boxes({"201": {}, "sales": {}})
    assert not await deliverer.do_one(boxes)
    assert [trouble.key for trouble in deliverer.troubles or ()] == ["voicemail:201"]
    assert len(await letters(room)) == 1
    (room.written.root / "201").unlink()
    room.written.message("201")
    assert await deliverer.do_one(boxes)
    assert len(await letters(room)) == 2


async def test_a_message_deleted_and_others_renumbered_in_mid_sweep_are_not_mixed_up(
    room: Room,
) -> None:
    tones = {500: "+79260000005", 700: "+79260000007", 900: "+79260000009"}
    for hz, number in tones.items():
        room.written.message(callerid=number, sound=recorded(tone(hz, 2)))

    once = iter([True])

    class Meddled(Spool):
        """Its owner deletes the first message when all were seen and one is about to be copied."""

        def copy(self, found: Found, target: Path) -> None:
            if next(once, False):
                room.written.delete(0)
            super().copy(found, target)

    deliverer = room.deliverer(Meddled)
    for _ in range(2):
        assert await deliverer.do_one(room.boxes)
    by_name = {attachment_name(letter): attached(letter)[1] for letter in await letters(room)}
    heard_of = {hz for hz, number in tones.items() if any(number in name for name in by_name)}
    assert {700, 900} <= heard_of
    for name, content in by_name.items():
        (hz,) = [hz for hz, number in tones.items() if number in name]
        assert tone_seconds(heard(content, room.directory), hz) > 1.5


def attachment_name(letter: EmailMessage) -> str:
    (part,) = letter.iter_attachments()
    return str(part.get_filename())


@pytest.mark.parametrize("step", range(1, 8))
async def test_killed_at_any_step_a_message_becomes_one_letter_all_the_same(
    room: Room, project: Path, step: int
) -> None:
    """Before and after the copy, the conversion and the outbox, and after the commit."""
    sound = room.written.message()
    place = [str(room.database.engine.url), str(room.written.root), str(room.kept), str(step)]
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.voicemail.dying", *place, cwd=project
    )
    assert await killed.wait() == -signal.SIGKILL
    assert await room.deliverer().do_one(room.boxes)
    assert len(await letters(room)) == 1
    (listed,) = await room.messages()
    assert (room.kept / f"{listed.message.id}.wav").read_bytes() == sound.read_bytes()
    assert leftovers(room.kept) == []


async def test_letters_that_had_no_server_are_written_when_there_is_one(room: Room) -> None:
    room.written.message("sales")
    room.written.message("201")
    boxes = room.with_boxes({"sales": {}, "201": {"email": []}})
    deliverer = room.deliverer()
    assert not await deliverer.do_one(replace(boxes, head=None))
    assert [trouble.key for trouble in deliverer.troubles or ()] == ["voicemail:sales"]
    assert "no `mail:` says" in (deliverer.troubles or [])[0].words
    assert await letters(room) == []
    assert [one.is_safe for one in await room.messages() if one.message.mailbox == "sales"] == [
        False
    ]
    assert await room.deliverer().do_one(boxes)
    assert await deliverer.do_one(boxes)
    (letter,) = await letters(room)
    assert letter["To"] == "sales@acme.example"
    assert attached(letter)[0] == "audio/mpeg"


async def test_a_message_that_gets_its_id_when_it_is_moved_is_still_the_same(room: Room) -> None:
    sound = room.written.message(sound=recorded(tone(500, 2)))
    text = sound.with_suffix(".txt")
    whole = text.read_bytes()
    text.write_bytes(b"")
    room.clock.now += LATER
    deliverer = room.deliverer()
    assert await deliverer.do_one(room.boxes)
    heard = room.written.folder(folder="Old")
    text.unlink()
    (heard / text.name).write_bytes(whole)
    sound.rename(heard / sound.name)
    for again in (deliverer, room.deliverer()):
        assert await again.do_one(room.boxes)
    assert len(await letters(room)) == 1
    (listed,) = await room.messages()
    assert listed.message.msg_id is not None
    assert [path.name for path in room.kept.iterdir()] == [f"{listed.message.id}.wav"]


async def test_a_locked_database_leaves_messages_where_they_are(room: Room) -> None:
    room.written.message()
    deliverer = room.deliverer()
    with closing(sqlite3.connect(room.directory / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not await deliverer.do_one(room.boxes)
        other.execute("ROLLBACK")
    assert "database is locked" in (deliverer.troubles or [])[0].words
    assert await letters(room) == []
    assert await deliverer.do_one(room.boxes)
    assert len(await letters(room)) == 1
    assert deliverer.troubles == []
