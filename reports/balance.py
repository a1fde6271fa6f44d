"""The balance at the foot of every report: each arrival is accounted for, or named."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from reports.call import Call, Direction


@dataclass(frozen=True)
class Balance:
    """`arrived` is counted in the raw records; `unexplained` are those without a call of theirs."""

    arrived: int
    in_progress: int
    unexplained: tuple[str, ...]
    outcomes: dict[str, int]
    attempts: dict[str, int]

    @property
    def accounted(self) -> int:
        return sum(self.outcomes.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "arrived": self.arrived,
            "accounted": self.accounted,
            "in_progress": self.in_progress,
            "unexplained": len(self.unexplained),
            "unexplained_ids": list(self.unexplained),
            "outcomes": self.outcomes,
            "attempts": self.attempts,
        }

    def as_text(self) -> str:
        told = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
        lines = [
            f"arrived {self.arrived} = accounted {self.accounted} + in progress "
            f"{self.in_progress} + unexplained {len(self.unexplained)}",
            f"accounted: {told or '-'}",
        ]
        if self.unexplained:
            lines.append(f"unexplained: {', '.join(self.unexplained)}")
        if self.attempts:
            made = ", ".join(f"{count} {outcome}" for outcome, count in self.attempts.items())
            lines.append(f"made from inside, besides: {made}")
        return "\n".join(lines)


def balance(arrivals: Collection[str], calls: Iterable[Call]) -> Balance:
    """Of the channels that arrived in a period and the calls that began in it."""
    outcomes: Counter[str] = Counter()
    attempts: Counter[str] = Counter()
    known: set[str] = set()
    in_progress = 0
    for call in calls:
        if call.direction is not Direction.INBOUND:
            attempts[call.outcome or "in_progress"] += 1
            continue
        known.add(call.id)
        if call.outcome is None:
            in_progress += 1
        else:
            outcomes[call.outcome] += 1
    return Balance(
        arrived=len(arrivals),
        in_progress=in_progress,
        unexplained=tuple(sorted(set(arrivals) - known)),
        outcomes=dict(sorted(outcomes.items())),
        attempts=dict(sorted(attempts.items())),
    )
