"""A fax made ready for its letter, in a child with limits.

What a TIFF holds was chosen by a stranger: it is read where a crash, a flood of memory or an
endless loop costs one conversion and nothing else.
"""

import errno
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fax2pdf.pdf import Facts, convert_by_img2pdf, write_pdf
from fax2pdf.picture import draw_first_page
from fax2pdf.tiff import Strange, Tiff, read_tiff
from switchboard.convert import ConversionFailed
from switchboard.forked import Order
from switchboard.forking import Forker

DEADLINE_SECONDS = 120
MOST_MEMORY_BYTES = 1 << 30  # address space: the libraries alone map 200 MB
SPARE_BYTES = 64 << 10  # for the picture and a few words
PDF, PICTURE, TOLD = "fax.pdf", "page.png", "made.json"


@dataclass(frozen=True, slots=True)
class Made:
    """What could be made of a TIFF: a PDF of `pages`, perhaps a picture of the first.

    `pdf` is None where nothing could; `trouble` says in words what stood in the way of the rest.
    """

    pages: int = 0
    pdf: Path | None = None
    picture: Path | None = None
    dpi: tuple[int, int] | None = None
    trouble: str = ""


async def make(forker: Forker, tiff: Path, facts: Facts, scratch: Path) -> Made:
    """PDF and picture in the directory `scratch`. Raises OSError, and nothing for a broken TIFF."""
    try:
        await forker.work(order(__name__, (str(tiff), *facts.as_texts()), scratch))
        return _made(json.loads((scratch / TOLD).read_text()), scratch)
    except (ConversionFailed, FileNotFoundError, ValueError) as failed:
        _demand_room(scratch, tiff)
        return Made(trouble=str(failed))


def order(module: str, arguments: Sequence[str], scratch: Path) -> Order:
    """Work on a fax, within the limits that every such work has."""
    return Order(module, arguments, str(scratch), DEADLINE_SECONDS, MOST_MEMORY_BYTES)


def _demand_room(directory: Path, tiff: Path) -> None:
    """Raises OSError where a full disk explains the failure: the fax is made when there is room.

    The child could not even say so: its last words lie on the same disk.
    """
    disk = os.statvfs(directory)
    if disk.f_bavail * disk.f_frsize < 2 * tiff.stat().st_size + SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(directory))


def _made(told: dict[str, object], scratch: Path) -> Made:
    pages, dpi = told["pages"], told["dpi"]
    assert isinstance(pages, int)  # noqa: S101 - as `main` below has written it
    return Made(
        pages=pages,
        pdf=scratch / PDF if pages else None,
        picture=scratch / PICTURE if (scratch / PICTURE).is_file() else None,
        dpi=(dpi[0], dpi[1]) if isinstance(dpi, list) else None,
        trouble=str(told["trouble"]),
    )


def main(arguments: Sequence[str]) -> None:
    """A child's work, in the directory of what is made: TIFF, then the facts as texts."""
    path, facts = Path(arguments[0]), Facts.of_texts(arguments[1:])
    with path.open("rb") as file:
        tiff = read_tiff(file)
        pages, trouble = len(tiff.pages), str(tiff.trouble or "")
        if pages:
            write_pdf(file, tiff.pages, facts, Path(PDF))
    if isinstance(tiff.trouble, Strange) and not pages:
        pages, trouble = _converted(path, facts, trouble)
    if tiff.pages:
        with suppress(Exception):  # a letter without the picture is better than none
            draw_first_page(path, tiff.pages[0], Path(PICTURE))
    told = {"pages": pages, "trouble": trouble, "dpi": _dpi(tiff)}
    Path(TOLD).write_text(json.dumps(told))


def _converted(path: Path, facts: Facts, trouble: str) -> tuple[int, str]:
    """The second way, for what the first refuses."""
    try:
        return convert_by_img2pdf(path, facts, Path(PDF)), ""
    except Exception as failed:  # a broken TIFF raises anything
        return 0, f"{trouble}; {type(failed).__name__}"


def _dpi(tiff: Tiff) -> tuple[int, int] | None:
    return tuple(map(round, tiff.pages[0].dpi)) if tiff.pages else None  # type: ignore[return-value]
