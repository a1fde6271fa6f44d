"""Who is banned for guessing and flooding, per address and for how long. Pure.

What Asterisk's security events tell is counted by address over `WINDOW`. An address from which a
telephone has signed in lately is told, never banned: behind it an office may sit, and its address
can be written on a packet by anyone.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)
MOST_FAILURES = 10  # wrong secrets and unknown users
MOST_UNANSWERED = 100  # requests that were asked who they are, and did not say
FIRST_BAN, LONGEST_BAN = timedelta(minutes=10), timedelta(hours=24)  # doubled each time
REMEMBERED = timedelta(hours=24)  # after that a ban is the first one again
TRUSTED = timedelta(minutes=10)  # after a telephone has signed in from there
MOST_ADDRESSES = 10_000

FAILURES = frozenset({"ChallengeResponseFailed", "InvalidAccountID", "InvalidPassword"})
CHALLENGE, SUCCESS = "ChallengeSent", "SuccessfulAuth"


@dataclass
class Suspect:
    """What one address has done within the window, and how often it was banned."""

    failures: deque[datetime] = field(default_factory=deque)
    unanswered: deque[datetime] = field(default_factory=deque)
    trusted_until: datetime | None = None
    told_until: datetime | None = None
    banned_until: datetime | None = None
    times: int = 0

    def forget(self, now: datetime) -> None:
        """Let go of what is older than the window."""
        for moments in (self.failures, self.unanswered):
            while moments and now - moments[0] > WINDOW:
                moments.popleft()

    @property
    def reason(self) -> str:
        """Why it is too much, "" while it is not."""
        if len(self.failures) >= MOST_FAILURES:
            return "guessed at users and secrets"
        if len(self.unanswered) >= MOST_UNANSWERED:
            return "sent a flood of requests"
        return ""


@dataclass(frozen=True)
class Ban:
    """An address that is banned until then, or (`until` None) only told."""

    address: str
    reason: str
    until: datetime | None


class Bans:
    """All addresses; `never` are those of carriers."""

    def __init__(self) -> None:
        self.never: frozenset[str] = frozenset()
        self._suspects: dict[str, Suspect] = {}
        self._standing: dict[str, Ban] = {}

    def note(self, event: str, address: str, now: datetime) -> None:
        """Take one security event."""
        if not address or address in self.never:
            return
        suspect = self._suspects.setdefault(address, Suspect())
        suspect.forget(now)
        if event in FAILURES:
            suspect.failures.append(now)
        elif event == CHALLENGE:
            suspect.unanswered.append(now)
        elif event == SUCCESS:
            suspect.trusted_until = now + TRUSTED
            if suspect.unanswered:
                suspect.unanswered.popleft()
        if suspect.reason and address not in self._standing:
            self._standing[address] = self._judge(address, suspect, now)
        if len(self._suspects) > MOST_ADDRESSES:
            self._suspects.pop(next(iter(self._suspects)))

    def _judge(self, address: str, suspect: Suspect, now: datetime) -> Ban:
        if suspect.trusted_until is not None and now < suspect.trusted_until:
            suspect.told_until = now + FIRST_BAN
            return Ban(address, suspect.reason, None)
        again = suspect.banned_until is not None and now - suspect.banned_until < REMEMBERED
        suspect.times = suspect.times + 1 if again else 1
        lasts = min(FIRST_BAN * 2 ** (suspect.times - 1), LONGEST_BAN)
        suspect.banned_until = now + lasts
        return Ban(address, suspect.reason, suspect.banned_until)

    def standing(self, now: datetime) -> list[Ban]:
        """Who is banned or told now; those whose time is over begin anew."""
        for address in list(self._standing):
            suspect = self._suspects.get(address, Suspect())
            ban = self._standing[address]
            until = ban.until or suspect.told_until or now
            if until <= now:
                suspect.failures.clear()
                suspect.unanswered.clear()
                del self._standing[address]
        return list(self._standing.values())


def address_of(written: str) -> str:
    """`127.0.0.3` of `IPV4/UDP/127.0.0.3/5060`, "" where there is none."""
    parts = written.split("/")
    return parts[2] if len(parts) == 4 else ""
