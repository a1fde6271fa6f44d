"""What every report is: rows, a total where there is one, and the balance at its foot."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.balance import Balance
from reports.period import Period

Row = Mapping[str, Any]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


@dataclass(frozen=True)
class Report:
    """`columns` of `rows` are what a table and CSV show; JSON has all of a row.

    `definitions` say how each figure is made, and are printed beside them.
    """

    name: str
    period: Period
    columns: Sequence[str]
    rows: Sequence[Row]
    balance: Balance
    total: Row | None = None
    definitions: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        key = "calls" if self.name == "calls" else "rows"
        whole: dict[str, Any] = {"period": self.period.as_json(), key: list(self.rows)}
        if self.total is not None:
            whole["total"] = self.total
        if self.definitions:
            whole["definitions"] = self.definitions
        return whole | {"balance": self.balance.as_json()}

    def as_csv(self) -> str:
        """For spreadsheets: a text that would be computed gets an apostrophe before it."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        for row in self.shown:
            writer.writerow(["" if value is None else as_text(value) for value in row])
        return out.getvalue()

    @property
    def shown(self) -> list[list[Any]]:
        """The cells of a table; the total is its last line."""
        rows = [*self.rows, *([self.total] if self.total is not None else [])]
        return [[_cell(row, column) for column in self.columns] for row in rows]


def _cell(row: Row, column: str) -> Any:
    """`service_level.SL-4` is a figure within a figure."""
    outer, _, inner = column.partition(".")
    value = row.get(outer)
    return value.get(inner) if inner and isinstance(value, Mapping) else value


def as_text(value: Any) -> str:
    """A cell of CSV."""
    written = str(value)
    return f"'{written}" if isinstance(value, str) and written.startswith(FORMULA) else written
