"""Sweeps of spools as Asterisk leaves them: whole, half, renumbered, forged."""

import os
import time
from pathlib import Path

import pytest

from tests.voicemail.written import WrittenSpool, age, noise, wav
from voicemail.message import Caller, Status
from voicemail.spool import ABANDONED_SECONDS, SETTLED_SECONDS, Found, Moved, Spool

LATER = SETTLED_SECONDS + 1


class Clock:
    """The time of the spool's files, which a test moves on."""

    def __init__(self) -> None:
        self.now = time.time()
        self.asterisk_started = self.now - 3600

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def written(tmp_path: Path) -> WrittenSpool:
    return WrittenSpool(tmp_path / "center")


@pytest.fixture
def spool(written: WrittenSpool, clock: Clock) -> Spool:
    return Spool(written.root, lambda: clock.asterisk_started, clock)


def swept(spool: Spool, *mailboxes: str) -> list[Found]:
    """All that a sweep finds; everything must be readable."""
    seen = spool.sweep(mailboxes or ("sales",))
    assert seen.unreadable == {}
    return [found for folder in seen.folders for found in folder.messages]


def test_a_box_that_nobody_called_is_empty(spool: Spool) -> None:
    assert swept(spool) == []


def test_whole_messages_are_found_in_every_folder_of_the_boxes_asked_for(
    written: WrittenSpool, spool: Spool
) -> None:
    written.message("sales", "INBOX")
    written.message("sales", "Old")
    written.message("201", "Urgent")
    written.message("gone", "INBOX")
    found = swept(spool, "sales", "201", "empty")
    assert [(one.mailbox, one.folder, one.status) for one in found] == [
        ("sales", "INBOX", Status.COMPLETE),
        ("sales", "Old", Status.COMPLETE),
        ("201", "Urgent", Status.COMPLETE),
    ]
    assert found[0].envelope is not None
    assert found[0].envelope.caller == Caller("+79260000001", "Иван")
    assert len({one.id for one in found}) == 3


def test_a_message_keeps_its_id_under_another_number_and_in_another_folder(
    written: WrittenSpool, spool: Spool
) -> None:
    for _ in range(3):
        written.message()
    ids = [found.id for found in swept(spool)]
    written.delete(0)
    (last,) = written.folder().glob("msg0001.wav")
    for path in (last, last.with_suffix(".txt")):
        path.rename(written.folder(folder="Old") / path.name.replace("0001", "0000"))
    assert [found.id for found in swept(spool)] == ids[1:]


def test_the_same_message_in_two_boxes_is_two(written: WrittenSpool, spool: Spool) -> None:
    sound = written.message("sales")
    for path in (sound, sound.with_suffix(".txt")):
        (written.folder("201") / path.name).write_bytes(path.read_bytes())
    first, second = swept(spool, "sales", "201")
    assert first.id != second.id


@pytest.mark.parametrize("text", ["", "missing", ";\n; Message Information file\n;\n[message]\nms"])
def test_a_message_without_its_text_is_damaged_once_it_has_settled(
    written: WrittenSpool, spool: Spool, clock: Clock, text: str
) -> None:
    path = written.message().with_suffix(".txt")
    path.unlink() if text == "missing" else path.write_text(text)
    assert swept(spool) == []
    clock.now += LATER
    (found,) = swept(spool)
    assert found.status is Status.DAMAGED
    assert found.wav is not None
    assert found.wav.seconds == 3
    assert found.received_at.timestamp() == pytest.approx(clock.now - LATER, abs=5)


@pytest.mark.parametrize(
    "sound", [b"", b"RIFF", wav(noise(1), 500_000), wav(noise(1), 0), b"x" * 90]
)
def test_a_message_whose_sound_has_not_its_length_is_damaged_once_it_has_settled(
    written: WrittenSpool, spool: Spool, clock: Clock, sound: bytes
) -> None:
    written.message(sound=sound)
    assert swept(spool) == []
    clock.now += LATER
    (found,) = swept(spool)
    assert found.status is Status.DAMAGED
    assert found.envelope is not None


