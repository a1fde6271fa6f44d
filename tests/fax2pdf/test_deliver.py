"""From the spool to the outbox: one letter for each fax, with its pages, whatever happens."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import select

from fax2pdf.deliver import Deliverer
from fax2pdf.spool import ABANDONED_SECONDS, Spool
from fax2pdf.store import NoSuchFax
from switchboard.db import Database
from switchboard.outbox import OutboxRow
from tests.fax2pdf.conftest import Room, lines
from tests.fax2pdf.written import A_PAGE, RECEIVED, pixels_of, shown, tiff
from tests.mail.reading import body, outgoing

FINE = RECEIVED / "two_fine_pages.tif"


def attached(letter: EmailMessage) -> dict[str, bytes]:
    """The files of a letter by their kind."""
    return {part.get_content_type(): part.get_content() for part in letter.iter_attachments()}


async def the_letter(room: Room) -> EmailMessage:
    (letter,) = await outgoing(room.database)
    return letter


async def sent(room: Room) -> None:
    """The mail server has taken all letters."""
    async with room.database.begin() as session:
        for row in await session.run_sync(lambda inner: inner.query(OutboxRow).all()):
            row.state = "sent"


async def test_a_fax_becomes_a_letter_with_its_pages(room: Room) -> None:
    room.fax()
    assert await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    assert letter["Subject"] == "Fax for office: Anna, +7 926 000-00-01, 2 pages"
    assert body(letter, "plain").splitlines() == [
        "A fax was sent by Anna, +7 926 000-00-01",
        "",
        "The fax is complete.",
        "",
        "Received: Sunday, 22.11.2026, 03:25 (Europe/Moscow)",
        "Fax line: office",
        "The machine calls itself: +7 926 000 00 01",
        "Number dialled: +7 495 000-00-09",
        "Pages: 2",
        "Pixels per inch, across × down: 204x196",
        "Duration: 0:45",
        "Speed: 14400 bit/s",
        "",
        "-- ",
        f"Acme · {(await room.faxes())[0].fax.id}",
    ]
    ((kind, content),) = attached(letter).items()
    assert kind == "application/pdf"
    pdf = room.directory / "attached.pdf"
    pdf.write_bytes(content)
    for page in range(2):
        assert (shown(pdf, page, (204, 196)) == pixels_of(FINE, page)).all()


async def test_the_first_page_is_seen_in_the_letter(room: Room) -> None:
    room.fax()
    await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    html = body(letter, "html")
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in html
    assert picture.get_content().startswith(b"\x89PNG")
    assert picture.get_content_disposition() == "inline"


async def test_the_original_is_kept_and_the_spool_is_emptied_only_when_the_letter_is_sent(
    room: Room,
) -> None:
    path = room.fax()
    deliverer = room.deliverer()
    await deliverer.do_one(room.lines)
    (listed,) = await room.faxes()
    assert (room.kept / f"{listed.fax.id}.tif").read_bytes() == FINE.read_bytes()
    assert not await deliverer.tidy(365)
    assert path.exists()
    await sent(room)
    await deliverer.tidy(365)
    assert list(room.spool.iterdir()) == []
    room.clock.now += 366 * 86400
    await deliverer.tidy(365)
    assert list(room.kept.iterdir()) == []
    assert await room.faxes() == []


async def test_each_fax_is_taken_once_however_often_one_sweeps(room: Room) -> None:
    deliverer = room.deliverer()
    for _ in range(3):
        room.fax()
        assert await deliverer.do_one(room.lines)
        assert await room.deliverer().do_one(room.lines)
    assert len(await outgoing(room.database)) == 3


async def test_two_faxes_of_one_second_are_two(room: Room) -> None:
    room.fax(FINE)
    room.fax(RECEIVED / "superfine.tif", "SUCCESS|1|14400||")
    await room.deliverer().do_one(room.lines)
    first, second = await outgoing(room.database)
    assert attached(first) != attached(second)


async def test_a_fax_goes_to_every_address_of_its_line_in_its_language(room: Room) -> None:
    room.fax()
    await room.deliverer().do_one(lines(email=["a@acme.example", "b@acme.example"], language="ru"))
    letter = await the_letter(room)
    assert letter["To"] == "a@acme.example, b@acme.example"
    assert letter["Subject"] == "Факс, office: Anna, +7 926 000-00-01, 2 стр."
    (listed,) = await room.faxes()
    assert listed.letter
    assert [one.address for one in listed.letter.recipients] == ["a@acme.example", "b@acme.example"]


async def test_a_fax_that_broke_off_is_partial_with_the_cause_in_plain_words(room: Room) -> None:
    room.fax(ending="FAILED|2|14400|The call dropped prematurely|")
    await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    assert letter["Subject"].startswith("PARTIAL 2 pages: fax for office")
    assert "The sender hung up or cut the connection." in body(letter, "plain")
    assert "application/pdf" in attached(letter)
    (listed,) = await room.faxes()
    assert (listed.fax.status, listed.fax.pages) == ("partial", 2)


@pytest.mark.parametrize("pages", [None, b"", b"II*\0\0\0\0\0"], ids=["none", "empty", "no page"])
async def test_a_fax_without_a_page_is_a_notice(room: Room, pages: bytes | None) -> None:
    room.fax(pages, "FAILED|0||Timed out waiting for initial communication|")
    await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    assert letter["Subject"] == "No fax came: office, Anna, +7 926 000-00-01"
    assert "No fax machine was heard" in body(letter, "plain")
    assert attached(letter) == {}
    (listed,) = await room.faxes()
    assert listed.fax.status == "failed"


async def test_a_fax_in_progress_is_left_alone_until_asterisk_was_started_again(
    room: Room,
) -> None:
    room.fax(ending=None)
    assert await room.deliverer().do_one(room.lines)
    assert await outgoing(room.database) == []
    room.clock.asterisk_started = room.clock.now + 3
    assert await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    assert letter["Subject"].startswith("PARTIAL 2 pages")
    assert "was cut off meanwhile" in body(letter, "plain")


async def test_a_fax_whose_end_could_not_be_noted_is_taken_after_a_while(room: Room) -> None:
    room.fax(ending=None)
    room.clock.now += ABANDONED_SECONDS + 1
    assert await room.deliverer().do_one(room.lines)
    assert (await the_letter(room))["Subject"].startswith("PARTIAL")


@pytest.mark.parametrize(
    "content",
    [
        b"not a TIFF at all",
        FINE.read_bytes()[:9000],
        tiff(A_PAGE | {256: 100_000, 257: 100_000}),
        tiff(A_PAGE, loop=True)[:30],
        tiff(A_PAGE | {257: 0}),
    ],
    ids=["text", "cut", "large", "half a loop", "no rows"],
)
async def test_what_cannot_be_shown_is_kept_sent_as_it_came_and_told(
    room: Room, content: bytes
) -> None:
    room.fax(content)
    room.fax()
    assert await room.deliverer().do_one(room.lines)
    letters = {letter["Subject"].split()[0]: letter for letter in await outgoing(room.database)}
    damaged = letters["DAMAGED"]
    assert attached(damaged) == {"image/tiff": content}
    assert "of 2 confirmed pages 0 pages can be shown" in body(damaged, "plain")
    assert "application/pdf" in attached(letters["Fax"])


async def test_of_a_fax_damaged_in_the_middle_what_can_be_shown_comes_beside_the_original(
    room: Room,
) -> None:
    content = FINE.read_bytes()[:29_000]
    room.fax(content)
    assert await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    files = attached(letter)
    assert files["image/tiff"] == content
    pdf = room.directory / "attached.pdf"
    pdf.write_bytes(files["application/pdf"])
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == 1
    assert (shown(pdf, 0, (204, 196)) == pixels_of(FINE)).all()


async def test_ten_thousand_directories_are_bounded(room: Room) -> None:
    room.fax(tiff(*[A_PAGE] * 10_000))
    assert await room.deliverer().do_one(room.lines)
    (listed,) = await room.faxes()
    assert (listed.fax.status, listed.fax.pages) == ("damaged", 1000)


async def test_links_in_the_spool_lead_nowhere(room: Room) -> None:
    secret = room.directory / "secret"
    secret.write_bytes(FINE.read_bytes())
    path = room.fax(None)
    path.symlink_to(secret)
    (room.spool / "office-switchboard-1.1.txt").symlink_to("/etc/passwd")
    (room.spool / "..-switchboard-1.1.txt").write_text("end|1|SUCCESS|1|1||\n")
    assert await room.deliverer().do_one(room.lines)
    assert attached(await the_letter(room)) == {}


async def test_a_fax_of_a_line_that_is_no_more_waits_and_is_told(room: Room) -> None:
    path = room.fax(line="sales")
    deliverer = room.deliverer()
    assert not await deliverer.do_one(room.lines)
    assert [trouble.key for trouble in deliverer.troubles or ()] == ["fax:sales"]
    assert path.exists()
    assert await outgoing(room.database) == []


async def test_a_fax_without_an_address_is_taken_all_the_same(room: Room) -> None:
    room.fax()
    assert await room.deliverer().do_one(lines(email=[]))
    (listed,) = await room.faxes()
    assert (listed.letter, listed.fax.pages) == (None, 2)


async def test_a_fax_is_sent_again_with_another_message_id(room: Room) -> None:
    room.fax()
    deliverer = room.deliverer()
    await deliverer.do_one(room.lines)
    (listed,) = await room.faxes()
    again = await deliverer.resend(listed.fax.id, lines(email=["boss@acme.example"]))
    assert again
    first, second = await outgoing(room.database)
    assert first["Message-ID"] != second["Message-ID"] == again.message_id
    assert second["To"] == "boss@acme.example"
    assert attached(first) == attached(second)
    (listed,) = await room.faxes()
    assert listed.letter
    assert listed.letter.message_id == again.message_id
    with pytest.raises(NoSuchFax):
        await deliverer.resend("../../etc/passwd", room.lines)


async def test_what_a_sender_chose_stays_a_text(room: Room) -> None:
    hostile = '<script>alert(1)</script>|$(id)=HYPERLINK("x")\u202e\x07'
    room.fax(ending='SUCCESS|2|14400||"><img src=x>|a', sent_by=f"+7|+79260000001|{hostile}")
    assert await room.deliverer().do_one(room.lines)
    letter = await the_letter(room)
    assert "<script" not in body(letter, "html")
    assert "<img src=x>" not in body(letter, "html")
    assert "\u202e" not in letter["Subject"]
    (part,) = letter.iter_attachments()
    assert part.get_filename() == "2026-11-22-032511-+79260000001.pdf"


@pytest.mark.parametrize("room_bytes", [12_000, 50_000], ids=["for nothing", "for the copy alone"])
async def test_a_full_disk_is_told_and_everything_is_taken_when_there_is_room_again(
    room: Room, tiny_disk: Path, room_bytes: int
) -> None:
    deliverer = Deliverer(room.deliverer()._spool, room.database, tiny_disk, room.clock.utc)
    ballast = tiny_disk / "ballast"
    status = os.statvfs(tiny_disk)
    ballast.write_bytes(bytes(status.f_bavail * status.f_frsize - room_bytes))
    room.fax()
    assert not await deliverer.do_one(room.lines)
    assert [trouble.key for trouble in deliverer.troubles or ()] == ["fax:office"]
    assert await outgoing(room.database) == []
    ballast.unlink()
    assert await deliverer.do_one(room.lines)
    assert deliverer.troubles == []
    assert "application/pdf" in attached(await the_letter(room))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a quarter of a megabyte."""
    place = tmp_path / "tiny"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tiny", place]).returncode:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("a small disk can be mounted only by root")
    yield place
    subprocess.run(["umount", place], check=True)


