"""Nouns: frozen values read once from the administrator's text, and the way a wrong one is told."""

import typing
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from switchboard.problems import Place, Problems, meant
from switchboard.yamltext import Items, Table, Text


class Noun(BaseModel):
    """A frozen, typed value; unknown keys are refused, defaults live where they belong."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True
    )


AnyNoun = TypeVar("AnyNoun", bound=Noun)

# pydantic's words, in ours; `{...}` comes from the error's own context
_WORDS = {
    "int_parsing": "a whole number is expected here",
    "float_parsing": "a number is expected here",
    "bool_parsing": "true or false is expected here",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "model_type": "keys and values are expected here, such as {{name: value}}",
    "dict_type": "keys and values are expected here, such as {{name: value}}",
    "tuple_type": "a list is expected here, such as [a, b]",
    "string_type": "a text is expected here",
    "int_type": "a whole number is expected here",
    "string_pattern_mismatch": "does not look as it must ({pattern})",
    "literal_error": "must be {expected}",
    "too_short": "is empty",
}


def read_noun(
    noun: type[AnyNoun], tree: Any, problems: Problems, left_out: set[str]
) -> AnyNoun | None:
    """The noun that a tree describes; what is wrong in it is told and left out.

    The keys left out are added to `left_out`, so that whoever names them is not told that they are
    missing. None when too little is left. A value read with problems is there to be checked
    further, never to be used.
    """
    try:
        return noun.model_validate(tree)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
        for error in errors:
            _tell(noun, tree, error, problems)
    tree = _copied(tree)
    while errors:
        faulty = [_faulty_key(tree, error["loc"]) for error in errors]
        if not all(faulty):
            return None
        for table, key in filter(None, faulty):
            left_out.add(str(key))
            table.pop(key, None)
        try:
            return noun.model_validate(tree)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
    return None


def _copied(tree: Any) -> Any:
    """Mappings and lists anew, the texts themselves: what is left out stays in the original."""
    if isinstance(tree, Table):
        copy = Table({key: _copied(value) for key, value in tree.items()})
        copy.place = tree.place
        return copy
    if isinstance(tree, Items):
        items = Items(map(_copied, tree))
        items.place = tree.place
        return items
    return tree


def _faulty_key(tree: Any, location: tuple[int | str, ...]) -> tuple[Table, Text] | None:
    """The innermost key of a mapping that a location leads through, outside of any list."""
    found: tuple[Table, Text] | None = None
    for step in location:
        if isinstance(tree, Table) and str(step) in tree:
            found = tree, Text(step)
            tree = tree[Text(step)]
        elif isinstance(tree, Items):
            break
    return found


def _tell(noun: type[Noun], tree: Any, error: Any, problems: Problems) -> None:
    location = error["loc"]
    key_place, value_place = _places(tree, location)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        word = str(location[-1])
        known = _keys_at(noun, location[:-1])
        problems.error(key_place, f"unknown key “{word}”{meant(word, known)}", "unknown-key")
    elif kind == "missing":
        problems.error(key_place, f"“{location[-1]}” is missing here", "missing-key")
    elif kind == "value_error":
        problems.error(value_place, str(context["error"]), "value")
    else:
        words = _WORDS.get(kind)
        message = words.format(**context) if words else error["msg"]
        problems.error(value_place, message, "value")


def _places(tree: Any, location: tuple[int | str, ...]) -> tuple[Place | None, Place | None]:
    """Where the key and the value of a location stand: the deepest that the tree still has.

    Steps that a noun's own reading put in between (a single rule read as a list) are passed over.
    """
    key_place = value_place = getattr(tree, "place", None)
    for step in location:
        if isinstance(tree, Table) and str(step) in tree:
            key_place = next(key for key in tree if key == str(step)).place
            tree = tree[str(step)]  # type: ignore[index]
        elif isinstance(tree, Items) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
            key_place = getattr(tree, "place", key_place)
        else:
            continue
        value_place = getattr(tree, "place", None) or key_place
    return key_place, value_place


def _keys_at(noun: type[Noun], location: tuple[int | str, ...]) -> set[str]:
    """The keys that a noun knows at a location, for suggestions."""
    nouns = [noun]
    for step in location:
        inner = [
            found
            for outer in nouns
            for name, field in outer.model_fields.items()
            if str(step) in (name, field.alias)
            for found in nouns_in(field.annotation)
        ]
        nouns = inner or nouns
    return {field.alias or name for known in nouns for name, field in known.model_fields.items()}


def nouns_in(annotation: Any) -> Iterator[type[Noun]]:
    """The nouns that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, Noun):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from nouns_in(argument)
