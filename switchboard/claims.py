"""The transactions of delivery: a letter is claimed with a lease, and what became of it noted.

Each runs for every letter, so its statements are made once, and rows are read as they are: objects
of the tables would cost several times what the database does.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from switchboard.db import UtcTime
from switchboard.mail import Answers, MailAway, MailDelayed, MailRefused
from switchboard.outbox import BodyRow, LetterState, OutboxRow, RecipientRow

LEASE = timedelta(minutes=20)  # longer than any one try and a database that is away meanwhile
MOST_PER_LANE = 3  # workers at one domain: the others go on when its server is slow
LONGEST_BACKOFF_MINUTES = 60
JITTER = 0.1

_NOW = bindparam("now", type_=UtcTime())
_ID = bindparam("letter", type_=Integer())
_FULL_LANES = (
    select(OutboxRow.lane)
    .where(OutboxRow.state == "sending", OutboxRow.due_at > _NOW)
    .group_by(OutboxRow.lane)
    .having(func.count() >= MOST_PER_LANE)
)
_NEXT = (
    select(OutboxRow.id)
    .where(OutboxRow.ended_at.is_(None), OutboxRow.due_at <= _NOW)
    .where(OutboxRow.lane.not_in(_FULL_LANES))
    .order_by(OutboxRow.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)  # of PostgreSQL; SQLite has one writer at a time
)
_CLAIM = (
    update(OutboxRow)
    .where(OutboxRow.id == _NEXT.scalar_subquery())
    .values(
        state="sending", due_at=bindparam("lease_ends", type_=UtcTime()), tries=OutboxRow.tries + 1
    )
    .returning(OutboxRow.id, OutboxRow.tries, OutboxRow.sender)
)
_RECIPIENTS = (
    select(RecipientRow.position, RecipientRow.address, RecipientRow.state, RecipientRow.answer)
    .where(RecipientRow.letter_id == _ID)
    .order_by(RecipientRow.position)
)
_CONTENT = select(BodyRow.content).where(BodyRow.letter_id == _ID)
_SMALLER = select(BodyRow.smaller).where(BodyRow.letter_id == _ID)
_HELD = select(OutboxRow.tries, OutboxRow.give_up_at).where(OutboxRow.id == _ID).with_for_update()
_ANSWERED = update(RecipientRow).where(
    RecipientRow.letter_id == _ID, RecipientRow.position == bindparam("at")
)
_ENDED = update(OutboxRow).where(OutboxRow.id == _ID)
_LET_GO = delete(BodyRow).where(BodyRow.letter_id == _ID)
_CALL_THE_OTHERS = (
    update(OutboxRow)
    .where(OutboxRow.server_away, OutboxRow.state == "waiting")
    .values(due_at=_NOW, server_away=False)
)


@dataclass(frozen=True)
class Claim:
    """A letter that one worker holds, with the recipients who have not got it."""

    id: int
    tries: int
    sender: str
    to: tuple[str, ...]
    content: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Result:
    """What is known of one recipient."""

    position: int
    state: LetterState
    answer: str


def take_back(session: Session, now: datetime) -> None:
    """Free the letters of workers that are no more; to be called when none is there."""
    held = update(OutboxRow).where(OutboxRow.state == "sending")
    session.connection().execute(held.values(state="waiting", due_at=now))


def call_all(session: Session, now: datetime) -> None:
    """What waits only because no server was there is due at once: now another one is asked."""
    session.connection().execute(_CALL_THE_OTHERS, {"now": now})


def take_one(session: Session, now: datetime) -> Claim | None:
    """Claim the letter that is due the longest, of a lane that has not its share of workers."""
    rows = session.connection()
    row = rows.execute(_CLAIM, {"now": now, "lease_ends": now + LEASE}).one_or_none()
    if row is None:
        return None
    known = rows.execute(_RECIPIENTS, {"letter": row.id})
    to = tuple(one.address for one in known if one.state == "waiting")
    content = rows.execute(_CONTENT, {"letter": row.id}).scalar()
    return Claim(row.id, row.tries, row.sender, to, content)


def smaller_of(session: Session, claim: Claim) -> bytes | None:
    """The smaller letter that may go out instead, None where there is none."""
    smaller: bytes | None = session.connection().execute(_SMALLER, {"letter": claim.id}).scalar()
    return smaller


def note(session: Session, claim: Claim, answers: Answers, now: datetime) -> None:
    """Write down what became of each recipient, and what that makes of the letter."""
    rows, letter = session.connection(), {"letter": claim.id}
    held = rows.execute(_HELD, letter).one()
    taken = any(isinstance(answer, str) for answer in answers.values())
    if held.tries != claim.tries and not taken:  # the lease ended, and another has it now
        return
    known = rows.execute(_RECIPIENTS, letter).all()
    before = {one.address: _Result(one.position, one.state, one.answer) for one in known}
    after = {
        address: _after(result, answers.get(address), late=now >= held.give_up_at)
        for address, result in before.items()
    }
    for address, result in after.items():
        if result != before[address]:
            change = _ANSWERED.values(state=result.state, answer=result.answer)
            rows.execute(change, {**letter, "at": result.position})
    ended = _letter_after(list(after.values()), held.tries, now)
    away = any(isinstance(answer, MailAway) for answer in answers.values())
    rows.execute(_ENDED.values(**ended, server_away=away), letter)
    if ended["state"] == "sent":
        rows.execute(_LET_GO, letter)
    if taken:  # the server is there: what waits only because it was not is due at once
        rows.execute(_CALL_THE_OTHERS, {"now": now})


def note_and_take(session: Session, claim: Claim, answers: Answers, now: datetime) -> Claim | None:
    """Both at once: a worker then waits for the disk once a letter."""
    note(session, claim, answers, now)
    return take_one(session, now)


def _after(
    result: _Result, answer: str | MailDelayed | MailRefused | None, *, late: bool
) -> _Result:
    if answer is None or result.state == "sent":
        return result
    if isinstance(answer, str):
        return _Result(result.position, "sent", answer)
    if isinstance(answer, MailRefused):
        return _Result(result.position, "dead", str(answer))
    if late:
        return _Result(result.position, "dead", f"given up; the last answer: {answer}")
    return _Result(result.position, result.state, str(answer))


def _letter_after(results: Sequence[_Result], tries: int, now: datetime) -> Mapping[str, object]:
    """The letter's own columns: it waits while one recipient does, and dies with any of them."""
    states = {result.state for result in results}
    error = next((one.answer for one in results if one.state != "sent"), "")
    if "waiting" in states:
        return {"state": "waiting", "due_at": now + backoff(tries), "last_error": error}
    state = "dead" if "dead" in states else "sent"
    return {"state": state, "ended_at": now, "last_error": error}


def backoff(tries: int) -> timedelta:
    """1, 2, 4, ... 60 minutes, a little more or less, so that letters do not come in one lump."""
    minutes = min(2 ** min(tries - 1, 6), LONGEST_BACKOFF_MINUTES)
    return timedelta(minutes=minutes * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