def test_two_messages_without_text_are_two_and_keep_their_ids(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    for number in range(2):
        path = written.message()
        path.with_suffix(".txt").write_bytes(b"")
        age(path, 100 + number, clock.now)
        age(path.with_suffix(".txt"), 90 + number, clock.now)
    first = [found.id for found in swept(spool)]
    assert len(set(first)) == 2
    written.delete(0)
    assert [found.id for found in swept(spool)] == first[1:]


def test_while_asterisk_records_there_is_no_message(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    written.recording(wav(noise(2), 0))
    assert swept(spool) == []
    clock.now += 600
    assert swept(spool) == []


@pytest.mark.parametrize(("sound", "seconds"), [(wav(noise(2), 0), 2), (wav(b"", 0), 0)])
def test_what_was_being_recorded_when_asterisk_ended_is_a_part(
    written: WrittenSpool, spool: Spool, clock: Clock, sound: bytes, seconds: float
) -> None:
    written.recording(sound)
    clock.asterisk_started = clock.now + 3
    (found,) = swept(spool)
    assert found.status is Status.PARTIAL
    assert found.wav is not None
    assert found.wav.seconds == seconds


def test_a_caller_who_only_heard_the_tone_before_asterisk_ended_is_told_of(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    written.recording(None)
    clock.asterisk_started = clock.now + 3
    (found,) = swept(spool)
    assert (found.status, found.sound) == (Status.PARTIAL, None)


def test_a_recording_that_nobody_writes_to_any_more_is_a_part(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    written.recording(wav(noise(2), 0))
    clock.now += ABANDONED_SECONDS + 1
    (found,) = swept(spool)
    assert found.status is Status.PARTIAL


def test_a_settled_folder_is_looked_at_again_only_when_it_changes(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    written.message()
    clock.now += LATER
    for folder in spool.sweep(["sales"]).folders:
        spool.settle(folder)
    assert spool.sweep(["sales"]).folders == ()
    written.message()
    assert len(swept(spool)) == 2


def test_a_folder_that_changed_just_now_is_not_settled(written: WrittenSpool, spool: Spool) -> None:
    written.message()
    for folder in spool.sweep(["sales"]).folders:
        spool.settle(folder)
    assert len(swept(spool)) == 1


def test_a_folder_where_something_is_half_is_not_settled(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    written.message().with_suffix(".txt").write_bytes(b"")
    clock.now += 5
    for folder in spool.sweep(["sales"]).folders:
        spool.settle(folder)
    clock.now += LATER
    assert len(swept(spool)) == 1


def test_a_copy_is_the_sound_as_it_was_recorded(
    written: WrittenSpool, spool: Spool, tmp_path: Path
) -> None:
    sound = written.message(seconds=100)
    (found,) = swept(spool)
    spool.copy(found, tmp_path / "copy.wav")
    assert (tmp_path / "copy.wav").read_bytes() == sound.read_bytes()


def test_a_copy_of_a_cut_recording_has_a_mended_header(
    written: WrittenSpool, spool: Spool, clock: Clock, tmp_path: Path
) -> None:
    written.recording(wav(noise(2), 0))
    clock.asterisk_started = clock.now + 3
    (found,) = swept(spool)
    spool.copy(found, tmp_path / "copy.wav")
    assert (tmp_path / "copy.wav").read_bytes() == wav(noise(2))


@pytest.mark.parametrize("what", ["deleted", "renumbered"])
def test_a_message_that_moved_during_the_sweep_is_not_taken_for_another(
    written: WrittenSpool, spool: Spool, tmp_path: Path, what: str
) -> None:
    written.message()
    if what == "renumbered":
        written.message()
    found, *_ = swept(spool)
    written.delete(0)
    with pytest.raises(Moved):
        spool.copy(found, tmp_path / "copy.wav")
    assert list(tmp_path.glob("*copy*")) == []


def test_links_and_pipes_are_no_messages_and_hold_nothing_up(
    written: WrittenSpool, spool: Spool, clock: Clock, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(wav(noise(1)))
    linked, piped = written.message(), written.message()
    written.message()
    linked.unlink()
    linked.symlink_to(secret)
    piped.unlink()
    os.mkfifo(piped)
    clock.now += LATER
    first, second, whole = swept(spool)
    assert (first.sound, second.sound) == (None, None)
    assert first.status is second.status is Status.DAMAGED
    assert whole.status is Status.COMPLETE


def test_a_folder_that_is_a_link_is_not_entered(
    written: WrittenSpool, spool: Spool, tmp_path: Path
) -> None:
    elsewhere = WrittenSpool(tmp_path / "elsewhere")
    elsewhere.message("sales")
    written.folder()
    (written.root / "sales" / "Linked").symlink_to(elsewhere.folder())
    (written.root / "201").symlink_to(elsewhere.root / "sales")
    seen = spool.sweep(["sales", "201", "../elsewhere"])
    assert [found for folder in seen.folders for found in folder.messages] == []
    assert seen.unreadable.keys() == {"201", "../elsewhere"}


def test_a_copy_never_follows_a_link_put_there_meanwhile(
    written: WrittenSpool, spool: Spool, tmp_path: Path
) -> None:
    sound = written.message()
    (found,) = swept(spool)
    secret = tmp_path / "secret"
    sound.rename(secret)
    sound.symlink_to(secret)
    with pytest.raises(Moved):
        spool.copy(found, tmp_path / "copy.wav")


def test_a_box_that_is_a_file_is_told_and_the_others_are_swept(
    written: WrittenSpool, spool: Spool
) -> None:
    written.message("sales")
    (written.root / "201").write_text("no box")
    seen = spool.sweep(["201", "sales"])
    assert seen.unreadable.keys() == {"201"}
    assert len(seen.folders) == 1


def test_a_message_is_found_again_by_what_asterisk_calls_it(
    written: WrittenSpool, spool: Spool
) -> None:
    written.message("sales", "Old")
    (found,) = swept(spool)
    assert found.envelope is not None
    assert spool.folder_of("sales", found.envelope.msg_id) == "Old"
    assert spool.folder_of("sales", "1-00000000") is None


def test_what_is_left_of_a_cut_recording_can_be_removed_twice(
    written: WrittenSpool, spool: Spool
) -> None:
    sound = written.recording(wav(noise(2), 0))
    spool.remove_recording("sales", sound.stem)
    spool.remove_recording("sales", sound.stem)
    assert list(sound.parent.iterdir()) == []


def test_five_hundred_settled_boxes_are_swept_in_a_tenth_of_a_second(
    written: WrittenSpool, spool: Spool, clock: Clock
) -> None:
    boxes = [str(number) for number in range(500)]
    for box in boxes:
        written.folder(box, "INBOX")
        written.folder(box, "Old")
    clock.now += LATER
    for folder in spool.sweep(boxes).folders:
        spool.settle(folder)
    started = time.process_time()
    assert spool.sweep(boxes).folders == ()
    assert time.process_time() - started < 0.1
