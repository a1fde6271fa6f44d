"""Pages a second from TIFF to PDF, and from the end of a fax to the mail server's yes.

The TIFFs are received by ReceiveFAX here and now, from a second Asterisk. Beside our copying stand
img2pdf and tiff2pdf, in the same rounds; what each makes is rendered and compared with the TIFF.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import img2pdf
import numpy as np
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from PIL import Image, ImageDraw, ImageFont

from console.faxes import kept
from fax2pdf.pdf import Facts, write_pdf
from fax2pdf.tiff import read_tiff
from switchboard.pbx.cel import rows_since
from switchboard.pbx.installation import find_installation
from tests.centers import EXAMPLE
from tests.fax2pdf.written import Pixels, pixels_of, repeated, save, white
from tests.journeys.center import ROOT, RunningCenter
from tests.journeys.fax_cases import CALLED, FAX, MACHINES
from tests.sip.faxmachine import FaxMachines, Sending
from tests.sip.loopback import leave_for_own_network

ROUNDS, PAGES, MANY = 5, 60, 500
A4 = {98: 1145, 196: 2290, 391: 4568}  # rows
SHORT, TURNS = 300, 4  # rows of the faxes whose letters are awaited; how many times eight
APART_SECONDS = (2.0, 0.0)  # one after the other, all at once
TEXT = "The quick brown fox jumps over the lazy dog, and the dog sends a fax about it."
FACTS = Facts("Fax", "+79260000001", datetime(2026, 11, 22, tzinfo=UTC))
MAKE = "import sys; from fax2pdf.making import main; main(sys.argv[1:])"
MEASURE = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@dataclass
class Clerk:
    """A mail server that notes when it took which fax."""

    taken: dict[str, float]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        subject = message_from_bytes(content, policy=policy.default)["Subject"]
        self.taken["".join(sign for sign in subject.split("+7")[-1] if sign.isdigit())[:10]] = (
            time.time()
        )
        return "250 taken"


def written_page(rows: int) -> Pixels:
    """An A4 page full of text."""
    image = Image.new("1", (1728, rows), 1)
    draw, size = ImageDraw.Draw(image), max(14, round(40 * rows / A4[196]))
    font = ImageFont.load_default(size)
    for line, top in enumerate(range(size * 3, rows - size * 3, size * 3 // 2)):
        draw.text((120, top), f"{line + 1}. {TEXT}", 0, font)
    return ~np.asarray(image)


async def receive(running: RunningCenter, directory: Path) -> dict[int, Path]:
    """A page of each resolution as ReceiveFAX has written it."""
    async with FaxMachines(find_installation(ROOT), center=CALLED, listen=MACHINES) as machines:

        async def send(down: int) -> None:
            page = save(directory / f"{down}.tif", [(written_page(A4[down]), (204, down))])
            sent = await machines.send(FAX, page, Sending(caller=f"+7926{down:07}"), 200)
            assert sent.status == "SUCCESS", sent

        await asyncio.gather(*map(send, A4))
    await asyncio.sleep(3)
    found = {}
    for path in kept(running.state).glob("*.tif"):
        with path.open("rb") as file:
            found[round(read_tiff(file).pages[0].dpi[1])] = path
    assert found.keys() == A4.keys()
    return found


async def waits(
    running: RunningCenter, clerk: Clerk, directory: Path, apart_seconds: float
) -> list[float]:
    """Seconds from the end of each fax to the mail server's yes, in order."""
    page = save(directory / "short.tif", [(white(1728, SHORT), (204, 98))])
    began = time.time()
    clerk.taken.clear()
    async with FaxMachines(find_installation(ROOT), center=CALLED, listen=MACHINES) as machines:
        for turn in range(TURNS):
            sendings = [
                Sending(t38=t38, ecm=ecm, caller=f"+7926111{turn:02}{number:02}")
                for number, (t38, ecm, _) in enumerate(product((True, False), (True, False), "ab"))
            ]

            async def send(number: int, sending: Sending) -> None:
                await asyncio.sleep(apart_seconds * number)
                sent = await machines.send(FAX, page, sending, 100)
                assert sent.status == "SUCCESS", sent

            await asyncio.gather(*(send(*one) for one in enumerate(sendings)))
    await asyncio.sleep(5)
    log = running.state.asterisk / "log" / "cel-custom" / "cel.csv"
    rows = (row for row in rows_since(log, began, "fax-end") if row.event == "fax-end")
    ended = {row.number[-10:]: row.at for row in rows}
    return sorted(clerk.taken[number] - at for number, at in ended.items())


