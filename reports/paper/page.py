"""A report as one HTML file: to be read on a phone, to be printed, without anything from elsewhere.

No scripts, and a policy in its head that forbids them: names that callers chose are text.
"""

from functools import partial
from pathlib import Path
from typing import TextIO

from jinja2 import Environment, FileSystemLoader

from reports.paper.sheet import Sheet, defined
from reports.paper.svg import printable, svg
from reports.paper.table import is_numeric
from reports.report import Row, cell, figures
from reports.wording import Wording
from switchboard.paper.pictures import data_url


def write_html(sheet: Sheet, out: TextIO) -> None:
    """All of a report. Its rows are read as they are written."""
    report = sheet.report
    known = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    template = known.get_template("page.html.j2")
    told = template.generate(
        sheet=sheet,
        report=report,
        rows=report.rows,
        logo=data_url(sheet.house.logo),
        svg=svg,
        printable=printable,
        words=sheet.words,
        say=sheet.words.say,
        defined=defined(sheet),
        is_text=lambda column: not is_numeric(column),
        shown=lambda row, column: sheet.words.cell(cell(row, column), column, report.name),
        before=partial(_before, sheet.words),
    )
    out.writelines(told)


def _before(words: Wording, row: Row, column: str) -> str:
    """The figure of the period before, "" where there is none."""
    previous = row.get("previous")
    if not isinstance(previous, dict) or column not in figures(previous):
        return ""
    return words.cell(cell(previous, column), column)
