"""Every report says the same in JSON, CSV, XLSX and as a table; `test_paper.py` reads PDF, HTML."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from rich.console import Console

from console.show_reports import table
from reports.catalogue import REPORTS
from reports.report import Report, Row, cell, plain
from reports.sessions import PAUSED, RESUMED, SIGNED_IN, Told
from switchboard.pbx.installation import NODE
from tests.reports.book import DAY, report
from tests.reports.test_figures import as_csv, as_json, as_xlsx, cells

WIDE = 400  # signs: room for all columns
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TOLD = [
    Told(DAY.span.begin, "201", SIGNED_IN, "sales"),
    Told(DAY.span.begin + 1000, "201", PAUSED, "lunch"),
    Told(DAY.span.begin + 9000, "201", RESUMED, ""),
]
NOTHING = datetime(1899, 12, 30)  # where the days of a spreadsheet begin


@cache
def made_of(name: str) -> Report:
    return report(name, told=TOLD)


def rows_of_json(made: Report) -> list[Row]:
    """As a program reads them, the total as the last."""
    whole = as_json(made)
    found = whole["calls" if made.name == "calls" else "rows"]
    return [*found, *([whole["total"]] if "total" in whole else [])]


def figures(made: Report) -> Iterator[tuple[str, Any, Row]]:
    for row in rows_of_json(made):
        for column in made.columns:
            yield column, cell(row, column), row


@pytest.mark.parametrize("name", REPORTS)
def test_csv_has_the_figures_of_the_json(name: str) -> None:
    made = made_of(name)
    head, *lines = as_csv(made)
    assert head == list(made.columns)
    texts = [text for line in lines for text in line]
    for text, (column, figure, _) in zip(texts, figures(made), strict=True):
        if isinstance(figure, int | float):
            assert float(text) == figure, column
        else:
            assert text.removeprefix("'") == (plain(figure) or ""), column


@pytest.mark.parametrize("name", REPORTS)
def test_xlsx_has_the_figures_of_the_json(name: str) -> None:
    made = made_of(name)
    head, *book = cells(as_xlsx(made))
    letters = LETTERS[: len(made.columns)]
    assert [head[letter] for letter in letters] == list(made.columns)
    written = [line.get(letter, "") for line in book for letter in letters]
    for text, (column, figure, _) in zip(written, figures(made), strict=True):
        if isinstance(figure, int | float):
            assert float(text) == figure, column
        elif column.endswith("_at") and figure:
            moment = datetime.fromisoformat(figure).replace(tzinfo=None)
            assert abs(NOTHING + timedelta(days=float(text)) - moment) < timedelta(seconds=1)
        else:
            assert text == (plain(figure) or ""), column


@pytest.mark.parametrize("name", REPORTS)
def test_a_table_has_the_figures_of_the_json(name: str) -> None:
    made, out = made_of(name), io.StringIO()
    told = rows_of_json(made)
    table(made_of(name), Console(file=out, width=WIDE, highlight=False), WIDE)
    lines = out.getvalue().splitlines()[1 : len(told) + 1]
    for line, row in zip(lines, told, strict=True):
        shown = " ".join(text for column in made.columns if (text := as_shown(row, column)))
        assert " ".join(line.split()) == shown


def as_shown(row: Row, column: str) -> str:
    """A figure of a day as people read it: `-` where nothing was counted, tenths, the hour."""
    value = cell(row, column)
    if value is None or value == {}:
        return "-"
    if isinstance(value, float):
        return f"{value:.1f}"
    text = " ".join(str(plain(value)).split())
    if column.endswith("_at"):
        return text[11:19]
    return text.removeprefix(f"{NODE}-") if column == "id" else text
