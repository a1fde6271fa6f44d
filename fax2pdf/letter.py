"""The letter that brings a fax: text, HTML with a picture of the first page, the PDF attached."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fax2pdf.cover import Cover
from fax2pdf.fax import Status
from fax2pdf.store import FaxRow
from switchboard.letterhead import attach, domain_of, flatten, message_id_for, new_message, plain
from switchboard.outbox import Letter
from switchboard.paper.house import House
from switchboard.wording import LONGEST_NAME, Letterhead, Wording, length, readable, template

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class File:
    """What is attached: its bytes, its kind (`application/pdf`), its ending."""

    content: bytes
    kind: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with a letter. `too_large`: there is more, but no letter can carry it."""

    files: Sequence[File] = ()
    picture: bytes | None = None
    too_large: bool = False


def write_letter(
    fax: FaxRow,
    to: tuple[str, ...],
    language: str,
    head: Letterhead,
    enclosed: Enclosed,
    written_at: datetime,
) -> Letter:
    """The letter, and a smaller one for a server that finds it too large.

    The first letter about a fax has always the same Message-ID; each later one has its own.
    """
    writer = _Writer(TEMPLATES, head, language)
    own = message_id(fax.id, fax.letters, head.sender)

    def content(enclosed: Enclosed) -> bytes:
        thread = _thread(fax, head.sender)
        message = new_message(head.sender, to, writer.subject(fax), own, written_at, thread=thread)
        picture_id = f"page.{fax.id}@{domain_of(head.sender)}"
        values = writer.values(fax, enclosed) | {"picture": picture_id if enclosed.picture else ""}
        message.set_content(template(TEMPLATES, "letter.txt.j2").render(values))
        html = template(TEMPLATES, "letter.html.j2").render(values)
        message.add_alternative(html, subtype="html")
        if enclosed.picture:
            *_, shown = message.iter_parts()
            shown.add_related(
                enclosed.picture, "image", "png", cid=f"<{picture_id}>", disposition="inline"
            )
        for file in enclosed.files:
            attach(message, file.content, file.kind, writer.file_name(fax, file))
        return flatten(message)

    smaller = Enclosed(picture=enclosed.picture, too_large=True)
    return Letter(
        kind="fax",
        message_id=own,
        sender=head.sender,
        to=to,
        subject=writer.subject(fax),
        content=content(enclosed),
        smaller=content(smaller) if enclosed.files else None,
    )


def cover_of(fax: FaxRow, language: str, head: Letterhead, house: House) -> Cover:
    """The same in words on paper."""
    writer = _Writer(TEMPLATES, head, language)
    return Cover(
        house=house,
        language=writer.language,
        sent=str(writer.words["sent"]),
        caller=writer.sender(fax),
        notes=tuple(writer.notes(fax, Enclosed())),
        is_whole=fax.status == Status.COMPLETE,
        rows=list(writer.rows(fax)),
        foot=f"{head.company} · {fax.id}",
    )


def message_id(fax_id: str, letters: int, sender: str) -> str:
    """`letters` were written about the fax before this one."""
    thing = f"fax.{fax_id}.{letters + 1}" if letters else f"fax.{fax_id}"
    return message_id_for(thing, domain_of(sender))


def _thread(fax: FaxRow, sender: str) -> str | None:
    """What a sender's faxes to a line hang below; nothing for who withholds his number."""
    if fax.caller_number is None:
        return None
    both = hashlib.sha256(f"{fax.line} {fax.caller_number}".encode()).hexdigest()[:16]
    return message_id_for(f"fax-caller.{both}", domain_of(sender))


class _Writer(Wording):
    """How a fax is put into words."""

    def subject(self, fax: FaxRow) -> str:
        """What is wrong comes first, where something is."""
        word = f"subject_{fax.status}" if fax.status != Status.COMPLETE else "subject"
        pages = self._pages(fax.pages)
        return self.say(word, line=fax.line, caller=self.sender(fax), pages=pages)

    def file_name(self, fax: FaxRow, file: File) -> str:
        """Digits and signs only, whatever the sender is called."""
        at = fax.received_at.astimezone(self.head.zone)
        return f"{at:%Y-%m-%d-%H%M%S}-{fax.caller_number or 'unknown'}.{file.suffix}"

    def values(self, fax: FaxRow, enclosed: Enclosed) -> dict[str, Any]:
        """What the templates show; nothing in it is markup."""
        number = fax.caller_number
        return {
            "words": self.words,
            "language": self.language,
            "company": self.head.company,
            "id": fax.id,
            "caller": self.sender(fax),
            "link": number if number and number.startswith("+") else "",
            "notes": list(self.notes(fax, enclosed)),
            "is_whole": fax.status == Status.COMPLETE,
            "rows": list(self.rows(fax)),
        }

    def rows(self, fax: FaxRow) -> Iterator[tuple[str, str]]:
        yield self.words["when"], self.moment(fax.received_at)
        yield self.words["line"], fax.line
        if fax.station:
            yield self.words["station"], plain(fax.station, LONGEST_NAME)
        if fax.dialled:
            yield self.words["dialled"], readable(fax.dialled)
        yield self.words["pages_came"], str(fax.pages)
        if fax.resolution:
            yield self.words["resolution"], fax.resolution
        if fax.seconds:
            yield self.words["length"], length(fax.seconds)
        if fax.bits_per_second:
            yield self.words["speed"], self.say("bits", rate=fax.bits_per_second)

    def notes(self, fax: FaxRow, enclosed: Enclosed) -> Iterator[str]:
        yield self.say(fax.status, pages=self._pages(fax.pages), confirmed=fax.confirmed)
        if fax.cause:
            yield str(self.words[fax.cause])
        if enclosed.too_large:
            yield self.say("too_large", id=fax.id)

    def sender(self, fax: FaxRow) -> str:
        """Who withholds his number is known by what his machine calls itself."""
        known = fax.caller_number or fax.caller_name
        return self.caller(fax.caller_number, fax.caller_name if known else fax.station)

    def _pages(self, count: int) -> str:
        return self.say("page" if count == 1 else "pages", count=count)
