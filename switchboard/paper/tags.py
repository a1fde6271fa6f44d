"""What is what in a PDF, for those who have it read to them (ISO 32000, 14.7 and 14.8).

A page's drawing is cut into pieces; each is the leaf of a tree of headings, paragraphs, figures and
tables, or an artifact, which is not read: lines, backgrounds, running feet. A leaf is written with
its page, a branch once it is closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFObjectReference

from switchboard.paper.growing import GrowingDocument

ROOT = "StructTreeRoot"
HEAD_OF_COLUMN = "/A<</O/Table/Scope/Column>>"


@dataclass
class _Branch:
    role: str
    number: int
    kids: list[int] = field(default_factory=list)


class Tags:
    """The tree of one document; its trunk is open until `finish`."""

    def __init__(self, document: GrowingDocument) -> None:
        self._document = document
        self._root = document.reserve(ROOT)
        self._open = [_Branch("Document", document.number())]
        self._leaves: list[int] = []  # of this page
        self._pages: list[int] = []
        document.Catalog.StructTreeRoot = PDFObjectReference(ROOT)
        document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})

    def open(self, role: str) -> None:
        self._open.append(_Branch(role, self._document.number()))

    def close(self) -> None:
        branch, parent = self._open.pop(), self._open[-1]
        parent.kids.append(branch.number)
        self._write(branch, parent.number)

    @contextmanager
    def branch(self, role: str) -> Iterator[None]:
        self.open(role)
        yield
        self.close()

    def leaf(self, role: str, more: str = "") -> str:
        """The operator that begins a piece of the page; EMC ends it."""
        number, place, parent = self._document.number(), len(self._leaves), self._open[-1]
        page = self._document.page_number()
        told = f"<</S/{role}/P {parent.number} 0 R/Pg {page} 0 R/K {place}{more}>>"
        self._document.pack(number, told.encode())
        self._leaves.append(number)
        parent.kids.append(number)
        return f"/{role} <</MCID {place}>> BDC"

    def end_page(self) -> dict[str, object]:
        """What the dictionary of the page says about it."""
        number = self._document.number()
        self._document.pack(number, f"[{_pointers(self._leaves)}]".encode())
        self._leaves.clear()
        self._pages.append(number)
        return {"StructParents": len(self._pages) - 1}

    def finish(self) -> None:
        [trunk] = self._open
        self._write(trunk, self._root)
        pages = " ".join(f"{at} {number} 0 R" for at, number in enumerate(self._pages))
        tree = f"/ParentTree<</Nums[{pages}]>>/ParentTreeNextKey {len(self._pages)}"
        told = f"<</Type/{ROOT}/K {trunk.number} 0 R{tree}>>"
        self._document.pack(self._root, told.encode())

    def _write(self, branch: _Branch, parent: int) -> None:
        told = f"<</S/{branch.role}/P {parent} 0 R/K[{_pointers(branch.kids)}]>>"
        self._document.pack(branch.number, told.encode())


def _pointers(numbers: list[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def in_words(text: str, instead: str = "Alt") -> str:
    """What is said of a figure, or `instead` (`ActualText`) of signs that stand line by line."""
    return f"/{instead}<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"
