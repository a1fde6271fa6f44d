"""When agents were signed in to departments, and paused, and why: from what Asterisk wrote.

Signing in and out is told by `queue_log`, whoever did it; pausing by the dialplan's own events:
`queue_log` names there a person, who is not always one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reports.store import AgentEvent, Span
from reports.stretches import Stretch, joined
from switchboard.pbx.cel import CelRow
from switchboard.pbx.queue_log import QueueRow

SIGNED_IN, SIGNED_OUT, PAUSED, RESUMED = "in", "out", "pause", "resume"
_BY_QUEUE = {"ADDMEMBER": SIGNED_IN, "REMOVEMEMBER": SIGNED_OUT}


@dataclass(frozen=True, slots=True)
class Told:
    """`about` is the department signed in to or out of, or the reason of a pause."""

    at: int
    agent: str
    what: str
    about: str = ""

    def as_row(self) -> dict[str, object]:
        return {"at": self.at, "agent": self.agent, "what": self.what, "about": self.about}


def told_by_queue(row: QueueRow) -> Told | None:
    """What a line of `queue_log` says of an agent's session."""
    what = _BY_QUEUE.get(row.event)
    technology, _, agent = row.member.partition("@")[0].partition("/")  # or `Local/201@member`
    if what is None or technology not in ("PJSIP", "Local") or not agent:
        return None
    return Told(row.at * 1000, agent, what, row.queue)


def told_by_event(row: CelRow) -> Told | None:
    """What a channel event says of one."""
    if row.event not in ("paused", "resumed"):
        return None
    words, at = row.text.split(), round(row.at * 1000)
    if words[-1:] == ["PAUSED"] and len(words) >= 3:
        return Told(at, words[0], PAUSED, " ".join(words[1:-1]))
    if words[-1:] == ["UNPAUSED"]:
        return Told(at, words[0], RESUMED)
    return None


@dataclass
class Stints:
    """One agent's sessions within a period: by department, and the pauses by reason."""

    signed_in: dict[str, list[Stretch]] = field(default_factory=lambda: defaultdict(list))
    paused: dict[str, list[Stretch]] = field(default_factory=lambda: defaultdict(list))

    @property
    def sessions(self) -> list[Stretch]:
        """Signed in to one department at least."""
        return joined(stretch for stretches in self.signed_in.values() for stretch in stretches)


def stints(told: Iterable[Told], span: Span) -> Mapping[str, Stints]:
    """By agent; `told` begins with what brought each to where it was before the period."""
    following: dict[str, _Following] = {}
    for one in sorted(told, key=lambda one: one.at):
        if one.at < span.end:
            agent = following.setdefault(one.agent, _Following())
            agent.take(one, max(one.at, span.begin))
    for agent in following.values():
        agent.close(span.end)
    return {name: agent.known for name, agent in following.items() if agent.known.signed_in}


@dataclass
class _Following:
    known: Stints = field(default_factory=Stints)
    since: dict[str, int] = field(default_factory=dict)  # department -> signed in
    pause: tuple[int, str] | None = None

    def take(self, one: Told, now: int) -> None:
        if one.what == SIGNED_IN:
            self.since.setdefault(one.about, now)
        elif one.what == SIGNED_OUT:
            self._sign_out(one.about, now)
        else:
            self._resume(now)
            if one.what == PAUSED and self.since:
                self.pause = (now, one.about)

    def close(self, now: int) -> None:
        for department in list(self.since):
            self._sign_out(department, now)

    def _sign_out(self, department: str, now: int) -> None:
        began = self.since.pop(department, None)
        if began is not None and began < now:
            self.known.signed_in[department].append((began, now))
        if not self.since:
            self._resume(now)

    def _resume(self, now: int) -> None:
        if self.pause and self.pause[0] < now:
            self.known.paused[self.pause[1]].append((self.pause[0], now))
        self.pause = None


def told_in(session: Session, span: Span) -> list[Told]:
    """What is told of a period, and before it the last of each kind."""
    of = (AgentEvent.agent, AgentEvent.what, AgentEvent.about)
    last = select(func.max(AgentEvent.at), func.max(AgentEvent.position), *of)
    inside = select(AgentEvent.at, AgentEvent.position, *of)
    before = session.execute(last.where(AgentEvent.at < span.begin).group_by(*of))
    within = (AgentEvent.at >= span.begin, AgentEvent.at < span.end)
    rows: list[Any] = sorted(tuple(row) for row in before)
    rows += sorted(tuple(row) for row in session.execute(inside.where(*within)))
    return [Told(at, agent, what, about) for at, _, agent, what, about in rows]
