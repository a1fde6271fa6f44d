"""A PDF that is written as it grows: a page that is done leaves memory.

reportlab keeps every page until a document is saved. Here each is written at once; what stays of it
is where it lies, eight bytes for each object, for the index at the end of the file (ISO 32000,
7.5.8). Small objects are packed into streams by hundreds (7.5.7).
"""

import struct
import zlib
from array import array
from typing import Any, BinaryIO

from reportlab.pdfbase.pdfdoc import (
    PDFDocument,
    PDFIndirectObject,
    PDFObjectReference,
    PDFStream,
    PDFZCompress,
    xObjectName,
)
from reportlab.pdfgen.canvas import Canvas

VERSION = (1, 5)  # the first that packs objects
PACKED = 1 << 63  # marks the place of an object within a stream: its number, its place there
PLACES = 16  # bits of that place
MOST_PACKED = 2000  # objects of one stream
AT_ONCE = 50_000  # entries of the index that are compressed together


class GrowingDocument(PDFDocument):  # type: ignore[misc]
    """reportlab's document, written to `out` page by page."""

    def __init__(self, out: BinaryIO, lang: str) -> None:
        self._reserved: set[str] = set()
        super().__init__(compression=1, invariant=1, pdfVersion=VERSION, lang=lang)
        self._out, self._length = out, 0
        self._places = array("Q", [0])  # by number; 0 where nothing was written yet
        self._packed: list[tuple[int, bytes]] = []
        self.page_says: dict[str, object] = {}  # of the page that is added next
        self._put(b"%PDF-1.5\n%\x93\x8c\x8b\x9e\n")

    def number(self) -> int:
        """The number of an object that is written later."""
        self.objectcounter += 1
        return int(self.objectcounter)

    def reserve(self, name: str) -> int:
        """The number of something that others point to before it is there."""
        if name not in self.idToObjectNumberAndVersion:
            number = self.number()
            self.idToObjectNumberAndVersion[name] = (number, 0)
            self.numberToId[number] = name
            self._reserved.add(name)
        return int(self.idToObjectNumberAndVersion[name][0])

    def page_number(self) -> int:
        """That of the page which is being made."""
        return self.reserve(self.thisPageName())

    def Reference(self, thing: Any, name: str | None = None) -> Any:
        if name in self._reserved:
            self._reserved.remove(name)
            self.idToObject[name] = thing
            thing.__InternalName__ = name
            return PDFObjectReference(name)
        return super().Reference(thing, name)

    def addPage(self, page: Any) -> None:
        name = self.thisPageName()
        self.page_number()
        page.__Defaults__ = page.__Defaults__ | self.page_says
        page.Contents = PDFStream(content=page.stream, filters=[PDFZCompress])
        super().addPage(page)
        self.Pages.pages[-1] = PDFObjectReference(name)
        self._write(name)
        self._write(page.Contents.__InternalName__)

    def pack(self, number: int, content: bytes) -> None:
        """A small object, which no stream may be."""
        self._packed.append((number, content))
        if len(self._packed) == MOST_PACKED:
            self._write_packed()

    def SaveToFile(self, _: object, canvas: Canvas) -> None:
        """All that is not written yet, and the index."""
        for font in self.delayedFonts:
            font.addObjects(self)
        self.info.invariant = self.invariant
        self.info.digest(self.signature)
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        self.Outlines.prepare(self, canvas)
        self._write_packed()
        number = 1
        while number <= self.objectcounter:  # each may bring others
            name = self.numberToId.get(number)
            if not self._is_written(number) and name in self.idToObject:
                self._write(name)
            number += 1
        self._write_index(root.format(self), info.format(self))

    def _is_written(self, number: int) -> bool:
        return number < len(self._places) and self._places[number] != 0

    def _write(self, name: str) -> None:
        content = PDFIndirectObject(name, self.idToObject[name]).format(self)
        self._place(self.idToObjectNumberAndVersion[name][0], self._length)
        self._put(content)
        self.idToObject[name] = None

    def _write_packed(self) -> None:
        if not self._packed:
            return
        own, at, heads = self.number(), 0, []
        for place, (number, content) in enumerate(self._packed):
            heads.append(f"{number} {at}")
            at += len(content) + 1
            self._place(number, PACKED | own << PLACES | place)
        head = " ".join(heads).encode() + b"\n"
        body = zlib.compress(head + b"\n".join(content for _, content in self._packed))
        told = f"/Type/ObjStm/N {len(heads)}/First {len(head)}/Filter/FlateDecode"
        self._put_stream(own, told.encode(), body)
        self._packed.clear()

    def _write_index(self, root: bytes, info: bytes) -> None:
        own, begin = self.number(), self._length
        self._place(own, begin)
        size, packer, parts = len(self._places), zlib.compressobj(), []
        for first in range(0, size, AT_ONCE):
            entries = map(_entry, self._places[first : first + AT_ONCE])
            parts.append(packer.compress(b"".join(entries)))
        parts.append(packer.flush())
        told = (
            f"/Type/XRef/Size {size}/W[1 8 2]/Filter/FlateDecode".encode()
            + b"/Root "
            + root
            + b"/Info "
            + info
            + b"/ID"
            + self.ID()
        )
        self._put_stream(own, told, b"".join(parts))
        self._put(b"startxref\n%d\n%%%%EOF\n" % begin)

    def _put_stream(self, number: int, told: bytes, body: bytes) -> None:
        self._place(number, self._length)
        self._put(b"%d 0 obj\n<<%b/Length %d>>\nstream\n" % (number, told, len(body)))
        self._put(body + b"\nendstream\nendobj\n")

    def _place(self, number: int, place: int) -> None:
        missing = number + 1 - len(self._places)
        if missing > 0:
            self._places.extend([0] * missing)
        self._places[number] = place

    def _put(self, content: bytes) -> None:
        self._out.write(content)
        self._length += len(content)


def _entry(place: int) -> bytes:
    """How the index tells it: free, at so many bytes, or within a stream."""
    if place & PACKED:
        place -= PACKED
        return struct.pack(">BQH", 2, place >> PLACES, place & (1 << PLACES) - 1)
    return struct.pack(">BQH", 1, place, 0) if place else struct.pack(">BQH", 0, 0, 65535)


class GrowingCanvas(Canvas):  # type: ignore[misc]
    """A canvas on such a document; `later` is the form that pages show before it is there."""

    def __init__(
        self, out: BinaryIO, size: tuple[float, float], font: str, lang: str, later: str
    ) -> None:
        super().__init__(out, size, initialFontName=font, invariant=1, pageCompression=1)
        self.document = self._doc = GrowingDocument(out, lang)
        self.document.reserve(xObjectName(later))
