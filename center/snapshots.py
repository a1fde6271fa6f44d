"""The versions that the engine holds in memory: each read once, from what `apply` has kept."""

import logging

from callrouter.rules import Rulebook
from center.apply import compiled
from center.load import load_center
from center.state import State
from ivr.snapshot import Snapshot
from ivr.table import arrivals
from switchboard.numbering import numbering_plan
from switchboard.problems import Problems

log = logging.getLogger(__name__)


class Snapshots:
    """All versions of a state directory by the name that contexts carry, `v17`.

    A call that is under way keeps its snapshot; one of a version not held yet is the twin's.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: dict[str, Snapshot | None] = {}

    def get(self, version: str) -> Snapshot | None:
        """The snapshot of a version, from memory."""
        return self._held.get(version)

    def refresh(self) -> None:
        """Read versions that are new, let go of those that went. Costs seconds for a big center."""
        numbers = {f"v{number}": number for number in self._state.numbers()}
        held = {name: snapshot for name, snapshot in self._held.items() if name in numbers}
        for name in numbers.keys() - held.keys():
            held[name] = read_snapshot(self._state, numbers[name])
            if held[name]:
                log.info("version %s is held", numbers[name])
        self._held = held


def read_snapshot(state: State, number: int) -> Snapshot | None:
    """One applied version; None, and lines in the log, when its files say no center any more."""
    problems = Problems()
    try:
        center = load_center(state.version(number) / "center", problems)
        plan = numbering_plan(center.ground.country) if center else None
        if center is None or plan is None or problems.errors:
            log.error("version %s cannot be read: %s", number, [str(one) for one in problems])
            return None
        table = compiled(center, state.recordings(number).__getitem__)
        rulebook = Rulebook(center.router.hours, center.router.callers, center.ground.zone)
        return Snapshot(f"v{number}", table, rulebook, arrivals(table, plan), state.seconds(number))
    except Exception:  # whatever one version holds, the calls of the others are not to suffer
        log.exception("version %s cannot be read", number)
        return None
