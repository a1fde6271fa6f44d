"""How reports and single calls look: tables for people, JSON and CSV for programs."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from reports.report import Report

Format = Literal["table", "json", "csv"]


def report(made: Report, form: Format, out: TextIO | None = None) -> None:
    """A whole report; to standard output unless told where."""
    out = out or sys.stdout
    if form == "json":
        out.write(json.dumps(made.as_json(), ensure_ascii=False, indent=2) + "\n")
    elif form == "csv":
        out.write(made.as_csv())
    else:
        _table(made, Console(file=out, highlight=False, soft_wrap=True))


def _table(made: Report, out: Console) -> None:
    table = Table(box=None, header_style="bold")
    for column in made.columns:
        table.add_column(column)
    for row in made.shown:
        table.add_row(*(Styled("-" if value is None else str(value)) for value in row))
    out.print(table)
    for word, definition in (made.definitions or {}).items():
        out.print(Styled(f"{word}: {definition}", style="dim"))
    out.print(Styled(made.balance.as_text(), style="bold"))


def call(whole: Mapping[str, Any], lines: Iterable[tuple[str, str, str]], as_json: bool) -> None:
    """One call: who, to whom, how it ended; then line by line what happened."""
    if as_json:
        sys.stdout.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")
        return
    out = Console(highlight=False, soft_wrap=True)
    caller = " ".join(filter(None, (whole["from"] or "withheld", whole["from_name"])))
    ended = whole["outcome"] or "in progress"
    out.print(Styled(f"{whole['started_at']}  {caller} -> {whole['to']}: {ended}", style="bold"))
    table = Table(box=None, show_header=False)
    for cells in lines:
        table.add_row(*map(Styled, cells))
    out.print(table)
