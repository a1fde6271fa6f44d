"""Rules: which arm of a branch holds, for whom, at what moment, and why. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from callrouter.callers import CallerList
from callrouter.hours import Hours
from switchboard.yamltext import Text

State = str
Event = str


@dataclass(frozen=True, slots=True)
class Arm:
    """One rule: it holds when all its conditions do; then the call changes and goes to `goal`.

    `goal` is a state, or `repeat`, `back`, `hangup`; `announce` is the id of a prompt; `spoken` is
    the language that the call must have, `language` the one it gets.
    """

    goal: State
    hours: str | None = None
    callers: tuple[str, ...] = ()
    spoken: str | None = None
    language: str | None = None
    priority: int = 0
    announce: str | None = None
    barge: bool = False
    fax_tone: str | None = None


Branch = tuple[Arm, ...]
Moves = Mapping[tuple[State, Event], Branch]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What conditions name: hours and lists of callers, and the center's zone."""

    hours: Mapping[Text, Hours]
    callers: Mapping[Text, CallerList]
    zone: ZoneInfo

    @property
    def switched(self) -> tuple[str, ...]:
        """The hours that agents can open and close by hand."""
        return tuple(str(name) for name, hours in self.hours.items() if hours.switch)


@dataclass(frozen=True, slots=True)
class Situation:
    """A call at one moment. `caller` is in E.164, None when withheld.

    `switches` holds `open` or `closed` for hours that were set by hand.
    """

    rulebook: Rulebook
    at: datetime
    caller: str | None
    language: str
    switches: Mapping[str, str] = field(default_factory=dict)

    def is_open(self, hours: str) -> bool:
        """Whether these hours are open: the hand-set word, else the calendar's."""
        word = self.switches.get(hours)
        if word:
            return word == "open"
        return self.rulebook.hours[Text(hours)].is_open(self.at, self.rulebook.zone)

    def is_listed(self, callers: str) -> bool:
        """Whether the caller is on a list."""
        return self.rulebook.callers[Text(callers)].holds(self.caller)


@dataclass(frozen=True, slots=True)
class Taken:
    """The arm that holds, its place in the branch (from 1), and why the ones before did not."""

    arm: Arm
    position: int
    because: tuple[str, ...]


def told(state: State, event: Event, branch: Branch, position: int) -> str:
    """What the records say of the arm at a position (from 1): `STATE EVENT POSITION`, and `closed`
    where hours stood before it, which then were not open."""
    closed = any(arm.hours for arm in branch[: position - 1])
    return f"{state} {event} {position}{' closed' if closed else ''}"


def take(branch: Branch, situation: Situation) -> Taken:
    """The first arm that holds. The last has no condition, so there always is one."""
    because: list[str] = []
    for position, arm in enumerate(branch[:-1], 1):
        against = next(_against(arm, situation), None)
        if against is None:
            return Taken(arm, position, (*because, f"rule {position} holds"))
        because.append(f"rule {position}: {against}")
    if because:
        because.append(f"rule {len(branch)} takes the rest")
    return Taken(branch[-1], len(branch), tuple(because))


def _against(arm: Arm, situation: Situation) -> Iterator[str]:
    """The conditions of an arm that do not hold, in words."""
    if arm.hours and not situation.is_open(arm.hours):
        yield f"{arm.hours} is closed"
    if arm.callers and not any(map(situation.is_listed, arm.callers)):
        yield f"the caller is not in {', '.join(arm.callers)}"
    if arm.spoken and arm.spoken != situation.language:
        yield f"the call speaks {situation.language}, not {arm.spoken}"
