"""A prompt as the administrator writes it: what is said or played, by language."""

from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from switchboard.noun import Noun
from switchboard.yamltext import Items, Table, Text

EVERY_LANGUAGE = ""


class Part(Noun):
    """One piece of a prompt: a text for the speech engine, or a file below `sounds/`."""

    say: Text | None = None
    file: Text | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.say is None) == (self.file is None):
            raise ValueError("a prompt part is either {say: TEXT} or {file: NAME}")
        if self.say is not None and not self.say.strip():
            raise ValueError("there is nothing to say")
        return self

    @property
    def text(self) -> Text:
        """What is heard, as a person would name it: the spoken text, or the file's name."""
        return self.say or self.file or Text()


class Spoken(NamedTuple):
    """Parts, and the language in whose voice they are spoken."""

    language: str
    parts: tuple[Part, ...]


class Prompt(Noun):
    """Parts by language; the language "" stands for all of them."""

    by_language: dict[Text, tuple[Part, ...]]

    def in_language(self, language: str) -> tuple[Part, ...] | None:
        """The parts for a language, or None where the prompt has none for it."""
        return self.by_language.get(Text(language)) or self.by_language.get(Text(EVERY_LANGUAGE))

    def spoken_for(self, language: str, fallback: str) -> Spoken:
        """What a caller of a language hears: his own, else the fallback's, else any."""
        for spoken in (language, fallback):
            parts = self.in_language(spoken)
            if parts:
                return Spoken(spoken, parts)
        spoken, parts = next(iter(self.by_language.items()))
        return Spoken(spoken, parts)


def _by_language(written: Any) -> Any:
    if isinstance(written, Items):
        return {"by_language": {EVERY_LANGUAGE: written}}
    if not isinstance(written, Table):
        if isinstance(written, str):
            raise ValueError("a prompt is {say: TEXT}, {file: NAME}, or those by language")
        return written
    if "say" in written or "file" in written:
        return {"by_language": {EVERY_LANGUAGE: [written]}}
    return {
        "by_language": {
            language: parts if isinstance(parts, Items) else [parts]
            for language, parts in written.items()
        }
    }


_PART = Part.model_json_schema()
_PARTS = {"anyOf": [_PART, {"type": "array", "items": _PART}]}
_WRITTEN = {"anyOf": [_PARTS, {"type": "object", "additionalProperties": _PARTS}]}

WrittenPrompt = Annotated[
    Prompt,
    BeforeValidator(_by_language),
    WithJsonSchema(_WRITTEN),
    Field(description="What is said or played: {say: TEXT}, {file: NAME}, a list, or by language"),
]
