"""JSON Schema of the center's files, made from the nouns that read them, for editors.

A schema judges what YAML makes of a value, where we read text: a text may look like a number or
like `no`, and a number may be a text such as `${PORT}`.
"""

from typing import Any

from center.load import SECTIONS
from ivr.menu import Menu
from switchboard.noun import Noun

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ALSO = {
    "string": ["string", "number", "boolean"],
    "integer": ["integer", "string"],
    "number": ["number", "string"],
    "boolean": ["boolean", "string"],
}
_NULL = {"type": "null"}


def center_schema() -> dict[str, Any]:
    """The schema of `center.yaml`: the sections of all packages side by side."""
    return _schema("center.yaml", *SECTIONS)


def menu_schema() -> dict[str, Any]:
    """The schema of `menus/NAME.yaml`."""
    return _schema("menus/NAME.yaml", Menu)


def _schema(title: str, *nouns: type[Noun]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    required: list[str] = []
    for noun in nouns:
        schema = noun.model_json_schema(by_alias=True)
        properties |= schema.get("properties", {})
        definitions |= schema.get("$defs", {})
        required += schema.get("required", [])
    shared: dict[str, Any] = {}
    whole = {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "properties": _each(properties, shared),
        "required": required,
    }
    shared |= {name: _written(one, shared, top=True) for name, one in definitions.items()}
    return {**whole, "$defs": dict(sorted(shared.items()))}


def _written(schema: Any, shared: dict[str, Any], top: bool = False) -> Any:
    """A schema as an administrator may write the value; nouns stand once, in `shared`."""
    if isinstance(schema, list):
        return [_written(one, shared) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "properties" in schema and not top:
        name = schema["title"]
        if name not in shared:
            shared[name] = {}
            shared[name] = _written(schema, shared, top=True)
        return {"$ref": f"#/$defs/{name}"}
    kept = {key: value for key, value in schema.items() if key not in ("title", "default")}
    if isinstance(schema.get("default"), str | int | float):
        kept["default"] = schema["default"]
    if "properties" in kept:
        kept["properties"] = _each(kept["properties"], shared)
    for key in ("items", "additionalProperties", "anyOf"):
        if key in kept:
            kept[key] = _written(kept[key], shared)
    return _without_null(_wider(kept))


def _each(properties: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """`properties` is a mapping of names: none of them is a word of JSON Schema."""
    return {name: _written(schema, shared) for name, schema in properties.items()}


def _wider(schema: dict[str, Any]) -> dict[str, Any]:
    """What stands for a value in YAML: a text may look like a number, a number may be a text."""
    kind = schema.get("type")
    if kind in _ALSO and "enum" not in schema:
        return {**schema, "type": _ALSO[kind]}
    return schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An absent key is absent: nothing is written as null."""
    choices = [one for one in schema.get("anyOf", ()) if one != _NULL]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices} if choices else schema
