"""A PDF shows every page as it came; what cannot be copied goes another way, or is told."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pikepdf
import pytest
from PIL import Image

from fax2pdf.making import Made, make
from fax2pdf.pdf import Facts
from fax2pdf.tiff import read_tiff
from switchboard.forking import Forker
from tests.fax2pdf.written import A_PAGE, RECEIVED, drawn, pixels_of, repeated, save, shown, tiff

AT = datetime(2026, 11, 22, 3, 25, tzinfo=ZoneInfo("Europe/Moscow"))
FACTS = Facts("Fax, office", "+7 926 000 00 01", AT)
MAKE = "import sys; from fax2pdf.making import main; main(sys.argv[1:])"
MEASURE = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
FINE, STANDARD = (204, 196), (204, 98)


async def made_of(tiff: Path, where: Path) -> Made:
    scratch = where / "made"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with closing(Forker(at_once=8)) as forker:
        return await make(forker, tiff, FACTS, scratch)


@pytest.mark.parametrize("name", ["standard", "two_fine_pages", "superfine"])
async def test_a_received_fax_is_shown_pixel_for_pixel(name: str, tmp_path: Path) -> None:
    source = RECEIVED / f"{name}.tif"
    made = await made_of(source, tmp_path)
    with source.open("rb") as file:
        pages = read_tiff(file).pages
    assert (made.pages, made.trouble) == (len(pages), "")
    assert made.pdf
    for position, page in enumerate(pages):
        assert (shown(made.pdf, position, page.dpi) == pixels_of(source, position)).all()


@pytest.mark.parametrize(
    ("compression", "tags"),
    [
        ("group4", {}),
        ("group3", {}),
        ("group3", {292: 1}),
        ("group3", {292: 5}),
        ("tiff_ccitt", {}),
        ("group4", {262: 1}),
        ("group3", {262: 1}),
        ("group4", {278: 16}),
        ("group3", {292: 1, 278: 100}),
        ("group3", {266: 2, 292: 1}),
        ("group4", {266: 2}),
    ],
    ids=str,
)
async def test_every_way_of_fax_compression_is_copied(
    compression: str, tags: Mapping[int, int], tmp_path: Path
) -> None:
    page = drawn(1728, 1143)
    source = save(tmp_path / "source.tif", [(page, FINE)], compression, tags)
    with source.open("rb") as file:
        found = read_tiff(file)
    assert found.trouble is None, "it was not copied"
    made = await made_of(source, tmp_path)
    assert made.pdf
    assert (shown(made.pdf, 0, FINE) == pixels_of(source)).all()
    if 262 not in tags:
        assert (pixels_of(source) == page).all()


async def test_pages_of_several_sizes_and_resolutions_keep_theirs(tmp_path: Path) -> None:
    papers = [
        (1728, 2200, FINE),
        (2048, 1400, STANDARD),
        (2432, 3200, FINE),
        (1728, 900, (204, 391)),
    ]
    pages = [(drawn(width, rows, seed), dpi) for seed, (width, rows, dpi) in enumerate(papers)]
    source = save(tmp_path / "source.tif", pages)
    made = await made_of(source, tmp_path)
    assert made.pdf
    with pikepdf.open(made.pdf) as pdf:
        sizes = [tuple(float(side) for side in page.mediabox[2:]) for page in pdf.pages]
    wanted = [(width * 72 / dpi[0], rows * 72 / dpi[1]) for width, rows, dpi in papers]
    assert np.allclose(sizes, wanted, atol=0.001)
    for position, (page, dpi) in enumerate(pages):
        assert (shown(made.pdf, position, dpi) == page).all()


async def test_the_same_fax_makes_the_same_bytes_and_says_what_it_is(tmp_path: Path) -> None:
    made = await made_of(RECEIVED / "two_fine_pages.tif", tmp_path)
    assert made.pdf
    first = made.pdf.read_bytes()
    with pikepdf.open(made.pdf) as pdf:
        facts = {name: str(value) for name, value in pdf.docinfo.items()}
    assert facts == {
        "/Title": "Fax, office",
        "/Author": "+7 926 000 00 01",
        "/Subject": "2 pages",
        "/Producer": "Switchboard",
        "/CreationDate": "D:20261122032500+03'00",
    }
    again = await made_of(RECEIVED / "two_fine_pages.tif", tmp_path)
    assert again.pdf
    assert again.pdf.read_bytes() == first


async def test_the_picture_of_the_first_page_has_the_shape_of_the_paper(tmp_path: Path) -> None:
    source = save(tmp_path / "source.tif", [(drawn(1728, 1100), STANDARD)])
    made = await made_of(source, tmp_path)
    assert made.picture
    with Image.open(made.picture) as picture:
        assert picture.width / picture.height == pytest.approx((1728 / 204) / (1100 / 98), rel=0.01)


async def test_what_cannot_be_copied_is_converted_by_img2pdf(tmp_path: Path) -> None:
    source = tmp_path / "gray.tif"
    Image.new("L", (800, 600), 128).save(source, compression="tiff_lzw", dpi=(100, 100))
    made = await made_of(source, tmp_path)
    assert (made.pages, made.trouble) == (1, "")
    assert made.pdf
    first = made.pdf.read_bytes()
    assert first.startswith(b"%PDF")
    again = await made_of(source, tmp_path)
    assert again.pdf
    assert again.pdf.read_bytes() == first


@pytest.mark.parametrize(
    "content",
    [
        b"no TIFF at all",
        tiff(A_PAGE | {256: 100_000, 257: 100_000}),
        tiff(A_PAGE | {257: 0}),
        (RECEIVED / "two_fine_pages.tif").read_bytes()[:9000],
    ],
    ids=["text", "large", "no rows", "cut"],
)
async def test_of_what_nothing_can_be_made_the_reason_is_told(
    content: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "source.tif"
    source.write_bytes(content)
    made = await made_of(source, tmp_path)
    assert (made.pages, made.pdf) == (0, None)
    assert made.trouble


async def test_of_a_fax_that_is_broken_in_the_middle_the_pages_before_are_made(
    tmp_path: Path,
) -> None:
    source = tmp_path / "source.tif"
    source.write_bytes((RECEIVED / "two_fine_pages.tif").read_bytes()[:29_000])
    made = await made_of(source, tmp_path)
    assert made.pages == 1
    assert made.trouble
    assert made.pdf
    whole = pixels_of(RECEIVED / "two_fine_pages.tif")
    assert (shown(made.pdf, 0, FINE) == whole).all()


def test_five_hundred_pages_are_made_within_a_hundred_megabytes(tmp_path: Path) -> None:
    source = repeated(RECEIVED / "two_fine_pages.tif", 500, tmp_path / "source.tif")
    argv = [sys.executable, "-P", "-c", MAKE, str(source), *FACTS.as_texts()]
    # a child begins with the memory of its parent: this one has a small parent
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *argv], cwd=tmp_path, check=True, capture_output=True
    )
    assert int(measured.stdout) < 100 * 1024
    with pikepdf.open(tmp_path / "fax.pdf") as pdf:
        assert len(pdf.pages) == 500
    for page in (0, 499):
        made = shown(tmp_path / "fax.pdf", page, FINE)
        assert (made == pixels_of(RECEIVED / "two_fine_pages.tif", page % 2)).all()
