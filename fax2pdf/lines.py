"""The fax lines of a center, as whoever takes and sends their faxes needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from fax2pdf.fax import FaxLine
from fax2pdf.store import FaxRow
from switchboard.errors import SwitchboardError
from switchboard.paper.house import House
from switchboard.wording import Letterhead


class NoSuchLine(SwitchboardError):
    """A fax came on a line that the center has no more."""


@dataclass(frozen=True)
class Lines:
    """The fax lines of a center, and what their letters share; without a `head` there are none.

    `languages` are those of the center, its own first.
    """

    lines: Mapping[str, FaxLine]
    head: Letterhead | None
    languages: Sequence[str]
    keep_days: int
    house: House

    @property
    def language(self) -> str:
        """The center's own."""
        return self.languages[0]

    @property
    def searched(self) -> Sequence[str]:
        """The languages in which text is recognised, on any line."""
        of_each = (self.languages_of(line) for line in self.lines.values() if line.searchable)
        return tuple(dict.fromkeys(chain.from_iterable(of_each)))

    def languages_of(self, line: FaxLine) -> Sequence[str]:
        """In which faxes of a line may be written, the likeliest first."""
        return tuple(dict.fromkeys((line.language or self.language, *self.languages)))

    def of(self, row: FaxRow) -> FaxLine:
        """The line that a fax came on; an empty one where it is no more."""
        return self.lines.get(row.line, FaxLine())

    def writes(self, row: FaxRow) -> bool:
        """Whether a letter tells of a fax."""
        return bool(self.of(row).email) and self.head is not None


NO_LINES = Lines({}, None, ("en",), 0, House())
