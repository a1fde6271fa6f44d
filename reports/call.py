"""A call: one arrival, or one attempt from inside, and everything that became of it."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Outcome(StrEnum):
    """How a call ended. The first thirteen are those of arrivals."""

    CUT_BY_RESTART = "cut_by_restart"
    ANSWERED = "answered"
    FORWARDED = "forwarded"
    VOICEMAIL = "voicemail"
    FAX = "fax"
    ABANDONED_IN_MENU = "abandoned_in_menu"
    ABANDONED_IN_QUEUE = "abandoned_in_queue"
    ABANDONED_RINGING = "abandoned_ringing"
    ABANDONED_IN_VOICEMAIL = "abandoned_in_voicemail"
    CLOSED = "closed"
    GOODBYE = "goodbye"
    REJECTED = "rejected"
    FAILED = "failed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


class VisitOutcome(StrEnum):
    """How a stay in a department's queue ended; `refused` was never queued."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FLOWED_OUT = "flowed_out"
    PICKED_UP = "picked_up"
    REFUSED = "refused"
    CUT = "cut"


class RingResult(StrEnum):
    """What became of a phone's ringing; `elsewhere` another phone was quicker."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    ELSEWHERE = "elsewhere"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a call; times in milliseconds since 1970, as everywhere here."""

    kind: str
    name: str
    began: int
    ended: int

    @property
    def lasted(self) -> int:
        return self.ended - self.began


class Heard(StrEnum):
    """What a caller did in a menu; `left` by hanging up, or by the tone of a fax machine."""

    KEY = "key"
    WRONG = "wrong"
    SILENCE = "silence"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Step:
    """A menu that was played once, and what was pressed in it, None without.

    `version` is that of the center which the call was on.
    """

    menu: str
    version: str
    key: str | None
    lasted: int
    result: Heard


@dataclass(frozen=True, slots=True)
class Ring:
    """One phone that rang once."""

    agent: str
    began: int
    lasted: int
    result: RingResult


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in one department's queue. `outcome` is None while it lasts."""

    department: str
    began: int
    waited: int
    outcome: VisitOutcome | None
    agent: str | None
    talked: int
    held: int


@dataclass(frozen=True, slots=True)
class Call:
    """`outcome` and `ended` are None while it is in progress.

    `joined_with` are other arrivals that an agent joined with this one; `transferred_by` the
    extensions that handed it on; `handed_on` is when the one that made the call did so, who is
    not in what follows.
    """

    id: str
    direction: Direction
    from_number: str | None
    from_name: str
    to: str
    language: str | None
    began: int
    answered: int | None
    ended: int | None
    outcome: Outcome | None
    department: str | None
    agents: tuple[str, ...]
    path: tuple[Step, ...]
    segments: tuple[Segment, ...]
    rings: tuple[Ring, ...]
    visits: tuple[Visit, ...]
    voicemail: str | None
    fax: str | None
    joined_with: tuple[str, ...]
    transferred_by: tuple[str, ...]
    handed_on: int | None = None

    @property
    def node(self) -> str:
        """Which Asterisk served it: `node-1795303302.17`."""
        return self.id.rpartition("-")[0]

    @property
    def waited(self) -> int:
        """Queue and ringing before the first answer."""
        until = self.answered if self.answered is not None else self.segments[-1].ended
        return sum(
            part.lasted
            for part in self.segments
            if part.kind in ("queue", "ring") and part.ended <= until
        )

    @property
    def talked(self) -> int:
        return self.spent("talk")

    @property
    def held(self) -> int:
        return self.spent("hold")

    def spent(self, kind: str) -> int:
        return sum(part.lasted for part in self.segments if part.kind == kind)
