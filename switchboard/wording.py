"""How letters are put into words: what a center shares, the words of a language, templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from switchboard.letterhead import plain

SPARE_LANGUAGE = "en"  # for a language that nobody wrote words for
LONGEST_NAME = 80

Names = Mapping[str, Mapping[str, str]]  # `department/sales` -> language -> as people read it


@dataclass(frozen=True)
class Letterhead:
    """What all letters of a center share. `names` says how departments and extensions are called
    (language "" stands for any)."""

    company: str
    sender: str
    zone: tzinfo
    language: str
    names: Names


class Wording:
    """One language's words, from the package's `templates`, with one center's names."""

    def __init__(self, templates: Path, head: Letterhead, language: str) -> None:
        self.words = words_of(templates, language)
        self.language = language
        self.head = head

    def say(self, word: str, /, **values: object) -> str:
        """The words of a language under a key, with what stands in their gaps."""
        return str(self.words[word]).format(**values)

    def moment(self, at: datetime) -> str:
        """A time as people of the center read it."""
        local = at.astimezone(self.head.zone)
        weekday = self.words["weekdays"][local.weekday()]
        return self.say("moment", weekday=weekday, at=local, zone=self.head.zone)

    def caller(self, number: str | None, name: str | None) -> str:
        """Who called, made harmless."""
        shown = readable(number) if number else ""
        known = [part for part in (plain(name or "", LONGEST_NAME), shown) if part]
        return ", ".join(known) or str(self.words["withheld"])

    def named(self, kind: str, name: str) -> str:
        """As people call it: in this language, in the center's, in any, else by its name."""
        names = self.head.names.get(f"{kind}/{name}", {})
        for language in (self.language, self.head.language, *names):
            if language in names:
                return plain(names[language])
        return name


def readable(number: str) -> str:
    """A number in groups as people write it; one that no country knows as it is."""
    try:
        known = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(known):
        return number
    return phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def length(seconds: float) -> str:
    """`3:05`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


@cache
def words_of(templates: Path, language: str) -> Mapping[str, Any]:
    """What letters say in a language, or in the spare one where nobody wrote it."""
    path = templates / f"{language}.yaml"
    if not path.is_file():
        path = templates / f"{SPARE_LANGUAGE}.yaml"
    words: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return words


@cache
def template(templates: Path, name: str) -> Template:
    """A template of a letter; what it shows in HTML is never markup."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
