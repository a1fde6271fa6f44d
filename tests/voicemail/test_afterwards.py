"""What becomes of messages once their letters are sent; nothing is lost before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update

from switchboard.outbox import OutboxRow
from switchboard.pbx.ami import AmiAway, Event
from tests.voicemail.conftest import Room
from tests.voicemail.written import BEGAN, WrittenSpool, noise, wav
from voicemail.afterwards import Afterwards
from voicemail.boxes import Boxes
from voicemail.spool import Spool
from voicemail.store import NoSuchMessage, NotSent

DAY = 86_400.0


class Exchange:
    """Asterisk as far as it moves and deletes messages; it may be away."""

    def __init__(self, written: WrittenSpool) -> None:
        self.away = False
        self.asked: list[str] = []
        self._written = written

    @asynccontextmanager
    async def line(self) -> AsyncIterator["Exchange | None"]:
        yield None if self.away else self

    async def ask(self, action: str, **headers: str) -> Event:
        self.asked.append(action)
        folder = self._written.folder(headers["Mailbox"], headers["Folder"])
        texts = sorted(folder.glob("*.txt"))
        found = [path for path in texts if f"msg_id={headers['ID']}\n" in path.read_text("utf-8")]
        if not found:
            return Event("", {"message": "Message move failed"})
        if action == "VoicemailMove":
            target = self._written.folder(headers["Mailbox"], headers["ToFolder"])
            number = len(list(target.glob("*.txt")))
            for suffix in (".wav", ".txt"):
                moved = target / f"msg{number:04}{suffix}"
                moved.write_bytes(found[0].with_suffix(suffix).read_bytes())
        self._written.delete(int(found[0].stem[3:]), headers["Mailbox"], headers["Folder"])
        return Event("", {"message": "Message move successful\n"})


@pytest.fixture
def exchange(room: Room) -> Exchange:
    return Exchange(room.written)


@pytest.fixture
def afterwards(room: Room, exchange: Exchange) -> Afterwards:
    room.clock.now = BEGAN + 100.0
    spool = Spool(room.written.root, lambda: room.clock.asterisk_started, room.clock)
    line = exchange.line
    return Afterwards(spool, room.database, room.kept, line, room.clock.utc)  # type: ignore[arg-type]


async def taken(room: Room, boxes: Boxes, *, state: str = "sent") -> str:
    """Have what is in the spool taken, and bring its letters into a state; the last one's id."""
    assert await room.deliverer().do_one(boxes)
    async with room.database.begin() as session:
        await session.execute(update(OutboxRow).values(state=state))
    return (await room.messages())[-1].message.id


def files(room: Room, folder: str) -> list[str]:
    return sorted(path.name for path in room.written.folder(folder=folder).iterdir())


def kept(room: Room) -> list[str]:
    return [path.name for path in room.kept.iterdir()]


async def test_a_message_is_kept_on_the_telephone_unless_its_box_says_otherwise(
    room: Room, afterwards: Afterwards, exchange: Exchange
) -> None:
    room.written.message()
    await taken(room, room.boxes)
    await afterwards.do_some(room.boxes)
    assert exchange.asked == []
    assert files(room, "INBOX") == ["msg0000.txt", "msg0000.wav"]


@pytest.mark.parametrize(("habit", "old"), [("heard", 2), ("delete", 0)])
async def test_a_message_is_heard_or_deleted_once_its_letter_is_sent(
    room: Room, afterwards: Afterwards, habit: str, old: int
) -> None:
    boxes = room.with_boxes({"sales": {"after_delivery": habit}})
    room.written.message()
    for state in ("waiting", "sending", "dead"):
        await taken(room, boxes, state=state)
        await afterwards.do_some(boxes)
        assert files(room, "INBOX") == ["msg0000.txt", "msg0000.wav"], state
    await taken(room, boxes)
    await afterwards.do_some(boxes)
    assert files(room, "INBOX") == []
    assert len(files(room, "Old")) == old
    assert len(kept(room)) == 1


async def test_what_its_owner_has_heard_already_is_not_moved(
    room: Room, afterwards: Afterwards, exchange: Exchange
) -> None:
    boxes = room.with_boxes({"sales": {"after_delivery": "heard"}})
    room.written.message(folder="Work")
    await taken(room, boxes)
    await afterwards.do_some(boxes)
    assert exchange.asked == []


