"""What a fax line may want: a cover, text that can be searched, an end of what lasts for ever."""

import re
import subprocess
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.centers import EXAMPLE, write_center
from tests.fax2pdf.test_searchable import demand_ocr, written
from tests.fax2pdf.written import drawn, pixels_of, save, shown
from tests.journeys.center import Center
from tests.journeys.fax_cases import ADDRESS, CALLED, FAX, MACHINES, SOON_SECONDS, WIDE
from tests.journeys.inbox import Inbox
from tests.mail.reading import body
from tests.sip.faxmachine import FaxMachines, Sending

pytestmark = [pytest.mark.asterisk, pytest.mark.long, pytest.mark.timeout(300)]

LINE = 'station_id: "+7 495 000-00-09"'
FINE = (204, 196)


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wishes = f"{LINE}, cover: true, searchable: true, max_minutes: 1"
    example = (EXAMPLE / "center.yaml").read_text().replace(LINE, wishes)
    assert wishes in example
    menus = {path.stem: path.read_text() for path in (EXAMPLE / "menus").glob("*.yaml")}
    directory = write_center(tmp_path_factory.mktemp("wishes") / "center", example, menus)
    (directory / "sounds").symlink_to(EXAMPLE / "sounds")
    return directory


async def sent(installation: Installation, pages: Path, sending: Sending) -> str:
    async with FaxMachines(installation, center=CALLED, listen=MACHINES) as machines:
        return (await machines.send(FAX, pages, sending, 200)).status


async def the_pdf(inbox: Inbox, subject: str, within: float, directory: Path) -> tuple[str, Path]:
    """The text of a letter, and its pages."""
    letter = await inbox.letter(subject, ADDRESS, within=within)
    (part,) = letter.iter_attachments()
    pdf = directory / "came.pdf"
    pdf.write_bytes(part.get_content())
    return body(letter, "plain"), pdf


def text_of(pdf: Path, page: int) -> str:
    argv = ["pdftotext", "-f", str(page), "-l", str(page), "-layout", str(pdf), "-"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


async def test_the_words_of_a_fax_are_found_behind_its_cover(
    center: Center, inbox: Inbox, installation: Installation, tmp_path: Path
) -> None:
    demand_ocr()
    source = save(tmp_path / "sent.tif", [(written(2290), FINE)])
    assert await sent(installation, source, Sending(caller="+79260000161")) == "SUCCESS"
    _, pdf = await the_pdf(inbox, "+7 926 000-01-61", 60, tmp_path)
    assert "Факс пришёл полностью." in text_of(pdf, 1)
    assert "Invoice 4711" in text_of(pdf, 2)
    assert (shown(pdf, 1, FINE) == pixels_of(source)).all()


async def test_of_a_fax_that_lasts_too_long_the_pages_until_then_come_with_the_cause(
    center: Center, inbox: Inbox, installation: Installation, tmp_path: Path
) -> None:
    pages = [(drawn(WIDE, 2290, seed), FINE) for seed in range(6)]
    source = save(tmp_path / "sent.tif", pages)
    sending = Sending(caller="+79260000162", t38=False)
    assert await sent(installation, source, sending) == "FAILED"
    told, pdf = await the_pdf(inbox, "+7 926 000-01-62", 60, tmp_path)
    came = re.search(r"НЕПОЛНЫЙ факс, (\d) стр\.", told)
    assert came, told
    assert "Он длился дольше, чем здесь может длиться факс" in told
    length = re.search(r"Длительность: (\d):(\d\d)", told)
    assert length
    assert 60 <= int(length[1]) * 60 + int(length[2]) <= 60 + SOON_SECONDS
    for page in range(int(came[1])):
        assert (shown(pdf, page + 1, FINE) == pages[page][0]).all()
