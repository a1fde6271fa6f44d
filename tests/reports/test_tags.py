"""Reports that are read aloud: what a PDF says of itself, and how it is written."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from reports.catalogue import REPORTS
from reports.paper.call import write_call
from reports.paper.pdf import write_pdf
from reports.paper.shapes import INK, readable_on
from reports.paper.sheet import sheet_of
from reports.report import Row
from reports.wording import ENGLISH
from tests.reports.book import DAY, EVERY
from tests.reports.test_paper import ACME, as_pdf, drawn, on_paper, words_of

MARK = re.compile(rb"/(\w+) (?:<<.*?>> BDC|BMC)|(EMC)|( Tj| re f| S$| Do$)", re.MULTILINE)


def read_aloud(pdf: bytes, file: Path) -> str:
    """The tree as poppler reads it, with what its leaves say."""
    file.write_bytes(pdf)
    asked = ["pdfinfo", "-struct-text", str(file)]
    return subprocess.run(asked, capture_output=True, check=True, text=True).stdout


def whole(pdf: bytes) -> pikepdf.Pdf:
    """Opened, and without fault as qpdf sees it."""
    opened = pikepdf.open(BytesIO(pdf))
    assert opened.check_pdf_syntax() == []
    return opened


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_read_aloud_with_its_headings_charts_and_cells(
    name: str, tmp_path: Path
) -> None:
    made = drawn(name)
    told = read_aloud(as_pdf(made), tmp_path / "report.pdf")
    assert told.startswith("Document")
    assert f'H1 (block)\n    "{ENGLISH.report(name)}"' in told
    assert told.count("Figure") == len(sheet_of(made, ACME).charts)
    assert told.count("  TH:\n") == len(made.columns)
    rows = list(made.lines())
    assert told.count("    TR\n") == 1 + len(rows)
    said = words_of(" ".join(re.findall(r'"(.*)"', told)))
    for row in rows:
        line = [words_of(on_paper(made, row, column, ENGLISH)) for column in made.columns]
        assert " ".join(line) in said


@pytest.mark.parametrize("name", ["departments", "calls", "menus"])
def test_nothing_on_a_page_is_outside_of_the_tree_and_the_artifacts(name: str) -> None:
    [first, *_] = EVERY
    calls = [replace(first, id=f"n-{at}", began=first.began + at) for at in range(80)]
    opened = whole(as_pdf(drawn(name, DAY, calls if name == "calls" else None)))
    for page in opened.pages:
        depth, read = 0, 0
        for begun, ended, drawn_ in MARK.findall(page.Contents.read_bytes()):
            depth += bool(begun) - bool(ended)
            assert depth > 0 or ended, drawn_
            read += begun not in (b"", b"Artifact", b"Span")
        assert depth == 0
        leaves = list(opened.Root.StructTreeRoot.ParentTree.Nums)[2 * int(page.StructParents) + 1]
        assert len(leaves) == read


def test_a_chart_says_what_it_shows_and_the_document_its_language() -> None:
    opened = whole(as_pdf(drawn("departments"), replace(ACME, language="ru")))
    assert str(opened.Root.Lang) == "ru"
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    assert opened.Root.MarkInfo.Marked
    trunk = opened.Root.StructTreeRoot.K
    figures = [leaf for leaf in trunk.K if leaf.S == "/Figure"]
    assert len(figures) == 2
    visits = sum(int(count) for count in re.findall(r": (\d+)", str(figures[1].Alt)))
    assert visits == drawn("departments").total["offered"]  # type: ignore[index]
    assert all(len(leaf.A.BBox) == 4 for leaf in figures)


def test_a_call_is_read_line_by_line(tmp_path: Path) -> None:
    out = BytesIO()
    write_call(EVERY[0], DAY, ACME, out)
    told = read_aloud(out.getvalue(), tmp_path / "call.pdf")
    assert "Figure" in told
    assert told.count("TD\n") >= 3 * len(EVERY[0].segments)
    whole(out.getvalue())


def test_a_page_is_written_before_the_rows_of_the_next_are_read() -> None:
    out, lengths = BytesIO(), []

    def rows() -> Iterator[Row]:
        for number in range(2000):
            lengths.append(out.tell())
            yield {"id": f"n-{number}", "from": f"+7926{number:07}", "outcome": "answered"}

    made = replace(drawn("calls"), rows=rows())
    write_pdf(sheet_of(made, ACME), out)
    grown = [after for before, after in pairwise(lengths) if after > before]
    assert len(grown) > 30
    assert len(whole(out.getvalue()).pages) > 40


@pytest.mark.parametrize("colour", ["#2f6fb0", "#ffffff", "#e0a030", "#59636e", "#d9683a"])
def test_what_stands_on_a_colour_can_be_read(colour: str) -> None:
    def light(shade: str) -> float:
        red, green, blue = (float((int(shade[at : at + 2], 16) / 255) ** 2.2) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05

    ink = readable_on(colour)
    assert ink in (INK, "#ffffff")
    over, under = sorted((light(colour), light(ink)))
    assert under / over > 4.3
