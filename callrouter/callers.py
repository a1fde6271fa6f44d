"""Lists of callers for `from:`: numbers, prefixes, withheld ones, or a file of them."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from switchboard.noun import Noun
from switchboard.problems import Problems
from switchboard.yamltext import Items, Table, Text

ANONYMOUS = "anonymous"
_ENTRY = re.compile(r"^(\+[0-9]{1,15}\*?|anonymous)$")


class CallerList(Noun):
    """E.164 numbers, prefixes that end in `*`, `anonymous`, as written; and a file of such."""

    entries: tuple[Text, ...] = ()
    file: Text | None = None

    def with_file(self, base: Path, problems: Problems) -> "CallerList":
        """The list with the lines of its file among its entries; `#` begins a comment."""
        if self.file is None:
            return self._checked(problems)
        try:
            lines = (base / self.file).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as trouble:
            problems.error(self.file.place, f"cannot be read: {trouble}", "unreadable")
            return self
        words = (line.partition("#")[0].strip() for line in lines)
        listed = tuple(Text.at(word, self.file.place) for word in words if word)  # type: ignore[arg-type]
        return CallerList(entries=self.entries + listed, file=self.file)._checked(problems)

    def _checked(self, problems: Problems) -> "CallerList":
        for entry in self.entries:
            if not _ENTRY.fullmatch(entry):
                example = "a number +79161112233, a prefix +7900* or anonymous"
                problems.error(entry.place, f"“{entry}” is not {example}", "value")
        return self

    def holds(self, number: str | None) -> bool:
        """Whether a caller (E.164, None when withheld) is on the list."""
        if number is None:
            return ANONYMOUS in self.entries
        return any(
            number.startswith(entry[:-1]) if entry.endswith("*") else number == entry
            for entry in self.entries
        )


def _entries(written: Any) -> Any:
    if isinstance(written, Items):
        return {"entries": tuple(written)}
    if isinstance(written, Table):
        return written
    if isinstance(written, Text) and not _ENTRY.fullmatch(written) and "." in written:
        return {"file": written}
    return {"entries": (written,)} if isinstance(written, Text) else written


WrittenCallers = Annotated[
    CallerList,
    BeforeValidator(_entries),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
