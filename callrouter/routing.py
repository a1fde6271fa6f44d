"""Where a call goes next, as one pure function of what is wanted, what happened there, and when."""

from dataclasses import dataclass

from callrouter.rules import Arm, Event, Moves, Situation, State, Taken, take

ENTERS = "enters"  # the event of a call that has just come to a state


@dataclass(frozen=True, slots=True)
class Next:
    """Connect to `goal` as it stands (`taken` is None), or follow the rule that was taken."""

    goal: State
    event: Event
    taken: Taken | None = None

    @property
    def arm(self) -> Arm:
        """How the call changes on the way."""
        return self.taken.arm if self.taken else Arm(self.goal)


def next_destination(
    moves: Moves, wanted: State, event: Event, hours: str | None, situation: Situation
) -> Next:
    """From a wanted state and what happened there (`enters`, `full`, ...) to the next goal.

    `hours` are those of a wanted department, None for one that is always open.
    """
    if event == ENTERS:
        if hours is None or situation.is_open(hours):
            return Next(wanted, event)
        event = "closed"
    taken = take(moves[wanted, event], situation)
    return Next(taken.arm.goal, event, taken)