async def test_a_spool_that_cannot_be_read_is_told(room: Room) -> None:
    room.fax()
    hidden = room.spool.rename(room.directory / "hidden")
    deliverer = room.deliverer()
    assert not await deliverer.do_one(room.lines)
    assert [trouble.key for trouble in deliverer.troubles or ()] == ["fax:spool"]
    hidden.rename(room.spool)
    assert await deliverer.do_one(room.lines)
    assert await the_letter(room)


async def test_a_sweep_that_is_cancelled_takes_the_fax_the_next_time(room: Room) -> None:
    room.fax()
    sweeping = asyncio.create_task(room.deliverer().do_one(room.lines))
    await asyncio.sleep(0.15)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert await room.deliverer().do_one(room.lines)
    assert len(await outgoing(room.database)) == 1
    assert [path.suffix for path in room.kept.iterdir()] == [".tif"]


@pytest.mark.parametrize("step", range(1, 8))
async def test_killed_at_any_step_a_fax_becomes_one_letter_all_the_same(
    room: Room, project: Path, step: int
) -> None:
    """F9: before and after the copy, the PDF and the outbox, and after the commit."""
    room.fax()
    place = [str(room.database.engine.url), str(room.spool), str(room.kept), str(step)]
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fax2pdf.dying", *place, cwd=project
    )
    assert await killed.wait() == -signal.SIGKILL
    assert await room.deliverer().do_one(room.lines)
    assert len(await outgoing(room.database)) == 1
    (listed,) = await room.faxes()
    kept = room.kept / f"{listed.fax.id}.tif"
    assert kept.read_bytes() == FINE.read_bytes()
    assert list(room.kept.iterdir()) == [kept]


async def test_while_the_database_is_locked_faxes_wait_and_are_taken_once(room: Room) -> None:
    """F13."""
    room.fax()
    impatient = Database(str(room.database.engine.url), busy_seconds=0.1)
    spool = Spool(room.spool, lambda: 0.0, room.clock)
    deliverer = Deliverer(spool, impatient, room.kept, room.clock.utc)
    deliverer.prepare()
    async with room.database.begin() as session:
        await session.execute(select(OutboxRow))
        assert not await deliverer.do_one(room.lines)
    assert "locked" in (deliverer.troubles or [])[0].words
    assert await deliverer.do_one(room.lines)
    await impatient.close()
    assert len(await outgoing(room.database)) == 1
