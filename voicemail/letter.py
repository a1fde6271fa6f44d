"""The letter that brings a message: text and HTML in the mailbox's language, the sound attached."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from switchboard.letterhead import attach, domain_of, flatten, message_id_for, new_message, plain
from switchboard.outbox import Letter
from switchboard.wording import LONGEST_NAME, Letterhead, Wording, length, readable, template
from voicemail.message import Caller, Status
from voicemail.way import Step, Way

TEMPLATES = Path(__file__).resolve().parent / "templates"
LONGEST_TRANSCRIPT = 20_000


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
        message.set_content(template(TEMPLATES, "letter.txt.j2").render(values))
        html = template(TEMPLATES, "letter.html.j2").render(values)
        message.add_alternative(html, subtype="html")
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


class _Writer(Wording):
    """How a message is put into words."""

    def __init__(self, head: Letterhead, language: str) -> None:
        super().__init__(TEMPLATES, head, language)

    def subject(self, told: Told) -> str:
        mailbox, caller = self.named("mailbox", told.mailbox), self._caller(told)
        return self.say("subject", mailbox=mailbox, caller=caller, length=length(told.seconds))

    def file_name(self, told: Told, sound: Sound) -> str:
        """Digits and signs only, whatever the caller is called."""
        at = told.received_at.astimezone(self.head.zone)
        return f"{at:%Y-%m-%d-%H%M%S}-{told.caller.number or 'unknown'}.{sound.suffix}"

    def values(self, told: Told) -> dict[str, Any]:
        """What the templates show; nothing in it is markup."""
        number = told.caller.number
        return {
            "words": self.words,
            "language": self.language,
            "company": self.head.company,
            "id": told.id,
            "name": plain(told.caller.name or "", LONGEST_NAME),
            "number": readable(number) if number else "",
            "link": number if number and number.startswith("+") else "",
            "caller": self._caller(told),
            "note": " ".join(self._notes(told)),
            "rows": list(self._rows(told)),
            "transcript": plain(told.transcript, LONGEST_TRANSCRIPT),
        }

    def _rows(self, told: Told) -> Iterator[tuple[str, str]]:
        yield self.words["when"], self.moment(told.received_at)
        if told.seconds:
            yield self.words["length"], length(told.seconds)
        yield self.words["mailbox"], self.named("mailbox", told.mailbox)
        if told.way.dialled:
            yield self.words["dialled"], readable(told.way.dialled)
        if told.way.steps:
            yield self.words["way"], " → ".join(map(self._step, told.way.steps))

    def _notes(self, told: Told) -> Iterator[str]:
        if told.is_empty:
            yield self.words["silent"]
        elif told.status is not Status.COMPLETE:
            yield self.words[told.status.value]
        if told.too_large:
            yield self.say("too_large", id=told.id)

    def _caller(self, told: Told) -> str:
        return self.caller(told.caller.number, told.caller.name)

    def _step(self, step: Step) -> str:
        place = self.say(step.kind, name=self.named(step.kind, step.name))
        outcome = self._outcome(step)
        return f"{place} ({outcome})" if outcome else place

    def _outcome(self, step: Step) -> str:
        if step.kind == "menu" and not step.outcome:
            return str(self.words["no_key"])
        key = step.outcome if step.kind == "menu" else step.outcome.removeprefix("key ")
        if step.kind == "menu" or key != step.outcome:
            return self.say("pressed", key=key)
        return str(self.words.get(step.outcome, step.outcome))
