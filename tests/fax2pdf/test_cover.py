"""The cover of a fax: what it says, whatever callers are called; the pages behind it stay."""

import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from fax2pdf.cover import draw_cover
from fax2pdf.letter import cover_of
from fax2pdf.store import FaxRow
from switchboard.paper.house import House
from tests.fax2pdf.conftest import HEAD, Room, lines
from tests.fax2pdf.test_letter import LANGUAGES, fax
from tests.fax2pdf.written import RECEIVED, pixels_of, shown
from tests.mail.reading import HOSTILE, outgoing

FINE = RECEIVED / "two_fine_pages.tif"
HOUSE = House("Acme Trade", None, "#7a1f5c")


def words_of(pdf: Path, page: int = 1) -> str:
    """What a reader finds on a page, in one line."""
    argv = ["pdftotext", "-f", str(page), "-l", str(page), "-layout", str(pdf), "-"]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return " ".join(told.split())


def drawn(row: FaxRow, where: Path, language: str = "en", house: House = HOUSE) -> Path:
    target = where / "cover.pdf"
    draw_cover(cover_of(row, language, HEAD, house), target)
    return target


async def letter_of(room: Room, **facts: object) -> EmailMessage:
    assert await room.deliverer().do_one(lines(cover=True, **facts))
    (letter,) = await outgoing(room.database)
    return letter


def attached(letter: EmailMessage, where: Path) -> Path:
    (part,) = letter.iter_attachments()
    pdf = where / "attached.pdf"
    pdf.write_bytes(part.get_content())
    return pdf


def images_of(pdf: Path) -> Iterator[bytes]:
    """The pixels of each image as they lie in the file."""
    with pikepdf.open(pdf) as opened:
        for page in opened.pages:
            for image in page.resources.get("/XObject", {}).values():
                yield image.read_raw_bytes()


async def test_a_line_may_want_a_page_before_the_others_that_says_what_came(room: Room) -> None:
    room.fax()
    pdf = attached(await letter_of(room), room.directory)
    said = words_of(pdf)
    for words in (
        "Acme",
        "A fax was sent by Anna, +7 926 000-00-01",
        "The fax is complete.",
        "Received Sunday, 22.11.2026, 03:25 (Europe/Moscow)",
        "Fax line office",
        "The machine calls itself +7 926 000 00 01",
        "Pages 2",
        "across × down 204x196",
    ):
        assert words in said
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == 3
        facts = [str(opened.docinfo[name]) for name in ("/Title", "/Author", "/Subject")]
    assert facts == ["Fax, office", "Anna, +79260000001, +7 926 000 00 01", "2 pages"]


async def test_the_pages_behind_it_are_what_they_are_without_it(room: Room) -> None:
    room.fax()
    await room.deliverer().do_one(lines())
    room.fax()
    await room.deliverer().do_one(lines(cover=True))
    bare, covered = await outgoing(room.database)
    without = attached(bare, room.directory)
    before = list(images_of(without))
    pdf = attached(covered, room.directory)
    assert list(images_of(pdf)) == before
    for page in range(2):
        assert (shown(pdf, page + 1, (204, 196)) == pixels_of(FINE, page)).all()


async def test_what_broke_off_is_said_with_its_cause_in_the_language_of_the_line(
    room: Room,
) -> None:
    room.fax(ending="FAILED|2|14400|The call dropped prematurely|")
    said = words_of(attached(await letter_of(room, language="ru"), room.directory))
    assert "НЕПОЛНЫЙ факс, 2 стр." in said
    assert "Отправитель повесил трубку, или связь прервалась." in said
    assert "Получено воскресенье, 22.11.2026, 03:25" in said


async def test_of_a_fax_without_a_page_there_is_no_cover(room: Room) -> None:
    room.fax(None, "FAILED|0||Timed out waiting for initial communication|")
    letter = await letter_of(room)
    assert list(letter.iter_attachments()) == []


async def test_the_same_fax_has_the_same_cover_sent_again(room: Room) -> None:
    room.fax()
    deliverer = room.deliverer()
    await deliverer.do_one(lines(cover=True))
    (listed,) = await room.faxes()
    await room.deliverer().resend(listed.fax.id, lines(cover=True))
    first, second = (
        attached(one, room.directory).read_bytes() for one in await outgoing(room.database)
    )
    assert first == second


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_fonts_in_the_file(language: str, tmp_path: Path) -> None:
    pdf = drawn(fax(status="partial", cause="hung_up"), tmp_path, language)
    assert "+7 926 000-00-01" in words_of(pdf)
    told = subprocess.run(["pdffonts", pdf], check=True, capture_output=True, text=True).stdout
    for font in told.splitlines()[2:]:
        assert " yes yes " in font, told  # embedded, a subset
    assert "◊" not in words_of(pdf)


@pytest.mark.parametrize("text", [*HOSTILE, "W" * 400, "long " * 200, "שלום مرحبا ไทย 中文 🙂"])
def test_no_name_and_no_station_breaks_the_page(text: str, tmp_path: Path) -> None:
    pdf = drawn(fax(caller_name=text, station=text, status="partial", cause="hung_up"), tmp_path)
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == 1
        content = opened.pages[0].Contents.read_bytes()
        assert "/AA" not in opened.Root and "/OpenAction" not in opened.Root
    assert b"JavaScript" not in content
    said = words_of(pdf)
    assert "The sender hung up or cut the connection." in said
    assert "Acme · 0123456789abcdef" in said


def test_the_logo_and_the_colour_of_the_house_stand_on_it(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (300, 80), (0, 128, 0)).save(logo)
    pdf = drawn(fax(), tmp_path, house=House("Acme", logo, "#7a1f5c"))
    colours = colours_of(pdf)
    assert {(0, 128, 0), (0x7A, 0x1F, 0x5C)} <= colours
    logo.write_bytes(b"no picture")
    assert (0, 128, 0) not in colours_of(drawn(fax(), tmp_path, house=House("Acme", logo)))


def colours_of(pdf: Path) -> set[tuple[int, int, int]]:
    target = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-png", "-singlefile", "-r", "150", pdf, target], check=True)
    with Image.open(target.with_suffix(".png")) as image:
        found = image.convert("RGB").getcolors(1 << 24) or []
    return {(red, green, blue) for _, (red, green, blue) in found}  # type: ignore[misc]
