"""Where a call may go: one kind and one name; of a list of rules the first that holds is taken."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from switchboard.noun import Noun
from switchboard.prompt import WrittenPrompt
from switchboard.shapes import Texts
from switchboard.yamltext import Items, Table, Text

KINDS = (
    "menu",
    "department",
    "extension",
    "voicemail",
    "fax",
    "number",
    "goodbye",
    "reject",
)
WORDS = ("repeat", "back", "hangup")  # only in the keys of a menu


class Destination(Noun):
    """One kind and one name; beside it what changes on the way, and when the rule holds.

    In a list `language` is a condition, except on the last entry and on a destination that stands
    alone: there it sets the language of the call.
    """

    menu: Text | None = None
    department: Text | None = None
    extension: Text | None = None
    voicemail: Text | None = None
    fax: Text | None = None
    number: Text | None = None
    goodbye: WrittenPrompt | None = None
    reject: Literal["busy", "missing"] | None = None
    word: SkipJsonSchema[Text | None] = None  # one of WORDS

    hours: Text | None = None
    callers: Texts = Field(default=(), alias="from")
    language: Text | None = None
    priority: int = Field(default=0, ge=0, le=1000)
    announce: WrittenPrompt | None = None
    barge: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = self._kinds()
        if self.word is not None:
            return self
        if not kinds:
            raise ValueError(f"a destination is missing: one of {', '.join(KINDS)}")
        if len(kinds) > 1 and kinds != [kinds[0], "fax"] and set(kinds) - {"fax"} != {kinds[0]}:
            raise ValueError(f"one destination is expected here, not {' and '.join(kinds)}")
        return self

    def _kinds(self) -> list[str]:
        return [kind for kind in KINDS if getattr(self, kind) is not None]

    @property
    def kind(self) -> str:
        """The kind of the destination, or the word (`repeat`, `back`, `hangup`)."""
        return self.word or self._kinds()[0]

    @property
    def name(self) -> Text:
        """What the kind names; for `goodbye` and the words the kind itself."""
        value = self.word or getattr(self, self.kind, None)
        return (
            value
            if isinstance(value, Text)
            else Text(value if isinstance(value, str) else self.kind)
        )

    @property
    def fax_tone(self) -> Text | None:
        """The fax that takes over when a fax machine is heard, beside another destination."""
        return self.fax if self.kind != "fax" else None

    @property
    def conditional(self) -> bool:
        """Whether hours or callers decide if this entry is taken."""
        return self.hours is not None or bool(self.callers)


Route = tuple[Destination, ...]


def _as_list(written: Any) -> Any:
    if isinstance(written, Items):
        if not written:
            raise ValueError("a list of rules needs at least one entry")
        return tuple(map(_as_word, written))
    return (_as_word(written),)


def _as_word(written: Any) -> Any:
    if isinstance(written, Text):
        if written not in WORDS:
            raise ValueError(
                f"“{written}” is not a destination: write {{department: NAME}} or the like"
            )
        return {"word": written}
    if isinstance(written, Table) and "word" in written:
        raise ValueError("write repeat, back or hangup without braces")
    return written


_ONE = {"anyOf": [Destination.model_json_schema(), {"enum": list(WORDS)}]}

WrittenRoute = Annotated[
    Route,
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}),
    Field(description="A destination, or a list of rules of which the first that holds is taken"),
]
