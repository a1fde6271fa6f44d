"""Text is recognised on faxes whose line wants it, and never holds back them or others."""

import asyncio
import importlib.util
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from fax2pdf.fax import FaxLine
from fax2pdf.searchable import WAIT_SECONDS, searchable_troubles
from switchboard.paper.setting import FONTS
from tests.fax2pdf.conftest import BEGAN, Room, lines
from tests.fax2pdf.written import RECEIVED, Pixels, pixels_of, save, shown
from tests.mail.reading import outgoing

SENT_AT = BEGAN + 45  # when the faxes of these tests have ended
FINE = RECEIVED / "two_fine_pages.tif"
LINES = ("Invoice 4711 of 22 November", "Please pay within thirty days", "Счёт на оплату товара")


def attached(room: Room, letter: object) -> Path:
    (part,) = letter.iter_attachments()  # type: ignore[attr-defined]
    pdf = room.directory / f"{time.monotonic_ns()}.pdf"
    pdf.write_bytes(part.get_content())
    return pdf


@pytest.fixture
def without_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all programs, there are only those that start children, and one that shows pages."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("nice", "setpriv", "prlimit", "pdftoppm"):
        (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(programs))


@pytest.fixture
def hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What recognises text never ends."""
    programs = tmp_path / "programs"
    programs.mkdir()
    tesseract = programs / "tesseract"
    tesseract.write_text("#!/bin/sh\necho List of languages:\necho eng\n")
    tesseract.chmod(0o755)
    (programs / "ocrmypdf.py").write_text("import time; time.sleep(60)")
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(programs))
    monkeypatch.syspath_prepend(str(programs))


@pytest.mark.usefixtures("without_tesseract")
async def test_where_text_cannot_be_recognised_it_is_told_and_the_pages_come_all_the_same(
    room: Room,
) -> None:
    room.fax()
    room.clock.now = SENT_AT
    assert await room.deliverer().do_one(lines(searchable=True))
    (letter,) = await outgoing(room.database)
    assert (shown(attached(room, letter), 1, (204, 196)) == pixels_of(FINE, 1)).all()
    (trouble,) = searchable_troubles(("en", "ru"))
    assert (trouble.key, "not installed" in trouble.words) == ("searchable", True)
    assert "tesseract-ocr-eng tesseract-ocr-rus" in trouble.how_to_mend


@pytest.mark.usefixtures("hangs")
def test_a_language_that_cannot_be_recognised_is_told() -> None:
    assert searchable_troubles(("en",)) == []
    (trouble,) = searchable_troubles(("en", "ru"))
    assert trouble.words.endswith("tesseract does not know rus")


@pytest.mark.usefixtures("hangs")
async def test_recognising_text_holds_a_letter_back_no_longer_than_it_may_and_no_other(
    room: Room,
) -> None:
    room.clock.now = SENT_AT
    room.fax()
    room.fax(line="sales")
    searched = {"email": ["a@acme.example"], "searchable": True}
    both = {
        "office": FaxLine.model_validate(searched),
        "sales": FaxLine.model_validate({"email": ["b@acme.example"]}),
    }
    deliverer = room.deliverer()
    await deliverer.sweep(replace(room.lines, lines=both))
    deadline = time.monotonic() + 20
    while not (letters := await outgoing(room.database)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert [letter["To"] for letter in letters] == ["b@acme.example"]
    await deliverer.close()

    room.clock.now = SENT_AT + WAIT_SECONDS - 2
    began = time.monotonic()
    assert await room.deliverer().do_one(lines(**searched))
    assert 1 < time.monotonic() - began < 15
    assert len(await outgoing(room.database)) == 2


def written(rows: int) -> Pixels:
    """An A4 page of text, as a fax machine sees it with so many rows."""
    image = Image.new("L", (1728, 2290), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(FONTS[0].regular), 44)
    for at, line in enumerate(LINES):
        draw.text((120, 200 + at * 90), line, fill=0, font=font)
    seen = np.asarray(image.resize((1728, rows), Image.Resampling.BOX))
    return np.asarray(seen < 128)


def demand_ocr() -> None:
    if importlib.util.find_spec("ocrmypdf") is None or searchable_troubles(("en", "ru")):
        pytest.skip("not installed: pip install -e .[ocr]; apt-get install tesseract-ocr")


@pytest.mark.long
@pytest.mark.parametrize(("down", "rows"), [(98, 1145), (196, 2290), (391, 4568)])
async def test_words_are_found_where_they_stand_and_no_pixel_changes(
    room: Room, down: int, rows: int
) -> None:
    demand_ocr()
    source = save(room.directory / "source.tif", [(written(rows), (204, down))], "group3", {292: 1})
    room.fax(source, "SUCCESS|1|14400||")
    room.clock.now = SENT_AT
    wanted = lines(searchable=True, cover=True)
    deliverer = room.deliverer()
    assert await deliverer.do_one(wanted)
    (letter,) = await outgoing(room.database)
    pdf = attached(room, letter)
    assert (shown(pdf, 1, (204, down)) == pixels_of(source)).all()
    assert {"Invoice", "4711", "thirty", "days", "оплату"} <= words_of(pdf).keys()
    left, top = words_of(pdf)["Invoice"]
    assert (left, top) == pytest.approx((120 * 72 / 204, 200 * 72 / 196), abs=9)
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == 2
    (listed,) = await room.faxes()
    assert await deliverer.resend(listed.fax.id, wanted)
    again = (await outgoing(room.database))[1]
    assert attached(room, again).read_bytes() == pdf.read_bytes()
    assert [path.suffix for path in room.kept.iterdir()] == [".tif"]


def words_of(pdf: Path) -> dict[str, tuple[float, float]]:
    """The words of the second page, each with its upper left corner in points."""
    argv = ["pdftotext", "-f", "2", "-bbox", str(pdf), "-"]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    found = {}
    for line in told.splitlines():
        if line.strip().startswith("<word"):
            fields = line.split('"')
            found[line.partition(">")[2].partition("<")[0]] = float(fields[1]), float(fields[3])
    return found
