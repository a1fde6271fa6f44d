"""A mailbox: its number and PIN, whom its letters go to, and what callers hear first."""

import re
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from switchboard.noun import Noun
from switchboard.prompt import WrittenPrompt
from switchboard.shapes import Texts
from switchboard.yamltext import Text

SHORTEST_PIN = 5


class Mailbox(Noun):
    """One box. Its name may have letters; what can be dialled is `number`, or a name of digits.

    `after_delivery` says what becomes of the message on the telephone once its letter is sent.
    With `review` a caller who ended with # may hear his message and speak again.
    """

    pin: Text
    number: Text | None = None
    email: Texts = ()
    lamps: Texts = ()
    greeting: WrittenPrompt | None = None
    max_seconds: Annotated[int, Field(ge=3, le=7200)] = 600
    review: bool = False
    language: Text | None = None
    format: Literal["mp3", "opus", "wav"] = "mp3"
    after_delivery: Literal["keep", "heard", "delete"] = "keep"

    def dialled(self, name: str) -> str | None:
        """The number by which the box is reached, None when it has none."""
        return self.number or (name if name.isdigit() else None)


def pin_weakness(pin: str, number: str | None) -> str | None:
    """Why a PIN is easily guessed, None when it is not."""
    if not re.fullmatch(r"[0-9]+", pin):
        return "a PIN has digits only"
    if len(pin) < SHORTEST_PIN:
        return f"it has fewer than {SHORTEST_PIN} digits"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps == {0}:
        return "it is one digit repeated"
    if steps in ({1}, {9}):
        return "it is a run of digits"
    if number is not None and pin == number:
        return "it is the mailbox's own number"
    return None
