"""A report as one HTML file: to be read on a phone, to be printed, without anything from elsewhere.

No scripts, and a policy in its head that forbids them: names that callers chose are text.
"""

from functools import partial
from pathlib import Path
from typing import TextIO

from jinja2 import Environment, FileSystemLoader

from reports.paper.sheet import Sheet
from reports.paper.svg import svg
from reports.paper.table import is_numeric
from reports.paper.words import column_title, figures, said, shown, title
from reports.report import cell
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
        title=title,
        head=partial(column_title, report.name),
        said=said,
        is_text=lambda column: not is_numeric(column),
        shown=lambda row, column: shown(cell(row, column), column, report.name != "calls"),
        before=_before,
    )
    out.writelines(told)


def _before(row: dict[str, object], column: str) -> str:
    """The figure of the period before, "" where there is none."""
    previous = row.get("previous")
    if not isinstance(previous, dict) or column not in figures(previous):
        return ""
    return shown(cell(previous, column), column)
