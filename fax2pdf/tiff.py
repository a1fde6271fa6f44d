"""A received TIFF: its pages by their strips, none of them decoded; what it claims is bounded.

Whoever sent the fax chose its pixels, and Asterisk wrote the rest; a full disk, or somebody else
who can write to the spool, may have left anything. TIFF 6.0 and its Class F (RFC 2306).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from switchboard.errors import SwitchboardError

MOST_PAGES = 1000
MOST_ENTRIES = 200  # of one directory
MOST_STRIPS = 5000  # of one page
WIDEST = 10_000  # pixels; A3 at 408 a inch has 4864
LONGEST = 60_000
LONGEST_POINTS = 14_400  # what a PDF page may measure, in 1/72 inch
FAX_DPI = (Fraction(204), Fraction(196))
SOUND_DPI = (Fraction(50), Fraction(1300))

_SIZES = {1: 1, 3: 2, 4: 4, 5: 8}  # bytes of BYTE, SHORT, LONG, RATIONAL
_LETTERS = {1: "B", 3: "H", 4: "I", 5: "I"}
# K of the PDF by TIFF's compression: pure one-dimensional, as the options say, Group 4
_HUFFMAN, _GROUP3, _GROUP4 = 2, 3, 4
_MIXED = 4  # any number above 0: rows in one and in two dimensions

_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


class Strange(SwitchboardError):
    """No fax as Asterisk writes it, and nothing that would be dangerous to decode."""


class OutOfBounds(SwitchboardError):
    """It claims what no fax has; nobody should try to decode it."""


@dataclass(frozen=True, slots=True)
class Strip:
    """`rows` rows at `offset` of the file, `size` bytes of them."""

    offset: int
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it lies in the file. Resolutions in pixels per inch; `k` as PDF counts it.

    `is_reversed`: the first pixel stands in the lowest bit; `is_aligned`: each row begins a byte.
    """

    width: int
    rows: int
    dpi: tuple[Fraction, Fraction]
    k: int
    is_aligned: bool
    is_reversed: bool
    is_negative: bool
    strips: tuple[Strip, ...]

    @property
    def points(self) -> tuple[Fraction, Fraction]:
        """Width and height in 1/72 inch."""
        return self.width * 72 / self.dpi[0], self.rows * 72 / self.dpi[1]


@dataclass(frozen=True, slots=True)
class Tiff:
    """The pages until `trouble`, which is None where all of them could be read."""

    pages: tuple[Page, ...]
    trouble: Strange | OutOfBounds | None = None


def read_tiff(file: BinaryIO) -> Tiff:
    """Never raises for what stands in it. A page that Asterisk did not finish is none."""
    pages: list[Page] = []
    try:
        for page in _pages(file):
            pages.append(page)
    except (Strange, OutOfBounds) as trouble:
        return Tiff(tuple(pages), trouble)
    return Tiff(tuple(pages))


def _pages(file: BinaryIO) -> Iterator[Page]:
    head = file.read(8)
    if len(head) < 8 or head[:4] not in _ORDERS:
        raise Strange("it is not a TIFF")
    order = _ORDERS[head[:4]]
    size = file.seek(0, 2)
    (at,) = struct.unpack_from(order + "I", head, 4)
    seen: set[int] = set()
    while at:
        if at in seen:
            raise OutOfBounds("its directories run in a circle")
        if len(seen) == MOST_PAGES:
            raise OutOfBounds(f"it has more than {MOST_PAGES} pages")
        seen.add(at)
        directory = _Directory(file, order, size, at)
        yield directory.page()
        at = directory.following