def by_copying(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        write_pdf(file, read_tiff(file).pages, FACTS, target)


def by_img2pdf(source: Path, target: Path) -> None:
    with target.open("wb") as made:
        img2pdf.convert(str(source), outputstream=made)


def by_tiff2pdf(source: Path, target: Path) -> None:
    subprocess.run(["tiff2pdf", "-o", str(target), str(source)], check=True, capture_output=True)


CONTESTANTS: dict[str, Callable[[Path, Path], None]] = {
    "copying": by_copying,
    "img2pdf": by_img2pdf,
    "tiff2pdf": by_tiff2pdf,
}


def compare(received: dict[int, Path], directory: Path) -> None:
    """Print the contestants' table; they take turns."""
    print("| pages | contestant | pages/s, median (lowest to highest round) | copying is", end=" ")
    print("| same pixels | shown where they are |\n|---|---|--:|--:|---|---|")
    for down, one in sorted(received.items()):
        source = repeated(one, PAGES, directory / "many.tif")
        speeds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        for _ in range(ROUNDS):
            for name, work in CONTESTANTS.items():
                before = time.perf_counter()
                work(source, directory / f"{name}.pdf")
                speeds[name].append(PAGES / (time.perf_counter() - before))
        for name, turns in speeds.items():
            spread = f"{median(turns):,.0f} ({min(turns):,.0f} to {max(turns):,.0f})"
            ratio = f"{median(a / b for a, b in zip(speeds['copying'], turns, strict=True)):.1f} ×"
            same = ("yes" if one_is else "no" for one_is in is_same(directory / f"{name}.pdf", one))
            print(f"| A4, 204x{down} | {name} | {spread} | {ratio} | {' | '.join(same)} |")


def is_same(pdf: Path, source: Path) -> tuple[bool, bool]:
    """Whether the last page's image is what libtiff makes of the TIFF; and whether poppler, which
    is told the size in pixels, shows every pixel where it is."""
    wanted, stem = pixels_of(source), str(pdf.with_suffix(""))
    rows, width = wanted.shape
    page = ["-f", str(PAGES), "-l", str(PAGES)]
    subprocess.run(["pdfimages", "-png", *page, str(pdf), stem], check=True)
    size = ["-scale-to-x", str(width), "-scale-to-y", str(rows), "-singlefile"]
    subprocess.run(["pdftoppm", "-mono", *size, *page, str(pdf), stem], check=True)
    inside, shown = (_black(Path(f"{stem}{end}")) for end in ("-000.png", ".pbm"))
    return bool((inside == wanted).all()), bool((shown == wanted).all())


def _black(path: Path) -> Pixels:
    with Image.open(path) as image:
        return ~np.asarray(image.convert("1"))


def memory(received: dict[int, Path], directory: Path) -> int:
    """MiB that the process uses at most which makes the PDF of many fine pages."""
    source = repeated(received[196], MANY, directory / "memory.tif")
    program = [sys.executable, "-P", "-c", MAKE, str(source), *FACTS.as_texts()]
    argv = [sys.executable, "-c", MEASURE, *program]
    done = subprocess.run(argv, cwd=directory, check=True, capture_output=True, text=True)
    return int(done.stdout) // 1024


@contextmanager
def mail_server() -> Iterator[Clerk]:
    clerk = Clerk({})
    controller = Controller(clerk, hostname="127.0.0.1", port=2525)
    controller.start()
    yield clerk
    controller.stop()


def main() -> None:
    """`python -m bench.fax`."""
    leave_for_own_network()
    with TemporaryDirectory() as name, mail_server() as clerk:
        directory = Path(name)
        with RunningCenter(EXAMPLE, directory / "prompts") as running:
            received = asyncio.run(receive(running, directory))
            received = {
                down: Path(shutil.copyfile(path, directory / f"received-{down}.tif"))
                for down, path in received.items()
            }
            seconds = {
                apart: asyncio.run(waits(running, clerk, directory, apart))
                for apart in APART_SECONDS
            }
        compare(received, directory)
        most = memory(received, directory)
    print(f"\n{MANY} pages of 204x196: {most} MiB at most")
    print("from the end of a fax to the mail server's yes:")
    for apart, waited in seconds.items():
        worst = waited[-1 - len(waited) // 20]
        print(f"{len(waited)} of them, {apart:g} s apart:", end=" ")
        print(f"median {median(waited):.2f} s, 95th percentile {worst:.2f} s")


if __name__ == "__main__":
    main()
