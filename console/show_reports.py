"""How reports and single calls look: tables as wide as the terminal, and files for programs."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, Literal, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text as Styled

from console import show
from reports.call import Call
from reports.paper.call import write_call
from reports.paper.page import write_html
from reports.paper.pdf import write_pdf
from reports.paper.sheet import sheet_of
from reports.period import Period
from reports.report import Report, Row, cell, plain
from reports.writing import write_csv, write_json, write_xlsx
from switchboard.paper.house import House
from switchboard.pbx.installation import NODE

Format = Literal["table", "json", "csv", "xlsx", "pdf", "html"]
DRAWN: tuple[Format, ...] = ("pdf", "html")  # with charts
ALL_COLUMNS = 100_000  # characters: as wide as it likes to be
GAP = "  "
MEASURED = 500  # rows whose cells say how wide a column is; what is wider later is cut
_WRITERS: Mapping[str, Callable[[Report, TextIO], None]] = {"json": write_json, "csv": write_csv}


def report(made: Report, form: Format, house: House) -> None:
    """A whole report on standard output."""
    if form == "xlsx":
        write_xlsx(made, sys.stdout.buffer)
    elif form == "pdf":
        write_pdf(sheet_of(made, house), sys.stdout.buffer)
    elif form == "html":
        write_html(sheet_of(made, house), sys.stdout)
    elif form == "table":
        width = shutil.get_terminal_size().columns
        table(made, Console(highlight=False, soft_wrap=True), width)
    else:
        _WRITERS[form](made, sys.stdout)


def write(made: Report, form: Format, file: Path, house: House) -> None:
    """A whole report into a file, which is there only once it is whole."""
    with _whole(file) as path, path.open("wb") as out:
        write_to(made, form, out, house)


def write_to(made: Report, form: Format, out: BinaryIO, house: House) -> None:
    """A whole report as the bytes of a file."""
    if form == "xlsx":
        write_xlsx(made, out)
    elif form == "pdf":
        write_pdf(sheet_of(made, house), out)
    else:
        # spreadsheets take CSV for UTF-8 only with the mark at its beginning
        coding = "utf-8-sig" if form == "csv" else "utf-8"
        text = TextIOWrapper(out, encoding=coding, newline="")
        if form == "table":
            table(made, Console(file=text, highlight=False, soft_wrap=True), ALL_COLUMNS)
        elif form == "html":
            write_html(sheet_of(made, house), text)
        else:
            _WRITERS[form](made, text)
        text.flush()
        text.detach()


def draw(found: Call, day: Period, house: House, file: Path) -> None:
    """One call as a page of PDF."""
    with _whole(file) as path, path.open("wb") as out:
        write_call(found, day, house, out)


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    if file.exists() and not file.is_file():  # a pipe, a terminal
        yield file
        return
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}", delete=False) as made:
        path = Path(made.name)
    try:
        yield path
        path.replace(file)
    finally:
        path.unlink(missing_ok=True)


def counted(made: Report, count: int, step: Callable[[int, int], None]) -> Report:
    """The same, telling now and then how many of so many rows were read."""

    def rows() -> Iterator[Row]:
        for number, row in enumerate(made.rows, 1):
            if number % MEASURED == 0:
                step(number, count)
            yield row

    return replace(made, rows=rows())


def table(made: Report, out: Console, width: int) -> None:
    """As many columns as there is room for, those that matter most first."""
    several = made.asked.period.days > 1
    rows = (_shown(row, made.columns, several) for row in made.lines())
    first = list(islice(rows, MEASURED))
    widths = {
        column: max(cell_len(_title(column)), *(cell_len(row[column]) for row in first), 0)
        for column in made.columns
    }
    chosen = _chosen(made, widths, width)
    numeric = {column: all(_is_number(row[column]) for row in first) for column in chosen}

    def line(cells: Mapping[str, str]) -> str:
        return GAP.join(
            cells[column].rjust(widths[column])
            if numeric[column]
            else set_cell_size(cells[column], widths[column])
            for column in chosen
        ).rstrip()

    out.print(Styled(line({column: _title(column) for column in chosen}), style="bold"))
    for row in chain(first, rows):
        out.print(Styled(line(row)))
    _foot(made, chosen, out, width)


def _foot(made: Report, chosen: Sequence[str], out: Console, width: int) -> None:
    hidden = len(made.columns) - len(chosen)
    out.print()
    if hidden:
        more = f"{hidden} more columns: a wider terminal, or -o {made.name}.xlsx, .csv, .json"
        out.print(Styled(more, style="dim"))
    wrapped = Console(file=out.file, highlight=False, width=min(width, 120))
    shown = {column.rpartition(".")[2] for column in chosen} | {"owed", "cleared", "A"}
    for word, definition in made.definitions.items():
        if word in shown:
            wrapped.print(Styled(f"{_title(word)}: {definition}", style="dim"))
    wrapped.print(Styled(made.balance.as_text(), style="bold"))


def _chosen(made: Report, widths: Mapping[str, int], width: int) -> list[str]:
    """In the report's own order."""
    left = width + len(GAP)
    taken: set[str] = set()
    for column in dict.fromkeys([*made.narrow, *made.columns]):
        if widths[column] + len(GAP) <= left or not taken:
            taken.add(column)
            left -= widths[column] + len(GAP)
    return [column for column in made.columns if column in taken]


def _title(column: str) -> str:
    name = column.rpartition(".")[2].removesuffix("_at")
    for suffix, unit in (("_seconds", " s"), ("_per_cent", " %")):
        if name.endswith(suffix):
            name = name.removesuffix(suffix) + unit
    return name.replace("_", " ")


def _shown(row: Row, columns: Iterable[str], several_days: bool) -> dict[str, str]:
    return {column: _cell(cell(row, column), column, several_days) for column in columns}


def _cell(value: Any, column: str, several_days: bool) -> str:
    if value is None or value == {}:
        return "-"
    if isinstance(value, float):
        return f"{value:.1f}"
    text = " ".join(str(plain(value)).split())
    if column.endswith("_at"):  # the period is known; of a single day the hour is enough
        return text[5:19].replace("T", " ") if several_days else text[11:19]
    return text.removeprefix(f"{NODE}-") if column == "id" else text


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(".", "", 1).isdigit()


def call(whole: Mapping[str, Any], lines: Iterable[tuple[str, str, str]], as_json: bool) -> None:
    """One call: who, to whom, how it ended; then line by line what happened."""
    if as_json:
        sys.stdout.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")
        return
    caller = " ".join(filter(None, (whole["from"] or "withheld", whole["from_name"])))
    ended = whole["outcome"] or "in progress"
    head = f"{whole['started_at'][:19].replace('T', ' ')}  {caller} -> {whole['to']}: {ended}"
    show.out.print(Styled(head, style="bold"))
    for began, lasted, what in lines:
        show.out.print(Styled(f"{began}  {lasted:>9}  {what}"))
