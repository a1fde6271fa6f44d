"""YAML as text: every value stays what it looks like, and knows where it stands.

`no`, `0100`, `18:00` and `+7...` are text here; a noun decides what they mean. Mappings, lists and
texts carry their `place`, so that a problem found much later still points at its line.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from switchboard.notyaml import place_at, why_not_yaml
from switchboard.problems import Place, Problems, Source

LARGEST_FILE_BYTES = 2_000_000
MOST_NODES = 200_000
DEEPEST = 50

_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "seq", "map")
)
_SPOKEN = frozenset({"say"})  # prompts are prose: a dollar sign there is a dollar sign


class Text(str):
    """A scalar as written; `place` is None where a test made it."""

    place: Place | None = None

    @classmethod
    def at(cls, value: str, place: Place) -> "Text":
        text = cls(value)
        text.place = place
        return text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def keep(value: Any) -> Text:
            if isinstance(value, cls):
                return value
            if isinstance(value, str):
                return cls(value)
            raise PydanticCustomError("text_expected", "a text is expected here")

        return core_schema.no_info_plain_validator_function(
            keep, json_schema_input_schema=core_schema.str_schema()
        )


class Table(dict[Text, Any]):
    """A mapping that knows its place."""

    place: Place | None = None


class Items(list[Any]):
    """A list that knows its place."""

    place: Place | None = None


def read_yaml(path: Path, name: str, problems: Problems, environment: Mapping[str, str]) -> Any:
    """The tree of one file (Table, Items, Text), or None when its problems forbid one.

    `name` is the file's name as problems show it. Nothing is executed and no tag is obeyed.
    """
    start = Place(Source(name, ()), 1, 1)
    try:
        raw = path.read_bytes()
    except OSError as trouble:
        problems.error(start, f"cannot be read: {trouble.strerror}", "unreadable")
        return None
    if len(raw) > LARGEST_FILE_BYTES:
        problems.error(start, f"is larger than {LARGEST_FILE_BYTES} bytes", "too-large")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = raw.count(b"\n", 0, trouble.start) + 1
        problems.error(Place(Source(name, ()), line, 1), "is not UTF-8 text", "not-utf8")
        return None
    source = Source(name, tuple(text.splitlines()))
    start = Place(source, 1, 1)
    try:
        too_deep = _too_deep(text, source)
        if too_deep is not None:
            problems.error(too_deep, f"is nested deeper than {DEEPEST} levels", "too-large")
            return None
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as trouble:
        place, message = why_not_yaml(trouble, source)
        problems.error(place, f"is not YAML: {message}", "yaml")
        return None
    if node is None:
        empty = Table()
        empty.place = start
        return empty
    return _Reader(source, problems, environment).tree(node)


def _too_deep(text: str, source: Source) -> Place | None:
    """Where a text nests beyond every use: composing it would overrun the stack of the process."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            return place_at(source, event.start_mark)
    return None


class _Reader:
    def __init__(self, source: Source, problems: Problems, environment: Mapping[str, str]) -> None:
        self._source = source
        self._problems = problems
        self._environment = environment
        self._seen = 0

    def tree(self, node: yaml.Node) -> Any:
        """The whole tree; a file that unfolds without end (alias bombs) is one error and None."""
        try:
            return self._read(node, (), ())
        except _TooMuch as trouble:
            self._error(trouble.args[0], trouble.args[1], "too-large")
            return None

    def _read(self, node: yaml.Node, path: tuple[str, ...], open_nodes: tuple[int, ...]) -> Any:
        self._seen += 1
        if self._seen > MOST_NODES or len(path) > DEEPEST:
            raise _TooMuch(node, "unfolds to more than a center can hold (aliases?)")
        if id(node) in open_nodes:
            raise _TooMuch(node, "an alias contains itself")
        if node.tag not in _PLAIN_TAGS:
            self._error(node, f"tags such as “{node.tag}” are not allowed", "tag")
        if isinstance(node, yaml.ScalarNode):
            return self._text(node, path)
        open_nodes = (*open_nodes, id(node))
        if isinstance(node, yaml.SequenceNode):
            return self._items(node, path, open_nodes)
        return self._table(node, path, open_nodes)

    def _text(self, node: yaml.ScalarNode, path: tuple[str, ...]) -> Text:
        value = node.value
        if not _SPOKEN.intersection(path):
            value = _VARIABLE.sub(lambda match: self._variable(match, node), value)
        return Text.at(value, self._place(node))

    def _variable(self, match: re.Match[str], node: yaml.ScalarNode) -> str:
        if match[0] == "$${":
            return "${"
        value = self._environment.get(match["name"], match["default"])
        if value is None:
            message = f"the environment has no {match['name']}; set it, or give a default: "
            self._error(node, message + f"${{{match['name']}:-...}}", "no-variable")
        return value or ""

    def _items(
        self, node: yaml.SequenceNode, path: tuple[str, ...], open_nodes: tuple[int, ...]
    ) -> Items:
        items = Items(self._read(child, (*path, "[]"), open_nodes) for child in node.value)
        items.place = self._place(node)
        return items

    def _table(self, node: yaml.Node, path: tuple[str, ...], open_nodes: tuple[int, ...]) -> Table:
        table = Table()
        table.place = self._place(node)
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._error(key_node, "a key is a word, not a list or a mapping", "yaml")
                continue
            key = Text.at(key_node.value, self._place(key_node))
            if key in table:
                first = next(known for known in table if known == key).place
                line = first.line if first else "?"
                self._error(
                    key_node, f"“{key}” stands here twice, first in line {line}", "duplicate-key"
                )
                continue
            table[key] = self._read(value_node, (*path, key), open_nodes)
        return table

    def _place(self, node: yaml.Node) -> Place:
        return place_at(self._source, node.start_mark)

    def _error(self, node: yaml.Node, message: str, code: str) -> None:
        self._problems.error(self._place(node), message, code)


class _TooMuch(Exception):
    """(node, message): the file unfolds beyond every bound."""
