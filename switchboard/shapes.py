"""Shapes of values that several sections share: what is written, read once into what is meant."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from switchboard.yamltext import Items, Table, Text

NAME_PATTERN = r"^[a-z0-9][a-z0-9_]{0,31}$"


def _one_or_more(written: Any) -> Any:
    """A single value where a list may stand is a list of one."""
    if isinstance(written, Items | tuple | list):
        return tuple(written)
    if isinstance(written, Table):
        raise ValueError("a list is expected here, such as [a, b]")
    return (written,)


Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
