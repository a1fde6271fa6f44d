"""A letter as its reader's mail program sees it, and names that try to be more than names."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from sqlalchemy import select

from switchboard.db import Database
from switchboard.outbox import BodyRow

HOSTILE = [
    "Anna\r\nBcc: spy@evil.example",
    "<script>alert(1)</script>",
    "\u202etxt.exe\u202c",
    "$(id)",
    "${SHELL(id)}",
    '=HYPERLINK("http://evil.example")',
    "{{ 7*7 }}{% raw %}",
    "{mailbox.__class__}",
    "=?utf-8?q?Bcc=3A?=",
    '", <spy@evil.example>, "',
    "\x00\x1b[2J\u2028Bcc: x",
    "a" * 5000,
]


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Page(HTMLParser):
    """What a browser makes of a page: its tags, its links, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


TAGS = {"html", "head", "meta", "body", "p", "strong", "bdi", "a", "table", "tr", "td", "small"}


async def outgoing(database: Database) -> list[EmailMessage]:
    """The letters in the outbox, in their order."""
    async with database.reading() as session:
        bodies = await session.scalars(select(BodyRow.content).order_by(BodyRow.letter_id))
        return [read(content) for content in bodies]