async def test_while_asterisk_is_away_a_message_waits(
    room: Room, afterwards: Afterwards, exchange: Exchange
) -> None:
    boxes = room.with_boxes({"sales": {"after_delivery": "delete"}})
    room.written.message()
    await taken(room, boxes)
    exchange.away = True
    await afterwards.do_some(boxes)
    assert len(files(room, "INBOX")) == 2
    exchange.away = False
    await afterwards.do_some(boxes)
    assert files(room, "INBOX") == []


async def test_asterisk_that_goes_away_in_the_middle_is_asked_again(
    room: Room, afterwards: Afterwards, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = room.with_boxes({"sales": {"after_delivery": "delete"}})
    room.written.message()
    await taken(room, boxes)

    async def gone(action: str, **headers: str) -> Event:
        raise AmiAway("the line was lost")

    with monkeypatch.context() as patched:
        patched.setattr(exchange, "ask", gone)
        await afterwards.do_some(boxes)
    await afterwards.do_some(boxes)
    assert exchange.asked == ["VoicemailRemove"]


async def test_of_a_cut_recording_nothing_is_left_once_its_letter_is_sent(
    room: Room, afterwards: Afterwards
) -> None:
    room.written.recording(wav(noise(2), 0))
    room.clock.asterisk_started = room.clock.now + DAY * 3650
    await taken(room, room.boxes, state="waiting")
    await afterwards.do_some(room.boxes)
    assert files(room, "tmp") == ["wX5Cdj", "wX5Cdj.wav"]
    await taken(room, room.boxes)
    await afterwards.do_some(room.boxes)
    assert files(room, "tmp") == []
    assert await room.deliverer().do_one(room.boxes)
    assert len(await room.messages()) == 1


async def test_what_is_older_than_it_is_to_be_kept_goes_and_does_not_come_again(
    room: Room, afterwards: Afterwards
) -> None:
    room.written.message()
    await taken(room, room.boxes)
    await afterwards.do_some(room.boxes)
    room.clock.now += 89 * DAY
    await afterwards.do_some(room.boxes)
    assert len(await room.messages()) == 1
    room.clock.now += 2 * DAY
    await afterwards.do_some(room.boxes)
    assert await room.messages() == []
    assert kept(room) == files(room, "INBOX") == []
    assert await room.deliverer().do_one(room.boxes)
    assert await room.messages() == []


async def test_however_old_it_is_a_message_stays_whose_letter_is_not_sent(
    room: Room, afterwards: Afterwards
) -> None:
    room.written.message()
    await taken(room, room.boxes, state="dead")
    room.clock.now += 1000 * DAY
    await afterwards.do_some(room.boxes)
    assert len(await room.messages()) == 1
    assert len(kept(room)) == 1


async def test_a_message_is_deleted_by_command_only_when_its_letter_is_sent(
    room: Room, afterwards: Afterwards
) -> None:
    room.written.message()
    message_id = await taken(room, room.boxes, state="waiting")
    with pytest.raises(NotSent, match="waiting"):
        await afterwards.delete(message_id)
    assert len(kept(room)) == 1
    await taken(room, room.boxes)
    await afterwards.delete(message_id)
    assert kept(room) == files(room, "INBOX") == []
    with pytest.raises(NoSuchMessage):
        await afterwards.delete(message_id)


async def test_without_asterisk_a_command_deletes_nothing_by_halves(
    room: Room, afterwards: Afterwards, exchange: Exchange
) -> None:
    room.written.message()
    message_id = await taken(room, room.boxes)
    exchange.away = True
    with pytest.raises(NotSent, match="not running"):
        await afterwards.delete(message_id)
    assert len(await room.messages()) == len(kept(room)) == 1


@pytest.mark.parametrize("forged", ["../../etc/passwd", "", "%", "0123456789abcdef", "a\0b"])
async def test_an_id_that_is_none_of_ours_finds_nothing(
    room: Room, afterwards: Afterwards, forged: str
) -> None:
    room.written.message()
    await taken(room, room.boxes)
    with pytest.raises(NoSuchMessage):
        await afterwards.delete(forged)
    assert len(kept(room)) == 1


async def test_hundreds_that_are_due_are_done_in_portions(
    room: Room, afterwards: Afterwards
) -> None:
    boxes = room.with_boxes({"sales": {"email": []}})
    for _ in range(150):
        room.written.message(seconds=0.1)
    assert await room.deliverer().do_one(boxes)
    assert await afterwards.do_some(boxes)
    assert not await afterwards.do_some(boxes)
    assert all(listed.message.finished_at for listed in await room.messages())