class _Directory:
    """The facts of one page, each a short list of numbers."""

    def __init__(self, file: BinaryIO, order: str, size: int, at: int) -> None:
        self._file, self._order, self._size = file, order, size
        (count,) = struct.unpack(order + "H", self._read(at, 2))
        if count > MOST_ENTRIES:
            raise OutOfBounds("a directory has too many entries")
        whole = self._read(at + 2, count * 12 + 4)
        self._entries: dict[int, tuple[int, int, bytes]] = {}
        for place in range(0, count * 12, 12):
            tag, kind, number, value = struct.unpack_from(order + "HHI4s", whole, place)
            self._entries[tag] = kind, number, value
        (self.following,) = struct.unpack_from(order + "I", whole, count * 12)

    def page(self) -> Page:
        width, rows = self._one("ImageWidth", 256), self._one("ImageLength", 257)
        if width == 0 or rows == 0:
            raise Strange("a page is empty")
        if width > WIDEST or rows > LONGEST:
            raise OutOfBounds(f"a page of {width} by {rows} pixels is no fax")
        if (self._one("bits", 258, 1), self._one("samples", 277, 1)) != (1, 1):
            raise Strange("a page is not in black and white")
        if self._one("Orientation", 274, 1) != 1:
            raise Strange("a page is turned")
        compression = self._one("Compression", 259)
        photometric = self._one("Photometric", 262, 0)
        if compression not in (_HUFFMAN, _GROUP3, _GROUP4) or photometric not in (0, 1):
            raise Strange(f"a page is compressed in another way ({compression})")
        page = Page(
            width=width,
            rows=rows,
            dpi=self._dpi(),
            k=self._k(compression),
            is_aligned=compression == _HUFFMAN,
            is_reversed=self._one("FillOrder", 266, 1) == 2,
            is_negative=photometric == 1,
            strips=self._strips(rows),
        )
        if max(page.points) > LONGEST_POINTS:
            raise OutOfBounds("a page is longer than any paper")
        return page

    def _k(self, compression: int) -> int:
        if compression == _GROUP4:
            return -1
        in_two_dimensions = compression == _GROUP3 and self._one("T4Options", 292, 0) & 1
        return _MIXED if in_two_dimensions else 0

    def _dpi(self) -> tuple[Fraction, Fraction]:
        """As written, in inches or centimetres; where that cannot be, as most faxes have it."""
        unit = Fraction(254, 100) if self._one("ResolutionUnit", 296, 2) == 3 else Fraction(1)
        across, down = self._ratio(282) * unit, self._ratio(283) * unit
        least, most = SOUND_DPI
        if least <= across <= most and least <= down <= most:
            return across, down
        return FAX_DPI

    def _ratio(self, tag: int) -> Fraction:
        above, below, *_ = [*self._numbers(tag), 0, 0]
        return Fraction(above, below) if below else Fraction(0)

    def _strips(self, rows: int) -> tuple[Strip, ...]:
        offsets, sizes = self._numbers(273), self._numbers(279)
        each = min(self._one("RowsPerStrip", 278, rows) or rows, rows)
        if not offsets or len(offsets) != len(sizes) or len(offsets) != -(-rows // each):
            raise Strange("a page has not the strips it should have")
        strips = []
        for position, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
            if offset + size > self._size:
                raise Strange("a page ends before it is whole")
            strips.append(Strip(offset, size, min(each, rows - position * each)))
        return tuple(strips)

    def _one(self, name: str, tag: int, default: int | None = None) -> int:
        numbers = self._numbers(tag)
        if numbers:
            return numbers[0]
        if default is None:
            raise Strange(f"a page has no {name}")
        return default

    def _numbers(self, tag: int) -> tuple[int, ...]:
        if tag not in self._entries:
            return ()
        kind, number, value = self._entries[tag]
        if kind not in _SIZES:
            raise Strange("a directory has numbers of an unknown kind")
        if number > MOST_STRIPS:
            raise OutOfBounds("a directory has too many numbers")
        size = number * _SIZES[kind]
        if size > 4:
            value = self._read(struct.unpack(self._order + "I", value)[0], size)
        count = size // struct.calcsize(_LETTERS[kind])
        return struct.unpack(f"{self._order}{count}{_LETTERS[kind]}", value[:size])

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        found = self._file.read(size)
        if len(found) != size:
            raise Strange("something lies outside of the file")
        return found
