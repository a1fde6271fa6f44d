"""Messages that were taken: one row each, committed with its letter, and kept for good.

A row outlives its sound: without it the next sweep would take for new what still lies in the spool.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Index, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from switchboard.db import Base, UtcTime
from switchboard.errors import SwitchboardError
from switchboard.outbox import Letter, OutboxRow, put

LONGEST_ID = 150
MOST_AT_ONCE = 500  # ids in one question
OWED = ""

_UNFINISHED = text("finished_at IS NULL")


class NoSuchMessage(SwitchboardError):
    """There is no message of this id."""


class NotSent(SwitchboardError):
    """The message's letter is not sent yet; what it tells of is kept until then."""


class MessageRow(Base):
    """One message. `sound_bytes` is 0 where nothing was recorded.

    `finished_at`: its letter is sent, and what the mailbox wants done afterwards is done.
    `gone_at`: its sound was deleted, by hand or because its time was over.
    """

    __tablename__ = "voicemail"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    mailbox: Mapped[str] = mapped_column(String(32))
    msg_id: Mapped[str | None] = mapped_column(String(32))  # Asterisk's; None where it wrote none
    recording: Mapped[str | None] = mapped_column(String(255))  # the cut one's name in the spool
    caller_number: Mapped[str | None] = mapped_column(String(64))
    caller_name: Mapped[str | None]
    dialled: Mapped[str] = mapped_column(String(LONGEST_ID))
    linkedid: Mapped[str] = mapped_column(String(LONGEST_ID))
    received_at: Mapped[datetime] = mapped_column(UtcTime)
    seconds: Mapped[float]
    sound_bytes: Mapped[int]
    status: Mapped[str] = mapped_column(String(8))  # as `voicemail.message.Status`
    # None where no letter is wanted, OWED where one is and could not be written yet
    message_id: Mapped[str | None] = mapped_column(String(255))
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index("ix_voicemail_received_at", "received_at"),
        Index(
            "ix_voicemail_unfinished",
            "id",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A message with what became of its letter; `letter` is None where none was wanted."""

    message: MessageRow
    letter: OutboxRow | None

    @property
    def is_safe(self) -> bool:
        """Whether somebody has it who shall have it, so that the rest may go."""
        wanted = self.message.message_id is not None and self.message.finished_at is None
        return not wanted or (self.letter is not None and self.letter.state == "sent")


async def unknown_of(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    """Those of `ids` that were never taken."""
    unknown = set(ids)
    waiting = iter(tuple(unknown))
    while some := list(islice(waiting, MOST_AT_ONCE)):
        known = select(MessageRow.id).where(MessageRow.id.in_(some))
        unknown.difference_update(await session.scalars(known))
    return unknown


async def list_messages(session: AsyncSession, mailbox: str | None = None) -> list[Listed]:
    """Every message that is kept, the oldest first."""
    of_box = [] if mailbox is None else [MessageRow.mailbox == mailbox]
    return await _listed(session, MessageRow.gone_at.is_(None), *of_box)


async def find_message(session: AsyncSession, message_id: str) -> Listed:
    """The message of an id. Raises NoSuchMessage, also when its sound is gone."""
    found = await _listed(session, MessageRow.id == message_id, MessageRow.gone_at.is_(None))
    if not found:
        raise NoSuchMessage(f"there is no message “{message_id}”; see `switchboard voicemail list`")
    return found[0]


async def unsent(session: AsyncSession, received_since: datetime) -> list[MessageRow]:
    """Messages that are kept, and that no letter has brought to anybody."""
    listed = await _listed(
        session, MessageRow.gone_at.is_(None), MessageRow.received_at >= received_since
    )
    return [one.message for one in listed if one.letter is None or one.letter.state != "sent"]


async def of_caller(session: AsyncSession, number: str) -> list[Listed]:
    """Every message of a number, those whose sound is gone too, the oldest first."""
    return await _listed(session, MessageRow.caller_number == number)


async def unfinished(session: AsyncSession, most: int) -> list[Listed]:
    """Messages whose letter is sent, or not wanted, with which nothing was done since."""
    sent = (OutboxRow.state == "sent") | MessageRow.message_id.is_(None)
    return await _listed(session, MessageRow.finished_at.is_(None), sent, most=most)


async def owed(session: AsyncSession, mailboxes: Iterable[str], most: int) -> Sequence[MessageRow]:
    """Messages of these boxes about which no letter could be written yet, the oldest first."""
    wanted = select(MessageRow).where(MessageRow.finished_at.is_(None))
    wanted = wanted.where(MessageRow.message_id == OWED, MessageRow.mailbox.in_(mailboxes))
    return (await session.scalars(wanted.order_by(MessageRow.received_at).limit(most))).all()


def pay(session: Session, message_id: str, letter: Letter | None) -> None:
    """Take the letter about a message that was owed; None where nobody wants it any more."""
    session.get_one(MessageRow, message_id).message_id = letter.message_id if letter else None
    session.flush()
    if letter is not None:
        put(session, letter)


async def nameless_of(
    session: AsyncSession, mailbox: str, sound_bytes: int
) -> Sequence[MessageRow]:
    """Messages of a box, with so much sound, that Asterisk had given no id when they were taken."""
    wanted = select(MessageRow).where(MessageRow.mailbox == mailbox, MessageRow.msg_id.is_(None))
    wanted = wanted.where(MessageRow.recording.is_(None), MessageRow.sound_bytes == sound_bytes)
    return (await session.scalars(wanted)).all()


def identify(session: Session, message_id: str, other: str, msg_id: str, now: datetime) -> None:
    """Asterisk has given a message its id: `other` is what it will be found as from now on."""
    row = session.get_one(MessageRow, message_id)
    row.msg_id = msg_id
    known = {
        column.key: getattr(row, column.key)
        for column in MessageRow.__table__.columns
        if column.key not in ("id", "message_id", "finished_at", "gone_at")
    }
    session.add(MessageRow(id=other, message_id=None, finished_at=now, gone_at=now, **known))


async def overdue(session: AsyncSession, received_before: datetime, most: int) -> list[Listed]:
    """Messages that are finished, and kept though they were received before a time."""
    return await _listed(
        session,
        MessageRow.finished_at.is_not(None),
        MessageRow.gone_at.is_(None),
        MessageRow.received_at < received_before,
        most=most,
    )


async def _listed(
    session: AsyncSession, *where: ColumnElement[bool], most: int | None = None
) -> list[Listed]:
    wanted = select(MessageRow, OutboxRow).where(*where)
    wanted = wanted.outerjoin(OutboxRow, OutboxRow.message_id == MessageRow.message_id)
    wanted = wanted.order_by(MessageRow.received_at, MessageRow.id).limit(most)
    return [Listed(message, letter) for message, letter in await session.execute(wanted)]
