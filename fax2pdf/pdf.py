"""Pages as a PDF: the strips of the TIFF as they are, said to be what they are (CCITTFaxDecode).

Nothing is decoded, so nothing can change on the way; the same pages make the same bytes.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import pikepdf

from fax2pdf.tiff import Page, Strip

# Pixels that a strip stays inside of its place. Programs draw every pixel that an image touches:
# an error in the tenth decimal would touch the neighbour's, and squeeze the whole page.
INSIDE = Decimal("0.01")
_RECOGNISED = "/OCR-"  # what OCRmyPDF calls the text of a page, with something by chance
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the PDF says of itself. `author` is the sender's number or station."""

    title: str
    author: str
    received_at: datetime

    def as_texts(self) -> tuple[str, str, str]:
        """For a child."""
        return self.title, self.author, self.received_at.isoformat()

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> "Facts":
        """What `as_texts` made."""
        title, author, received_at = texts
        return cls(title, author, datetime.fromisoformat(received_at))


def write_pdf(tiff: BinaryIO, pages: Iterable[Page], facts: Facts, target: Path) -> None:
    """One page of the PDF for each, as large as the paper was."""
    with pikepdf.new() as pdf:
        for page in pages:
            _add(pdf, tiff, page)
        _save(pdf, facts, target)


def convert_by_img2pdf(tiff: Path, facts: Facts, target: Path) -> int:
    """The pages of a TIFF that could not be copied. Raises whatever img2pdf and Pillow raise."""
    import img2pdf  # seldom needed, and a fifth of the time that a fax takes

    with target.open("wb") as made:
        img2pdf.convert(str(tiff), outputstream=made, nodate=True, first_frame_only=False)
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        del pdf.trailer["/ID"]  # drawn by chance
        _save(pdf, facts, target)
        return len(pdf.pages)


def finish_pdf(source: Path, cover: Path | None, facts: Facts, target: Path) -> None:
    """The pages of a fax behind a cover, where there is one; their pixels stay as they are.

    What OCRmyPDF says by chance goes: the time of day, the names it gives to its text.
    """
    with pikepdf.open(source) as pdf, ExitStack() as opened:
        pages = len(pdf.pages)
        for key in ("/ID", "/Info"):
            if key in pdf.trailer:
                del pdf.trailer[key]
        if "/Metadata" in pdf.Root:
            del pdf.Root.Metadata
        for page in pdf.pages:
            _call_text_the_same(pdf, page)
        if cover is not None:
            first = opened.enter_context(pikepdf.open(cover))
            pdf.pages.insert(0, first.pages[0])
        _save(pdf, facts, target, pages)


def _call_text_the_same(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    drawn = page.resources.get("/XObject", pikepdf.Dictionary())
    for name in [name for name in drawn.keys() if name.startswith(_RECOGNISED)]:  # noqa: SIM118
        drawn["/Text"] = drawn[name]
        del drawn[name]
        page.contents_coalesce()
        content = page.obj.Contents.read_bytes().replace(name.encode(), b"/Text")
        page.obj.Contents = pdf.make_stream(content)


def _add(pdf: pikepdf.Pdf, tiff: BinaryIO, page: Page) -> None:
    """A page of pixels: one unit of its drawing is one of them, from the lower left corner."""
    wide, high = map(_places, page.points)
    lines = [f"q {wide / page.width:.12f} 0 0 {high / page.rows:.12f} 0 0 cm"]
    images = pikepdf.Dictionary()
    left = page.rows
    for position, strip in enumerate(page.strips):
        left -= strip.rows
        name = f"/Strip{position}"
        images[name] = pdf.make_indirect(_image(pdf, tiff, page, strip))
        size = f"{page.width - 2 * INSIDE} 0 0 {strip.rows - 2 * INSIDE}"
        lines.append(f"q {size} {INSIDE} {left + INSIDE} cm {name} Do Q")
    content = "\n".join([*lines, "Q"])
    pdf.pages.append(
        pikepdf.Page(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[0, 0, wide, high],
                Resources=pikepdf.Dictionary(XObject=images),
                Contents=pdf.make_stream(content.encode()),
            )
        )
    )


def _image(pdf: pikepdf.Pdf, tiff: BinaryIO, page: Page, strip: Strip) -> pikepdf.Stream:
    tiff.seek(strip.offset)
    content = tiff.read(strip.size)
    if page.is_reversed:
        content = content.translate(_REVERSED)
    return pikepdf.Stream(
        pdf,
        content,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=page.width,
        Height=strip.rows,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=1,
        Filter=pikepdf.Name.CCITTFaxDecode,
        DecodeParms=pikepdf.Dictionary(
            K=page.k,
            Columns=page.width,
            Rows=strip.rows,
            EncodedByteAlign=page.is_aligned,
            EndOfBlock=False,
            BlackIs1=page.is_negative,
        ),
    )


def _save(pdf: pikepdf.Pdf, facts: Facts, target: Path, pages: int | None = None) -> None:
    """`pages` are those of the fax, where there are others."""
    pages = pages or len(pdf.pages)
    pdf.docinfo["/Title"] = facts.title
    pdf.docinfo["/Author"] = facts.author
    pdf.docinfo["/Subject"] = f"{pages} pages" if pages != 1 else "1 page"
    pdf.docinfo["/Producer"] = "Switchboard"
    at, zone = facts.received_at, f"{facts.received_at:%z}"
    pdf.docinfo["/CreationDate"] = f"D:{at:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}"
    pdf.save(target, deterministic_id=True)


def _places(points: Fraction) -> Decimal:
    """Never more than it is: where a page ends within a pixel, it is shown with one more."""
    return Decimal(int(points * 10_000)) / 10_000
