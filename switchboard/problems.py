"""Problems found in the administrator's text: where, what, and what was probably meant.

All readers and checks add to one `Problems`; it is shown in one pass, sorted by place.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

WIDEST_LINE = 160  # of a longer line only the part around the caret is shown

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a terminal would obey it; a tab moves the caret
_SECRET = re.compile(r"\b(?P<key>secret|password|pin)(?P<gap>[\"']?:\s*)(?P<value>[^\s,}]+)")
_ALLOW = re.compile(r"#\s*allow\s+(?P<code>[a-z-]+)\s*:\s*(?P<reason>\S.*)$")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the center: its name as shown, and its lines."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a source; line and column count from 1."""

    source: Source
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        """The line itself, empty where the file has no such line."""
        lines = self.source.lines
        return lines[self.line - 1] if 0 < self.line <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: an *error* would mis-serve a caller, all else is a *warning*."""

    place: Place
    severity: str
    message: str
    code: str

    def __str__(self) -> str:
        head = f"{self.place}: {self.severity}: {self.message} [{self.code}]"
        if not self.place.text:
            return head
        first = max(0, self.place.column - 1 - WIDEST_LINE // 2)
        text = _SECRET.sub(_starred, _CONTROL.sub(" ", self.place.text))
        text = text[first : first + WIDEST_LINE]
        caret = " " * (self.place.column - 1 - first) + "^"
        return f"{head}\n    {text}\n    {caret}"

    def as_json(self) -> dict[str, str | int]:
        """`{"file", "line", "column", "severity", "message", "code"}`."""
        return {
            "file": self.place.source.name,
            "line": self.place.line,
            "column": self.place.column,
            "severity": self.severity,
            "message": self.message,
            "code": self.code,
        }

    @property
    def allowed(self) -> bool:
        """Whether the line itself accepts this warning with `# allow CODE: reason`."""
        allow = _ALLOW.search(self.place.text)
        return self.severity == "warning" and allow is not None and allow["code"] == self.code


def _starred(secret: re.Match[str]) -> str:
    """A secret's line is shown with stars: what `check` prints ends up in logs."""
    return secret["key"] + secret["gap"] + "*" * len(secret["value"])


@dataclass
class Problems:
    """A growing list of problems, each told once."""

    _found: dict[tuple[str, str, str], Problem] = field(default_factory=dict)

    def error(self, place: Place | None, message: str, code: str) -> None:
        """Add what would mis-serve a caller."""
        self._add(place, "error", message, code)

    def warning(self, place: Place | None, message: str, code: str) -> None:
        """Add what is odd but harmless."""
        self._add(place, "warning", message, code)

    def _add(self, place: Place | None, severity: str, message: str, code: str) -> None:
        place = place or Place(Source("center.yaml", ()), 1, 1)
        message = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", message)
        problem = Problem(place, severity, message, code)
        if not problem.allowed:
            self._found.setdefault((str(place), message, code), problem)

    def __iter__(self) -> Iterator[Problem]:
        return iter(
            sorted(
                self._found.values(),
                key=lambda p: (p.place.source.name, p.place.line, p.place.column),
            )
        )

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> list[Problem]:
        """The errors alone, in the order of the files."""
        return [problem for problem in self if problem.severity == "error"]


def meant(word: str, known: Iterable[str]) -> str:
    """` (did you mean “sales”?)`, or nothing when no known word is near."""
    near = get_close_matches(word, list(known), n=1)
    return f" (did you mean “{near[0]}”?)" if near else ""
