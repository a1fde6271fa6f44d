"""What is wrong with a text that is no YAML, in an administrator's words, and where it began."""

from typing import Any

import yaml

from switchboard.problems import Place, Source

# (what libyaml was doing, what it missed) -> words, and whether the place is where that began
_WORDS: dict[tuple[str, str], tuple[str, bool]] = {
    ("while parsing a flow mapping", ""): ("this { is not closed by a }", True),
    ("while parsing a flow sequence", ""): ("this [ is not closed by a ]", True),
    ("while parsing a flow node", ""): ("a bracket is not closed", True),
    ("while scanning a quoted scalar", ""): ("this quote is not closed", True),
    ("while parsing a block mapping", "did not find expected key"): (
        "does not fit what stands above: it is indented otherwise, or something is left over "
        "behind a bracket or quote",
        False,
    ),
    ("while parsing a block collection", ""): (
        "does not fit the list above: it is indented otherwise, or its “- ” is missing",
        False,
    ),
    ("", "mapping values are not allowed in this context"): (
        "a second colon, or a line that is indented too far; a text with “: ” in it needs quotes",
        False,
    ),
    ("while scanning an alias", ""): ("a text that begins with * needs quotes", True),
    ("while scanning an anchor", ""): ("a text that begins with & needs quotes", True),
    ("while scanning for the next token", ""): (
        "a text that begins with this character needs quotes",
        False,
    ),
    ("", "found undefined alias"): ("a text that begins with * needs quotes", False),
}


def why_not_yaml(trouble: yaml.YAMLError, source: Source) -> tuple[Place, str]:
    """The place and the words; a tab, which an editor does not show, is called by name."""
    if isinstance(trouble, yaml.reader.ReaderError):  # its position counts bytes
        before = "\n".join(source.lines).encode()[: trouble.position].decode(errors="ignore")
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        place = Place(source, line + 1, column + 1)
        return place, f"the character U+{trouble.character:04X} cannot stand in a text"
    place = place_at(source, getattr(trouble, "problem_mark", None))
    if place.text[place.column - 1 :].startswith("\t"):
        return place, "a tab cannot indent; write spaces"
    doing = getattr(trouble, "context", None) or ""
    missed = getattr(trouble, "problem", None) or str(trouble)
    known = _WORDS.get((doing, missed)) or _WORDS.get((doing, ""))
    if known is None:
        return place, missed
    words, where_it_began = known
    began = getattr(trouble, "context_mark", None)
    return (place_at(source, began) if where_it_began else place), words


def place_at(source: Source, mark: Any) -> Place:
    """A mark of PyYAML, which counts from 0; the start of the file where there is none."""
    return Place(source, mark.line + 1, mark.column + 1) if mark else Place(source, 1, 1)
