"""Who should be there and is not, as the live view says: Asterisk, trunks, departments."""

from datetime import datetime, timedelta

from switchboard.pbx.link import Event
from switchboard.pbx.snapshot import DepartmentState, Live, Phone
from switchboard.watch import Trouble

AWAY = frozenset({Phone.UNREACHABLE, Phone.UNKNOWN})
CONGESTED_SECONDS = 60
PATIENCE = timedelta(seconds=10)  # a phone that starts anew, an Asterisk that reloads


def absent(live: Live) -> list[Trouble] | None:
    """Trunks that do not answer, and departments of which no signed-in phone can be reached.

    None while Asterisk itself cannot be asked.
    """
    if live.away or live.asked_at is None:
        return None
    trunks = [
        Trouble(
            f"phones:trunk {name}",
            f"the trunk {name} is away",
            "see `switchboard asterisk pjsip show contacts`, and ask the carrier",
            PATIENCE,
        )
        for name, state in live.trunks.items()
        if state in AWAY
    ]
    departments = [
        Trouble(
            f"phones:{name}",
            f"no phone of {name} can be reached",
            "see `switchboard status`; the log `security` says why a phone was refused",
            PATIENCE,
        )
        for name, department in live.departments.items()
        if nobody_reachable(department)
    ]
    return trunks + departments


def asterisk_away(live: Live) -> list[Trouble]:
    """Whether Asterisk does not answer."""
    if not live.away:
        return []
    mend = "`run` starts it again by itself; else see asterisk/log/messages"
    return [Trouble("asterisk", f"Asterisk does not answer: {live.away}", mend, PATIENCE)]


def congested(answer: Event, now: datetime) -> list[Trouble]:
    """Whether a call was refused within the last minute because no line was free."""
    since = answer["Value"]
    if not since.isdecimal() or now.timestamp() - int(since) > CONGESTED_SECONDS:
        return []
    mend = "raise `listen.max_calls` and `listen.rtp`, or the trunk's `max_calls`"
    return [Trouble("lines", "no line is free: calls are refused with 503", mend)]


def nobody_reachable(department: DepartmentState) -> bool:
    """Of those who are signed in; where all have signed out, that is what they wanted."""
    members = department.members
    return bool(members) and all(member.state in AWAY for member in members)
