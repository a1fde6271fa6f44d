"""The outbox: every letter of the house waits here, committed with the thing that it announces.

A letter is one row and the complete bytes of its message; each recipient has a result of its own.
States: `waiting -> sending -> sent | dead`. `switchboard.delivery` takes letters to the server.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from switchboard.clock import utc_now
from switchboard.db import Base, UtcTime
from switchboard.errors import SwitchboardError
from switchboard.letterhead import plain

GIVE_UP = timedelta(days=5)

LetterState = Literal["waiting", "sending", "sent", "dead"]
_OPEN = text("ended_at IS NULL")
_BUSY = text("state = 'sending'")
# both know ON CONFLICT, and have no type in common
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class NoSuchLetter(SwitchboardError):
    """The outbox has no letter of this id."""


class NotRetried(SwitchboardError):
    """A letter that was sent, or is being sent, is not tried again."""


@dataclass(frozen=True)
class Letter:
    """A letter to be taken. `content` is the complete RFC 5322 message, in bytes.

    `kind` is `voicemail`, `fax`, `report`, `alarm`, ...; `message_id` is derived from the thing it
    announces, so that the same letter is taken once. `smaller` goes out instead when the server
    says that `content` is too large.
    """

    kind: str
    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    content: bytes
    smaller: bytes | None = None


class OutboxRow(Base):
    """One letter. While it is being sent, `due_at` is when another may take it over."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    sender: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str]
    lane: Mapped[str] = mapped_column(String(255))  # the domain it goes to
    state: Mapped[LetterState] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    server_away: Mapped[bool] = mapped_column(default=False)  # the last try did not get to it
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    give_up_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    recipients: Mapped[list["RecipientRow"]] = relationship(
        order_by="RecipientRow.position", lazy="selectin"
    )

    __table_args__ = (
        Index("ix_outbox_due", "due_at", "lane", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_ended_at", "ended_at"),
        Index("ix_outbox_busy", "lane", sqlite_where=_BUSY, postgresql_where=_BUSY),
        Index(
            "ix_outbox_server_away",
            "id",
            sqlite_where=text("server_away = 1"),
            postgresql_where=text("server_away"),
        ),
    )


class RecipientRow(Base):
    """What became of one recipient of a letter."""

    __tablename__ = "outbox_recipient"

    letter_id: Mapped[int] = mapped_column(
        ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    state: Mapped[LetterState] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(default="")


class BodyRow(Base):
    """The bytes of a letter that is not sent yet, apart: a change of its state rewrites no body."""

    __tablename__ = "outbox_body"

    letter_id: Mapped[int] = mapped_column(
        ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    smaller: Mapped[bytes | None] = mapped_column(LargeBinary)


_TAKEN = {
    name: taken(OutboxRow)
    .on_conflict_do_nothing(index_elements=["message_id"])
    .returning(OutboxRow.id)
    for name, taken in INSERTS.items()
}
_BODY, _RECIPIENT = insert(BodyRow), insert(RecipientRow)


async def enqueue(session: AsyncSession, letter: Letter, now: datetime | None = None) -> int:
    """Take a letter within the caller's transaction; its id, the first one's if it came before."""
    return await session.run_sync(put, letter, now)


def put(session: Session, letter: Letter, now: datetime | None = None) -> int:
    """The same in a plain transaction."""
    now = now or utc_now()
    to = tuple(dict.fromkeys(letter.to))
    if not to:
        raise ValueError(f"{letter.message_id} goes to nobody")
    row = {
        "kind": letter.kind,
        "message_id": letter.message_id,
        "sender": parseaddr(letter.sender)[1],
        "subject": plain(letter.subject),
        "lane": to[0].rpartition("@")[2].lower(),
        "state": "waiting",
        "tries": 0,
        "last_error": "",
        "server_away": False,
        "created_at": now,
        "due_at": now,
        "give_up_at": now + GIVE_UP,
    }
    rows = session.connection()
    letter_id: int | None = rows.execute(_TAKEN[rows.dialect.name], row).scalar()
    if letter_id is None:
        known = select(OutboxRow.id).where(OutboxRow.message_id == letter.message_id)
        return session.scalars(known).one()
    body = {"letter_id": letter_id, "content": letter.content, "smaller": letter.smaller}
    rows.execute(_BODY, body)
    recipients = [
        {"letter_id": letter_id, "position": at, "address": address, "state": "waiting"}
        for at, address in enumerate(to)
    ]
    rows.execute(_RECIPIENT, recipients)
    return letter_id


async def list_letters(session: AsyncSession, sent_since: datetime) -> list[OutboxRow]:
    """Every letter that is not sent, and those sent since, the oldest first; without their bytes.

    Of a letter that waits `due_at` says when it is tried next.
    """
    wanted = or_(OutboxRow.state != "sent", OutboxRow.ended_at >= sent_since)
    return list(await session.scalars(select(OutboxRow).where(wanted).order_by(OutboxRow.id)))


async def show(session: AsyncSession, letter_id: int) -> OutboxRow:
    """One letter with its recipients. Raises NoSuchLetter."""
    row = await session.get(OutboxRow, letter_id)
    if row is None:
        raise NoSuchLetter(f"there is no letter {letter_id}; see `switchboard outbox list`")
    return row


async def count_old(session: AsyncSession, sent_before: datetime) -> int:
    """How many letters were sent before a time, to everybody."""
    old = select(func.count()).select_from(OutboxRow).where(*_sent_before(sent_before))
    return (await session.scalars(old)).one()


async def forget_old(session: AsyncSession, sent_before: datetime, most: int = 1000) -> int:
    """Forget letters that were sent before a time, some at once; how many. No other is touched."""
    some = select(OutboxRow.id).where(*_sent_before(sent_before)).limit(most)
    forgotten = await session.scalars(
        delete(OutboxRow).where(OutboxRow.id.in_(some)).returning(OutboxRow.id)
    )
    return len(forgotten.all())


def _sent_before(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.state == "sent", OutboxRow.ended_at < moment


async def retry(session: AsyncSession, letter_id: int, now: datetime | None = None) -> OutboxRow:
    """Let a letter be tried at once, a dead one too, to those who have not got it; five days anew.

    Raises NoSuchLetter, NotRetried.
    """
    row = await show(session, letter_id)
    if row.state not in ("waiting", "dead"):
        raise NotRetried(f"letter {letter_id} is {row.state}")
    now = now or utc_now()
    for recipient in row.recipients:
        if recipient.state == "dead":
            recipient.state = "waiting"
    row.state, row.tries = "waiting", 0
    row.due_at, row.give_up_at, row.ended_at = now, now + GIVE_UP, None
    await session.flush()
    return row
