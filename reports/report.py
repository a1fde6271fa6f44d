"""What every report is: rows, a total where there is one, and the balance at its foot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reports.balance import Balance
from reports.period import Period
from reports.store import ALL, Filters

if TYPE_CHECKING:
    from reports.course import Point
    from reports.departments import Promise

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a report is asked for, and the balance of its period.

    `promises` are those of the departments as they are now.
    """

    period: Period
    balance: Balance
    promises: "Mapping[str, Promise]" = field(default_factory=dict)
    filters: Filters = ALL


@dataclass(frozen=True)
class Report:
    """`columns` of `rows` are what CSV and XLSX show; JSON has all of a row.

    `rows` can be gone through once. `narrow` are the columns that matter most, for a table that is
    not as wide as all of them. `definitions` say how each figure is made. `course` is what charts
    show, `headline` what people want to know first where no row and no balance says it, `earlier`
    the same report on the period that it is compared with.
    """

    name: str
    asked: Asked
    columns: Sequence[str]
    rows: Iterable[Row]
    total: Row | None = None
    definitions: Mapping[str, str] = field(default_factory=dict)
    narrow: Sequence[str] = ()
    course: Sequence["Point"] = ()
    earlier: "Report | None" = None
    headline: Row = field(default_factory=dict)

    @property
    def balance(self) -> Balance:
        return self.asked.balance

    def lines(self) -> Iterable[Row]:
        """The rows, and the total as the last of them."""
        yield from self.rows
        if self.total is not None:
            yield self.total


def cell(row: Row, column: str) -> Any:
    """`service_level.SL-4` is a figure within a figure."""
    outer, _, inner = column.partition(".")
    value = row.get(outer)
    if not inner:
        return value
    return cell(value, inner) if isinstance(value, Mapping) else None


def plain(value: Any) -> Any:
    """A cell as text or number: figures by name stand one after the other."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value


def figures(row: Row) -> Mapping[str, float]:
    """Those of a row that are numbers, the ones within others too: `service_level.SL-4`."""
    found: dict[str, float] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{key}": number for key, number in figures(value).items()}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = value
    return found
