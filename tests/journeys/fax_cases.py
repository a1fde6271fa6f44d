"""Faxes for tests: what stands on them, how they are sent, and what became of them."""

import io
import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pikepdf

from fax2pdf.tiff import read_tiff
from tests.fax2pdf.written import Pixels, drawn, save, shown, white
from tests.journeys.center import RunningCenter
from tests.sip.faxmachine import FaxMachines, Sending, Sent
from tests.until import until

CALLED, MACHINES = "127.0.0.1:5060", "127.0.0.2:5090"
FAX, MENU, ADDRESS = "+74950000009", "+74950000001", "office@acme.example"
WIDE = 1728
ROWS = {98: 300, 196: 600, 391: 1100}  # the upper quarter of an A4 page
MANY_PAGES, STRIP = 5, 240  # of so many pages only strips: each has its handshake, too
SOON_SECONDS = 10.0  # the aim is 2, on a machine that does not run other tests meanwhile
WITHIN_SECONDS = 150.0


@dataclass(frozen=True)
class Case:
    """One fax. `last` are two digits of the sender's number, `down` pixels an inch."""

    last: str
    number: str
    down: int
    pages: int
    dense: bool
    sending: Sending

    @property
    def drawing(self) -> list[Pixels]:
        draw = drawn if self.dense else white
        rows = STRIP if self.pages > MANY_PAGES else ROWS[self.down]
        return [draw(WIDE, rows, page) for page in range(self.pages)]

    @property
    def shown_number(self) -> str:
        return f"+7 926 000-01-{self.last}"

    def __str__(self) -> str:
        words = ["T.38" if self.sending.t38 else "sound", "ECM" if self.sending.ecm else "no ECM"]
        words += ["dense" if self.dense else "white", "menu" if self.number == MENU else "fax"]
        return f"{', '.join(words)}, {self.down}, {self.pages} pages"

    async def send(self, machines: FaxMachines, directory: Path) -> Sent:
        """How it went, when it is over."""
        pages = [(page, (204, self.down)) for page in self.drawing]
        tiff = save(directory / f"{self.last}.tif", pages)
        return await machines.send(self.number, tiff, self.sending, WITHIN_SECONDS)


def case(last: int, number: str, down: int, pages: int, look: str, *, t38: bool, ecm: bool) -> Case:
    """`look` is `dense` or `white`."""
    sending = Sending(
        t38=t38, ecm=ecm, caller=f"+792600001{last:02}", station=f"+7 926 000 01 {last:02}"
    )
    return Case(f"{last:02}", number, down, pages, look == "dense", sending)


async def has_pages(running: RunningCenter, one: Case, pages: int) -> None:
    """So many pages of a fax lie in the spool; with 0, it has just been answered."""
    await until(lambda: _pages_there(running, one) >= pages, WITHIN_SECONDS)


def _pages_there(running: RunningCenter, one: Case) -> int:
    for sidecar in (running.state.asterisk / "spool" / "fax").glob("*.txt"):
        with suppress(FileNotFoundError):  # another's, whose letter was sent meanwhile
            if one.sending.caller in sidecar.read_text():
                tiff = sidecar.with_suffix(".tif")
                return len(read_tiff(io.BytesIO(tiff.read_bytes())).pages) if tiff.exists() else 0
    return -1


def assert_shows(letter: EmailMessage, one: Case, pages: int, directory: Path) -> None:
    """The PDF of the letter has just the first pages that were sent, pixel for pixel."""
    (part,) = [
        part for part in letter.iter_attachments() if part.get_content_type() == "application/pdf"
    ]
    pdf = directory / f"{time.monotonic_ns()}.pdf"
    pdf.write_bytes(part.get_content())
    for page in range(pages):
        assert (shown(pdf, page, (204, one.down)) == one.drawing[page]).all(), page
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == pages
