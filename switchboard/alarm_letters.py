"""Each alarm in a letter when it is raised, and in a second one below it when it is over."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from switchboard.alarms import AlarmRow
from switchboard.letterhead import domain_of, flatten, message_id_for, new_message, plain
from switchboard.outbox import Letter, enqueue
from switchboard.section import GroundSection

RAISED = """\
{words}

Since {since}.
To mend it: {how_to_mend}.

`switchboard alarms` lists what is wrong now. A letter follows when this is over.
"""
CLEARED = """\
This is over: {words}

It was so from {since} to {cleared}.
"""


async def tell(session: AsyncSession, ground: GroundSection, now: datetime) -> None:
    """Put the letters of new and of cleared alarms into the outbox, where anyone is to be told."""
    untold = or_(
        AlarmRow.told_at.is_(None),
        AlarmRow.cleared_at.is_not(None) & AlarmRow.told_cleared_at.is_(None),
    )
    for alarm in await session.scalars(select(AlarmRow).where(untold).order_by(AlarmRow.id)):
        if alarm.told_at is None:
            alarm.told_at = now
            await _post(session, ground, alarm, None, now)
        if alarm.cleared_at is not None:
            alarm.told_cleared_at = now
            await _post(session, ground, alarm, alarm.cleared_at, now)


async def _post(
    session: AsyncSession,
    ground: GroundSection,
    alarm: AlarmRow,
    cleared_at: datetime | None,
    now: datetime,
) -> None:
    to = tuple(map(str, ground.alarms.email))
    if ground.mail is not None and to:
        letter = _letter(ground, str(ground.mail.sender), to, alarm, cleared_at, now)
        await enqueue(session, letter, now)


def _letter(
    ground: GroundSection,
    sender: str,
    to: tuple[str, ...],
    alarm: AlarmRow,
    cleared_at: datetime | None,
    now: datetime,
) -> Letter:
    """The letter of a raised alarm, or of one that was cleared."""
    domain = domain_of(sender)
    first = message_id_for(f"alarm-{alarm.key}-{alarm.since.timestamp():.6f}", domain)
    second = message_id_for(f"alarm-{alarm.key}-{alarm.since.timestamp():.6f}-over", domain)
    message_id, thread = (first, None) if cleared_at is None else (second, first)
    subject = plain(f"{ground.name}: {'over: ' if cleared_at else 'alarm: '}{alarm.words}")
    message = new_message(
        sender, to, subject, message_id, now.astimezone(ground.zone), thread=thread
    )
    message.set_content(
        (CLEARED if cleared_at else RAISED).format(
            words=alarm.words,
            how_to_mend=alarm.how_to_mend,
            since=_clock(alarm.since, ground),
            cleared=_clock(cleared_at, ground) if cleared_at else "",
        )
    )
    return Letter("alarm", message_id, sender, to, subject, flatten(message))


def _clock(moment: datetime, ground: GroundSection) -> str:
    return moment.astimezone(ground.zone).strftime("%d.%m.%Y %H:%M:%S %Z")
