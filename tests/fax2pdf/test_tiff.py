"""What a TIFF claims is bounded before anything is decoded; what Asterisk writes is read whole."""

import io
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fax2pdf.tiff import MOST_PAGES, OutOfBounds, Strange, read_tiff
from tests.fax2pdf.written import A_PAGE, RECEIVED, tiff


@pytest.mark.parametrize(
    ("name", "pages", "rows", "down"),
    [("standard", 1, 600, 98), ("two_fine_pages", 2, 1000, 196), ("superfine", 1, 1500, 391)],
)
def test_what_asterisk_received_is_read(name: str, pages: int, rows: int, down: int) -> None:
    with (RECEIVED / f"{name}.tif").open("rb") as file:
        found = read_tiff(file)
    assert found.trouble is None
    assert [(page.width, page.rows) for page in found.pages] == [(1728, rows)] * pages
    page = found.pages[-1]
    assert page.dpi == (Fraction(204), Fraction(down))
    assert (page.k, page.is_reversed, page.is_negative, len(page.strips)) == (4, True, False, 1)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("width", [1728, 2048, 2432, 3456, 4864], ids=str)
def test_every_paper_that_a_fax_may_have_is_read(order: str, width: int) -> None:
    found = read_tiff(io.BytesIO(tiff(A_PAGE | {256: width}, order=order)))
    assert found.trouble is None
    assert [page.width for page in found.pages] == [width]


@pytest.mark.parametrize(
    "content",
    [
        tiff(A_PAGE | {256: 100_000, 257: 100_000}),
        tiff(A_PAGE | {256: 100_000}),
        tiff(A_PAGE | {257: 100_000}),
        tiff(A_PAGE, loop=True),
        tiff(*[A_PAGE] * 10_000),
        tiff(dict.fromkeys(range(201), 1)),
    ],
    ids=["large", "wide", "long", "loop", "ten thousand", "entries"],
)
def test_what_no_fax_claims_is_out_of_bounds(content: bytes) -> None:
    found = read_tiff(io.BytesIO(content))
    assert isinstance(found.trouble, OutOfBounds)
    assert len(found.pages) <= MOST_PAGES


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        tiff(A_PAGE | {257: 0}),
        tiff(A_PAGE | {273: 1 << 31}),
        tiff(A_PAGE | {279: 1 << 31}),
        tiff(A_PAGE | {278: 1}),
        tiff(A_PAGE | {259: 7}),
        tiff(A_PAGE | {258: 8}),
        tiff({256: 1728}),
    ],
    ids=[
        *("nothing", "pdf", "head", "no directory", "no rows", "strip outside", "strip too long"),
        *("strips missing", "jpeg", "gray", "facts missing"),
    ],
)
def test_what_is_broken_is_strange_and_has_no_page(content: bytes) -> None:
    found = read_tiff(io.BytesIO(content))
    assert isinstance(found.trouble, Strange)
    assert found.pages == ()


def test_a_tiff_without_a_page_has_none_and_no_trouble() -> None:
    assert read_tiff(io.BytesIO(b"II*\0\0\0\0\0")).pages == ()
    assert read_tiff(io.BytesIO(b"II*\0\0\0\0\0")).trouble is None


def test_the_pages_before_a_broken_one_are_there() -> None:
    found = read_tiff(io.BytesIO(tiff(A_PAGE, A_PAGE, A_PAGE | {257: 0}, A_PAGE)))
    assert len(found.pages) == 2
    assert isinstance(found.trouble, Strange)


def test_a_resolution_that_cannot_be_is_taken_for_the_usual_one() -> None:
    (page,) = read_tiff(io.BytesIO(tiff(A_PAGE))).pages
    assert page.dpi == (Fraction(204), Fraction(196))


FINE = (RECEIVED / "two_fine_pages.tif").read_bytes()


@given(st.integers(0, len(FINE)))
@example(len(FINE) - 1)  # what a page needs lies before the names and dates at the end
def test_a_tiff_cut_anywhere_loses_no_page_untold(length: int) -> None:
    found = read_tiff(io.BytesIO(FINE[:length]))
    assert found.trouble is not None or found.pages == read_tiff(io.BytesIO(FINE)).pages


@given(st.integers(0, len(FINE) - 1), st.integers(0, 255))
def test_a_byte_of_it_changed_raises_nothing(place: int, value: int) -> None:
    changed = FINE[:place] + bytes([value]) + FINE[place + 1 :]
    for page in read_tiff(io.BytesIO(changed)).pages:
        assert 0 < max(page.points) <= 14_400
        assert sum(strip.rows for strip in page.strips) == page.rows


@given(st.binary(max_size=300))
def test_any_bytes_raise_nothing(content: bytes) -> None:
    read_tiff(io.BytesIO(b"II*\0\x08\0\0\0" + content))
