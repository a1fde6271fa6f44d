"""A mail server on this process's loopback, where a center's letters arrive."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Inbox:
    """What was taken, in its order, and by whom it is to be read."""

    def __init__(self) -> None:
        self.letters: list[tuple[tuple[str, ...], EmailMessage]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        self.letters.append((tuple(envelope.rcpt_tos), message))
        return "250 taken"

    def about(self, words: str, to: str) -> list[EmailMessage]:
        """The letters for an address whose subject holds these words."""
        return [one for address, one in self.letters if to in address and words in one["Subject"]]

    async def letter(self, words: str, to: str, within: float = 20.0) -> EmailMessage:
        """The one letter about something, as soon as it is there."""
        deadline = asyncio.get_running_loop().time() + within
        while not (found := self.about(words, to)):
            assert asyncio.get_running_loop().time() < deadline, f"no letter to {to}: {self}"
            await asyncio.sleep(0.05)
        (letter,) = found
        return letter

    def __repr__(self) -> str:
        return f"<Inbox {[(to, letter['Subject']) for to, letter in self.letters]}>"


@contextmanager
def open_inbox(port: int) -> Iterator[Inbox]:
    """A server on 127.0.0.1 in a thread of its own."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
