"""Letters for tests, and what the outbox says of them."""

from datetime import UTC, datetime

from switchboard.db import Database
from switchboard.letterhead import flatten, new_message
from switchboard.outbox import Letter, OutboxRow, enqueue, list_letters

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SENDER = "Acme <pbx@acme.example>"


def a_letter(
    number: int = 1, *to: str, body: str = "A message.", smaller: str | None = None
) -> Letter:
    """A whole letter; to Anna unless somebody is named."""
    message_id = f"<test-{number}@acme.example>"
    recipients = to or ("anna@acme.example",)
    small = None if smaller is None else _bytes(recipients, message_id, smaller)
    content = _bytes(recipients, message_id, body)
    return Letter("test", message_id, SENDER, recipients, f"Number {number}", content, small)


def _bytes(to: tuple[str, ...], message_id: str, body: str) -> bytes:
    message = new_message(SENDER, to, "A test", message_id, datetime(2026, 11, 21, tzinfo=UTC))
    message.set_content(body)
    return flatten(message)


async def put(database: Database, now: datetime | None, *letters: Letter) -> list[int]:
    """Take letters, each in a transaction of its own; their ids."""
    ids = []
    for letter in letters:
        async with database.begin() as session:
            ids.append(await enqueue(session, letter, now))
    return ids


async def rows(database: Database) -> list[OutboxRow]:
    """Everything that the outbox knows, the oldest first."""
    async with database.reading() as session:
        return await list_letters(session, LONG_AGO)


async def states(database: Database) -> list[str]:
    return [row.state for row in await rows(database)]
