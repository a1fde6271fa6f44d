"""The stays in departments' queues: a call may have several, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.call import Segment, Visit, VisitOutcome
from reports.channels import Channel, milliseconds
from reports.timeline import department_of

_TELLING = ("APP_START", "STREAM_BEGIN", "BRIDGE_ENTER", "overflow", "fax")


@dataclass
class _Stay:
    department: str
    began: int
    ended: int | None = None
    is_queued: bool = False  # music says so: a caller who is not let in hears none
    outcome: VisitOutcome | None = None


@dataclass
class _Stays:
    """Follows one channel through its queues."""

    stays: list[_Stay] = field(default_factory=list)

    @property
    def open(self) -> _Stay | None:
        return self.stays[-1] if self.stays and self.stays[-1].ended is None else None

    def leave(self, at: int, outcome: VisitOutcome | None) -> None:
        stay = self.open
        if stay:
            stay.ended, stay.outcome = at, outcome


def visits(
    first: Channel,
    parts: Sequence[Segment],
    until: int,
    at_end: VisitOutcome | None,
    pickups: Sequence[int] = (),
) -> tuple[Visit, ...]:
    """The visits of a call with these segments; `at_end` is what ended the one still open.

    `pickups` are the moments at which somebody took the call from a phone that was not his.
    """
    known = _Stays()
    for row in first.rows:
        if row.event not in _TELLING:
            continue
        # before or behind, where the clock was set back meanwhile
        now = min(max(milliseconds(row.at), first.began), until)
        department = department_of(row)
        if row.event == "APP_START" and department is not None:
            known.leave(now, VisitOutcome.FLOWED_OUT)
            known.stays.append(_Stay(department, now))
        elif row.event == "STREAM_BEGIN" and known.open and row.detail.startswith("MOH"):
            known.open.is_queued = True
        elif row.event == "BRIDGE_ENTER" and known.open and department is not None:
            began = known.open.began
            picked_up = any(began <= at <= now for at in pickups)
            known.leave(now, VisitOutcome.PICKED_UP if picked_up else VisitOutcome.ANSWERED)
        elif row.event == "overflow":
            _overflow(known, row.text.split(), now)
        elif row.event == "fax":
            known.leave(now, VisitOutcome.FLOWED_OUT)
    known.leave(until, at_end)
    begins = [*(stay.began for stay in known.stays[1:]), until]
    return tuple(
        _visit(stay, parts, following) for stay, following in zip(known.stays, begins, strict=False)
    )


def _overflow(known: _Stays, words: list[str], now: int) -> None:
    """`DEPARTMENT closed`, `... full`, `... no_agents`, `... timeout`, `... key 1`."""
    if words[1:] == ["closed"]:
        known.stays.append(_Stay(words[0], now, now, False, VisitOutcome.REFUSED))
    elif known.open:
        queued = known.open.is_queued
        known.leave(now, VisitOutcome.FLOWED_OUT if queued else VisitOutcome.REFUSED)


def _visit(stay: _Stay, parts: Sequence[Segment], following: int) -> Visit:
    ended = stay.ended or stay.began
    is_answered = stay.outcome in (VisitOutcome.ANSWERED, VisitOutcome.PICKED_UP)
    spoken = [
        part
        for part in parts
        if part.kind in ("talk", "hold") and ended <= part.ended and part.began < following
    ]
    agent = spoken[0].name.split(", ")[0] if is_answered and spoken else None
    own = [part for part in spoken if agent and agent in part.name.split(", ")]
    return Visit(
        department=stay.department,
        began=stay.began,
        waited=ended - stay.began,
        outcome=stay.outcome,
        agent=agent,
        talked=sum(part.lasted for part in own if part.kind == "talk"),
        held=sum(part.lasted for part in own if part.kind == "hold"),
    )
