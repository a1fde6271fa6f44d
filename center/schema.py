"""JSON Schema of the center's files, made from the nouns that read them."""

from typing import Any

from center.load import SECTIONS
from ivr.menu import Menu

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def center_schema() -> dict[str, Any]:
    """The schema of `center.yaml`: the sections of all packages side by side."""
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    required: list[str] = []
    for section in SECTIONS:
        schema = section.model_json_schema(by_alias=True)
        properties |= schema.get("properties", {})
        definitions |= schema.get("$defs", {})
        required += schema.get("required", [])
    return {
        "$schema": DIALECT,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
        "$defs": definitions,
    }


def menu_schema() -> dict[str, Any]:
    """The schema of `menus/NAME.yaml`."""
    return {"$schema": DIALECT, **Menu.model_json_schema(by_alias=True)}
