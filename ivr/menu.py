"""A menu as the administrator writes it in `menus/NAME.yaml`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callrouter.destination import Route, WrittenRoute
from switchboard.noun import Noun
from switchboard.prompt import Spoken, WrittenPrompt
from switchboard.yamltext import Items, Text

MOST_MENUS = 50  # a call hears at most so many, then `otherwise`


def _dialled(written: Any) -> Any:
    """`true` (all extensions), `false` (none), or a list of extensions."""
    if isinstance(written, Items | tuple):
        return tuple(written)
    words = {"true": None, "yes": None, "false": (), "no": ()}
    if isinstance(written, str) and written in words:
        return words[written]
    raise ValueError("true, false or a list of extensions is expected here")


DialExtensions = Annotated[
    tuple[Text, ...] | None,
    BeforeValidator(_dialled),
    WithJsonSchema(
        {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]}
    ),
]


class Menu(Noun):
    """A prompt and what each key does; `otherwise` after the last fruitless try."""

    prompt: WrittenPrompt
    short_prompt: WrittenPrompt | None = None
    keys: dict[Text, WrittenRoute] = {}
    dial_extensions: DialExtensions = ()
    wait_seconds: float = Field(default=5, ge=0.5, le=60)
    digit_seconds: float = Field(default=1.5, ge=0.5, le=10)
    tries: int = Field(default=3, ge=1, le=20)
    otherwise: WrittenRoute

    def spoken(self, short: bool, language: str, fallback: str) -> Spoken:
        """What is played: the prompt in the language, else the long one in it, else the center's.

        `short` asks for the prompt of repeats; `fallback` is the center's language.
        """
        wanted = [self.short_prompt] if short and self.short_prompt else []
        wanted.append(self.prompt)
        for spoken in (language, fallback):
            for prompt in wanted:
                parts = prompt.in_language(spoken)
                if parts:
                    return Spoken(spoken, parts)
        return self.prompt.spoken_for(language, fallback)

    def routes(self) -> list[tuple[str, Route]]:
        """Every way out: (`key 1`, its rules), ..., (`otherwise`, its rules)."""
        keys = [(f"key {key}", route) for key, route in self.keys.items()]
        return [*keys, ("otherwise", self.otherwise)]
