"""Reports as files for programs: JSON, CSV and XLSX, row by row, however many there are.

Names come from callers: in a spreadsheet they are text, never a formula.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, TextIO

import xlsxwriter

from reports.report import Report, cell, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute
SHEET_ROWS = 1_048_576  # the most that a sheet takes


def write_json(report: Report, out: TextIO) -> None:
    """As the contract says; the rows of `calls` are called so."""
    asked = report.asked
    key = "calls" if report.name == "calls" else "rows"
    out.write(f'{{\n"period": {_json(asked.period.as_json())},\n"{key}": [')
    for number, row in enumerate(report.rows):
        out.write(f"{',' if number else ''}\n{_json(row)}")
    out.write("\n]")
    if report.total is not None:
        out.write(f',\n"total": {_json(report.total)}')
    if report.earlier is not None:
        earlier = report.earlier.asked
        period = earlier.period.as_json() | {"balance": earlier.balance.as_json()}
        out.write(f',\n"compared": {_json(period)}')
    if report.definitions:
        out.write(f',\n"definitions": {_json(report.definitions)}')
    out.write(f',\n"balance": {_json(asked.balance.as_json())}\n}}\n')


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_csv(report: Report, out: TextIO) -> None:
    """A text that a spreadsheet would compute gets an apostrophe before it."""
    writer = csv.writer(out)
    writer.writerow(report.columns)
    for row in report.lines():
        writer.writerow([_csv(plain(cell(row, column))) for column in report.columns])


def _csv(value: Any) -> Any:
    if value is None:
        return ""
    dangerous = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if dangerous else value


def write_xlsx(report: Report, out: BinaryIO) -> None:
    """Sheets with the rows, as many as are needed, and one that explains them."""
    # rows go to a temporary file at once: memory does not grow with their number
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = book.add_format({"bold": True})
        page, number = _page(book, report, "", bold), 0
        for row in report.lines():
            number += 1
            if number == SHEET_ROWS:
                page, number = _page(book, report, f" {len(book.worksheets()) + 1}", bold), 1
            for column, name in enumerate(report.columns):
                _write(page, number, column, cell(row, name), moment if _is_time(name) else None)
        explained = book.add_worksheet("explained")
        for line, words in enumerate(_explained(report)):
            for column, word in enumerate(words):
                explained.write_string(line, column, word)


def _page(book: Any, report: Report, which: str, bold: Any) -> Any:
    page = book.add_worksheet(f"{report.name}{which}")
    page.freeze_panes(1, 0)
    for column, name in enumerate(report.columns):
        page.set_column(column, column, max(10, len(name) + 2, 20 if _is_time(name) else 0))
        page.write_string(0, column, name, bold)
    return page


def _is_time(column: str) -> bool:
    return column.endswith("_at")


def _write(page: Any, row: int, column: int, value: Any, moment: Any) -> None:
    value = plain(value)
    if value is None:
        return
    if moment is not None:
        # spreadsheets know no offset: the time is that of the center's clock
        page.write_datetime(row, column, datetime.fromisoformat(value).replace(tzinfo=None), moment)
    elif isinstance(value, str):
        page.write_string(row, column, value)
    else:
        page.write_number(row, column, value)


def _explained(report: Report) -> Iterator[Iterable[str]]:
    period = report.asked.period
    yield "period", f"{period.begin.isoformat()} to {period.end.isoformat()}", str(period.zone)
    if report.earlier is not None:
        other = report.earlier.asked.period
        yield "previous", f"{other.begin.isoformat()} to {other.end.isoformat()}", str(other.zone)
        for line in report.earlier.balance.as_text().splitlines():
            yield "balance of previous", line
    for line in report.balance.as_text().splitlines():
        yield ("balance", line)
    yield from report.definitions.items()
