"""TIFFs written byte for byte, and PDFs as a mail program shows them."""

import struct
import subprocess
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fax2pdf.tiff import Page, read_tiff

Pixels = NDArray[np.bool_]  # rows of pixels, True is black

RECEIVED = Path(__file__).with_name("received")
A_PAGE = {256: 1728, 257: 10, 258: 1, 259: 4, 262: 0, 273: 8, 277: 1, 278: 10, 279: 4}


def tiff(*pages: Mapping[int, int], order: str = "<", loop: bool = False) -> bytes:
    """A TIFF of directories, each `tag: number`; the last one leads to the first with `loop`."""
    begin = {"<": b"II*\0", ">": b"MM\0*"}[order]
    first = 12  # behind four bytes that stand for pixels
    made = begin + struct.pack(order + "I", first) + b"\0\x10\0\x10"
    for position, page in enumerate(pages):
        following = len(made) + 2 + 12 * len(page) + 4
        if position == len(pages) - 1:
            following = first if loop else 0
        made += struct.pack(order + "H", len(page))
        for tag, number in sorted(page.items()):
            made += struct.pack(order + "HHII", tag, 4, 1, number)
        made += struct.pack(order + "I", following)
    return made


def drawn(width: int, rows: int, seed: int = 0, share: float = 0.1) -> Pixels:
    """Something that no other page has: noise in blocks, lines in every direction."""
    random = np.random.default_rng(seed)
    blocks = random.random((-(-rows // 8), -(-width // 8))) < share
    page = np.kron(blocks, np.ones((8, 8), bool))[:rows, :width]
    page[:: 40 + seed] = True
    page[:, :: 57 + seed] = True
    return page


def white(width: int, rows: int, seed: int = 0) -> Pixels:
    """An empty page but for one square, by which it is told from the others."""
    page = np.zeros((rows, width), bool)
    page[20 + 10 * seed : 40 + 10 * seed, 100 + 90 * seed : 150 + 90 * seed] = True
    return page


def save(
    path: Path,
    pages: Sequence[tuple[Pixels, tuple[int, int]]],
    compression: str = "group4",
    tags: Mapping[int, int] | None = None,
) -> Path:
    """A TIFF of pages, each with its pixels an inch across and down."""
    images = []
    for pixels, dpi in pages:
        image = Image.fromarray(~pixels)
        image.encoderinfo = {"dpi": dpi, "tiffinfo": dict(tags or {})}
        images.append(image)
    images[0].save(
        path,
        "TIFF",
        save_all=True,
        append_images=images[1:],
        compression=compression,
        dpi=pages[0][1],
        tiffinfo=dict(tags or {}),
    )
    return path


def pixels_of(tiff: Path, page: int = 0) -> Pixels:
    """As libtiff decodes it."""
    with Image.open(tiff) as image:
        image.seek(page)
        return ~np.asarray(image.convert("1"))


def shown(pdf: Path, page: int, dpi: tuple[Fraction | int, Fraction | int]) -> Pixels:
    """A page as poppler renders it, with so many pixels to the inch across and down."""
    argv = ["pdftoppm", "-mono", "-rx", str(float(dpi[0])), "-ry", str(float(dpi[1]))]
    argv += ["-f", str(page + 1), "-l", str(page + 1), "-singlefile", str(pdf)]
    target = pdf.with_name(f"{pdf.stem}-shown")
    subprocess.run([*argv, str(target)], check=True)
    with Image.open(target.with_suffix(".pbm")) as image:
        return ~np.asarray(image.convert("1"))


def repeated(source: Path, pages: int, target: Path) -> Path:
    """The pages of a received TIFF, over and over, until there are so many."""
    content = source.read_bytes()
    with source.open("rb") as file:
        known = read_tiff(file).pages
    made, link = bytearray(b"II*\0\0\0\0\0"), 4
    for number in range(pages):
        page = known[number % len(known)]
        (strip,) = page.strips
        at = len(made)
        made += content[strip.offset : strip.offset + strip.size]
        made += bytes(len(made) % 2)
        ratios = len(made)
        made += struct.pack("<4I", int(page.dpi[0]), 1, int(page.dpi[1]), 1)
        struct.pack_into("<I", made, link, len(made))
        entries = _entries(page, at, strip.size, ratios)
        made += struct.pack("<H", len(entries))
        made += b"".join(struct.pack("<HHII", *entry) for entry in entries)
        link = len(made)
        made += bytes(4)
    target.write_bytes(made)
    return target


def _entries(page: Page, at: int, size: int, ratios: int) -> list[tuple[int, int, int, int]]:
    """Tag, kind, count and value, as Asterisk writes them."""
    return [
        *((256, 4, 1, page.width), (257, 4, 1, page.rows), (258, 3, 1, 1), (259, 3, 1, 3)),
        *((262, 3, 1, 0), (266, 3, 1, 2), (273, 4, 1, at), (277, 3, 1, 1)),
        *((278, 4, 1, page.rows), (279, 4, 1, size), (282, 5, 1, ratios), (283, 5, 1, ratios + 8)),
        (292, 4, 1, 5),
    ]
