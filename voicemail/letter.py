"""The letter that brings a message: text and HTML in the mailbox's language, the sound attached."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from switchboard.letterhead import attach, domain_of, flatten, message_id_for, new_message, plain
from switchboard.outbox import Letter
from voicemail.message import Caller, Status
from voicemail.way import Step, Way

TEMPLATES = Path(__file__).resolve().parent / "templates"
SPARE_LANGUAGE = "en"  # for a language that nobody wrote words for
LONGEST_NAME = 80
LONGEST_TRANSCRIPT = 20_000

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


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound as it is attached: its bytes, its kind (`audio/mpeg`), its file's ending."""

    content: bytes
    kind: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter tells of a message.

    `is_empty`: nothing was recorded; `too_large`: there is a sound, but it cannot be sent.
    """

    id: str
    mailbox: str
    caller: Caller
    received_at: datetime
    seconds: float
    status: Status
    way: Way
    is_empty: bool = False
    too_large: bool = False
    transcript: str = ""


def write_letter(
    told: Told,
    to: tuple[str, ...],
    language: str,
    head: Letterhead,
    sound: Sound | None,
    written_at: datetime,
) -> Letter:
    """The letter, and a smaller one without the sound for a server that finds it too large."""
    writer = _Writer(head, language)

    def content(told: Told, sound: Sound | None) -> bytes:
        own, thread = message_id(told.id, head.sender), thread_of(told, head.sender)
        message = new_message(head.sender, to, writer.subject(told), own, written_at, thread=thread)
        values = writer.values(told)
        message.set_content(_template("letter.txt.j2").render(values))
        message.add_alternative(_template("letter.html.j2").render(values), subtype="html")
        if sound is not None:
            attach(message, sound.content, sound.kind, writer.file_name(told, sound))
        return flatten(message)

    return Letter(
        kind="voicemail",
        message_id=message_id(told.id, head.sender),
        sender=head.sender,
        to=to,
        subject=writer.subject(told),
        content=content(told, sound),
        smaller=content(replace(told, too_large=True), None) if sound else None,
    )


def message_id(told_id: str, sender: str) -> str:
    """The same for each letter about a message, so that one that came twice is recognised."""
    return message_id_for(f"voicemail.{told_id}", domain_of(sender))


def thread_of(told: Told, sender: str) -> str | None:
    """What a caller's messages to a mailbox hang below; nothing for who withholds his number."""
    if told.caller.number is None:
        return None
    both = hashlib.sha256(f"{told.mailbox} {told.caller.number}".encode()).hexdigest()[:16]
    return message_id_for(f"voicemail-caller.{both}", domain_of(sender))


class _Writer:
    """How a message is put into words: in one language, with one center's names."""

    def __init__(self, head: Letterhead, language: str) -> None:
        self._words = words_of(language)
        self._language = language
        self._head = head

    def subject(self, told: Told) -> str:
        mailbox, length = self._named("mailbox", told.mailbox), _length(told.seconds)
        caller = self._caller(told.caller)
        return self._say("subject", mailbox=mailbox, caller=caller, length=length)

    def file_name(self, told: Told, sound: Sound) -> str:
        """Digits and signs only, whatever the caller is called."""
        at = told.received_at.astimezone(self._head.zone)
        return f"{at:%Y-%m-%d-%H%M%S}-{told.caller.number or 'unknown'}.{sound.suffix}"

    def values(self, told: Told) -> dict[str, Any]:
        """What the templates show; nothing in it is markup."""
        number = told.caller.number
        return {
            "words": self._words,
            "language": self._language,
            "company": self._head.company,
            "id": told.id,
            "name": plain(told.caller.name or "", LONGEST_NAME),
            "number": readable(number) if number else "",
            "link": number if number and number.startswith("+") else "",
            "caller": self._caller(told.caller),
            "note": " ".join(self._notes(told)),
            "rows": list(self._rows(told)),
            "transcript": plain(told.transcript, LONGEST_TRANSCRIPT),
        }

    def _rows(self, told: Told) -> Iterator[tuple[str, str]]:
        at = told.received_at.astimezone(self._head.zone)
        weekday = self._words["weekdays"][at.weekday()]
        moment = self._say("moment", weekday=weekday, at=at, zone=self._head.zone)
        yield self._words["when"], moment
        if told.seconds:
            yield self._words["length"], _length(told.seconds)
        yield self._words["mailbox"], self._named("mailbox", told.mailbox)
        if told.way.dialled:
            yield self._words["dialled"], readable(told.way.dialled)
        if told.way.steps:
            yield self._words["way"], " → ".join(map(self._step, told.way.steps))

    def _notes(self, told: Told) -> Iterator[str]:
        if told.is_empty:
            yield self._words["silent"]
        elif told.status is not Status.COMPLETE:
            yield self._words[told.status.value]
        if told.too_large:
            yield self._say("too_large", id=told.id)

    def _caller(self, caller: Caller) -> str:
        number = readable(caller.number) if caller.number else ""
        known = [part for part in (plain(caller.name or "", LONGEST_NAME), number) if part]
        return ", ".join(known) or str(self._words["withheld"])

    def _step(self, step: Step) -> str:
        place = self._say(step.kind, name=self._named(step.kind, step.name))
        outcome = self._outcome(step)
        return f"{place} ({outcome})" if outcome else place

    def _outcome(self, step: Step) -> str:
        if step.kind == "menu" and not step.outcome:
            return str(self._words["no_key"])
        key = step.outcome if step.kind == "menu" else step.outcome.removeprefix("key ")
        if step.kind == "menu" or key != step.outcome:
            return self._say("pressed", key=key)
        return str(self._words.get(step.outcome, step.outcome))

    def _named(self, kind: str, name: str) -> str:
        """As people call it: in this language, in the center's, in any, else by its name."""
        names = self._head.names.get(f"{kind}/{name}", {})
        for language in (self._language, self._head.language, *names):
            if language in names:
                return plain(names[language])
        return name

    def _say(self, word: str, /, **values: object) -> str:
        return str(self._words[word]).format(**values)


def readable(number: str) -> str:
    """A number in groups as people write it; one that no country knows as it is."""
    try:
        known = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(known):
        return number
    return phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


@cache
def words_of(language: str) -> Mapping[str, Any]:
    """What letters say in a language, or in the spare one where nobody wrote it."""
    path = TEMPLATES / f"{language}.yaml"
    if not path.is_file():
        path = TEMPLATES / f"{SPARE_LANGUAGE}.yaml"
    words: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return words


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
