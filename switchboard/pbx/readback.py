"""Reads a rendered configuration file back, with pyst2, before Asterisk does.

For plain files: sections of `name = value` (or `=>`), comments on lines of their own. What would
make Asterisk read something else than was written is an error: a semicolon cuts a value, `;--`
comments out the rest of the file, a longer line is dropped.
"""

import unicodedata
from pathlib import Path

from asterisk.config import Config, ParseError

from switchboard.errors import SwitchboardError

LINE_BYTES = 8190  # Asterisk reads lines into a buffer of 8192
SEMICOLON = "\ue000"  # stands for `\;`, which is a semicolon for Asterisk and a comment for pyst2


class ConfigUnreadable(SwitchboardError):
    """A rendered file does not say what was meant; `line` is 0 where the whole file is bad."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line


def read_back(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Section -> its names and values, in order; sections of one name are put together.

    Raises ConfigUnreadable.
    """
    verify(path)
    sections: dict[str, list[tuple[str, str]]] = {}
    for category in _parsed(path).categories:
        items = sections.setdefault(category.name, [])
        items += [
            (item.name, item.value.strip().replace(SEMICOLON, ";")) for item in category.items
        ]
    return sections


def verify(path: Path) -> None:
    """Raises ConfigUnreadable if Asterisk would not read each line as it was written."""
    lines = _parsed(path).raw_lines
    in_section = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if fault := _fault(text, in_section):
            raise ConfigUnreadable(path, number, fault)
        in_section = in_section or text.startswith("[")


def _fault(text: str, in_section: bool) -> str:
    if any(unicodedata.category(letter) == "Cc" and letter != "\t" for letter in text):
        return "a control character"
    if len(text.encode()) > LINE_BYTES:
        return f"longer than {LINE_BYTES} bytes"
    if text.startswith(";"):
        return "`;--` comments out what follows" if _opens_comment(text) else ""
    if ";" in text:
        return "a semicolon cuts the line"
    if text and not in_section and not text.startswith("["):
        return "stands before the first section"
    return ""


def _opens_comment(text: str) -> bool:
    return text.startswith(";--") and not text.startswith(";---")


class _PlainFile(Config):  # type: ignore[misc]
    def load(self) -> None:
        text = Path(self.filename).read_text(encoding="utf-8")
        self.raw_lines = text.replace("\\;", SEMICOLON).split("\n")


def _parsed(path: Path) -> Config:
    try:
        return _PlainFile(str(path))
    except ParseError as error:
        number, reason = error.args
        raise ConfigUnreadable(path, number, reason) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigUnreadable(path, 0, str(error)) from error
