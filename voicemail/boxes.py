"""The mailboxes of a center as those need them who deliver messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from switchboard.wording import Letterhead
from voicemail.mailbox import Mailbox


@dataclass(frozen=True)
class Speech:
    """Where the model lies that writes down what was said, and how long a letter waits for it."""

    model: Path
    wait_seconds: int


@dataclass(frozen=True)
class Boxes:
    """The mailboxes of a center, and what their letters share; without a `head` there are none."""

    mailboxes: Mapping[str, Mailbox]
    head: Letterhead | None
    language: str
    keep_days: int
    speech: Speech | None = None
