"""The balance at the foot of every report: each arrival is accounted for, or named."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reports.call import Call, Direction
from reports.store import Span, arrivals_in, unexplained_in
from reports.tally import Piece, Tally, bump, within


@dataclass(frozen=True)
class Balance:
    """`arrived` is counted in the raw records; `unexplained` are those without a call of theirs."""

    arrived: int
    in_progress: int
    unexplained: tuple[str, ...]
    outcomes: dict[str, int]
    attempts: dict[str, int]

    @classmethod
    def of(cls, tally: Tally) -> "Balance":
        return cls(
            arrived=tally.get("arrived", 0),
            in_progress=tally.get("in_progress", 0),
            unexplained=tuple(sorted(tally.get("unexplained", {}))),
            outcomes=dict(sorted(tally.get("outcomes", {}).items())),
            attempts=dict(sorted(tally.get("attempts", {}).items())),
        )

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


def count_balance(tally: Tally, call: Call, piece: Piece) -> None:
    """How each call ended; calls made from inside stand apart."""
    if not piece.holds(call.began):
        return
    if call.direction is not Direction.INBOUND:
        bump(within(tally, "attempts"), call.outcome or "in_progress")
    elif call.outcome is None:
        bump(tally, "in_progress")
    else:
        bump(within(tally, "outcomes"), call.outcome)


def count_arrivals(session: Session, tally: Tally, span: Span) -> None:
    """What the raw records say of the same time."""
    bump(tally, "arrived", arrivals_in(session, span))
    for uniqueid in unexplained_in(session, span):
        bump(within(tally, "unexplained"), uniqueid)
