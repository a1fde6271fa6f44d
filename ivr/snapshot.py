"""One applied version as the engine holds it in memory while calls use it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from callrouter.routing import Next
from callrouter.rules import Moves, Rulebook, State
from ivr.table import Arrivals, Table
from ivr.twin import Seconds, target


@dataclass(frozen=True)
class Snapshot:
    """A compiled version: its table, what its rules name, and how long its prompts play."""

    version: str  # as contexts carry it, `v17`
    table: Table
    rulebook: Rulebook
    arrivals: Arrivals
    seconds: Seconds

    @property
    def moves(self) -> Moves:
        """The moves of the table."""
        return self.table.moves

    def department_hours(self, state: State) -> str | None:
        """The hours of a department's state, None for one that is always open."""
        return self.table.department_hours.get(state.removeprefix("department/"))

    def target(self, following: Next) -> str:
        """The place in the dialplan where a call goes on: `CONTEXT,EXTENSION,1`."""
        if following.taken is None:  # it is open: serve at once, without looking at hours again
            return "serve,s,1"
        return target(following.goal, self.version)


Snapshots = Mapping[str, Snapshot]
