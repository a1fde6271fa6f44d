"""Calls that would go round for ever: rings of moves that need neither a key nor an answer.

Hours and lists of callers decide which rule is taken, so a ring counts only where it closes with
some of them open and some shut: an office that hands over to the night and back is no ring.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

from callrouter.rules import Arm, Branch, Event, State
from center.load import Center
from center.reach import can_happen
from center.routes import WrittenWay, written_ways
from ivr.table import Table
from switchboard.problems import Place, Problems

INSTANT = {"menu": {"otherwise"}, "department": {"closed", "no_agents", "full"}}
INSTANT |= {"extension": {"otherwise"}, "number": {"otherwise"}}
MOST_FACTS = 10  # 2^10 ways the world can be; with more, conditions are taken to hold

World = Mapping[str, bool]  # `hours office` -> open, `callers vip` -> on the list


@dataclass(frozen=True, slots=True)
class Move:
    """One arm of the table, what must be so for its event to happen, and how long it takes."""

    source: State
    branch: Branch
    position: int
    facts: tuple[tuple[str, bool], ...]
    instant: bool
    way: WrittenWay | None

    @property
    def goal(self) -> State:
        """The state that it leads to."""
        return self.branch[self.position].goal

    @property
    def place(self) -> Place | None:
        """Where its rule stands."""
        return self.way.place_of(self.way.route[self.position]) if self.way else None

    def possible(self, world: World) -> bool:
        """Whether the arm is taken in a world; a condition that it does not know holds."""
        if any(world.get(fact, value) != value for fact, value in self.facts):
            return False
        arm, earlier = self.branch[self.position], self.branch[: self.position]
        return _holds(arm, world) and not any(
            not one.spoken and _is_known(one, world) and _holds(one, world) for one in earlier
        )


def _holds(arm: Arm, world: World) -> bool:
    hours = arm.hours is None or world.get(f"hours {arm.hours}", True)
    listed = [world.get(f"callers {name}", True) for name in arm.callers]
    return hours and (not listed or any(listed))


def _is_known(arm: Arm, world: World) -> bool:
    return all(fact in world for fact in _facts(arm))


def _facts(arm: Arm) -> set[str]:
    return {f"hours {arm.hours}"} - {"hours None"} | {f"callers {name}" for name in arm.callers}


def check_loops(center: Center, table: Table, problems: Problems) -> None:
    """A ring that never waits is an error; one with a wait or an announcement is a warning."""
    moves = _core(list(_moves(center, table)))
    told: set[frozenset[State]] = set()
    for ring in _rings([move for move in moves if move.instant]):
        told.add(frozenset(move.source for move in ring))
        message = f"{_path(ring)}: a call goes round here for ever and nobody answers"
        problems.error(ring[-1].place, message, "endless-loop")
    for ring in _rings(moves):
        if frozenset(move.source for move in ring) not in told:
            message = f"{_path(ring)}: a caller may wait here round after round"
            problems.warning(ring[-1].place, message, "waiting-loop")


def _path(ring: list[Move]) -> str:
    states = [*(move.source for move in ring), ring[0].source]
    return " → ".join(state.replace("/", " ") for state in states)


def _moves(center: Center, table: Table) -> Iterator[Move]:
    ways = {(way.state, way.event): way for way in written_ways(center)}
    for (state, event), branch in table.moves.items():
        kind = state.partition("/")[0]
        if not _is_unasked(state, event, center):
            continue
        way = ways.get((state, event)) or ways.get((state, "otherwise"))
        for position, arm in enumerate(branch):
            instant = event in INSTANT[kind] and arm.announce is None
            yield Move(state, branch, position, _cause(state, event, table), instant, way)


def _is_unasked(state: State, event: Event, center: Center) -> bool:
    """Whether the event can happen without the caller pressing a key."""
    kind, _, name = state.partition("/")
    if kind == "department":
        departments = center.router.departments
        department = next(one for known, one in departments.items() if known == name)
        return event in INSTANT[kind] | {"timeout"} and can_happen(department, event)
    return event in INSTANT.get(kind, ())


def _cause(state: State, event: Event, table: Table) -> tuple[tuple[str, bool], ...]:
    """What an event says about the hours of its department."""
    kind, _, name = state.partition("/")
    hours = table.department_hours.get(name) if kind == "department" else None
    return ((f"hours {hours}", event != "closed"),) if hours else ()


def _core(moves: list[Move]) -> list[Move]:
    """The moves that can be part of a ring at all: few, in a sound center none."""
    while True:
        sources = {move.source for move in moves}
        goals = {move.goal for move in moves}
        kept = [move for move in moves if move.goal in sources and move.source in goals]
        if len(kept) == len(moves):
            return kept
        moves = kept


def _rings(moves: list[Move]) -> Iterator[list[Move]]:
    """The rings of these moves in every way the world can be, each once."""
    seen: set[frozenset[State]] = set()
    for world in _worlds(moves):
        left = _core([move for move in moves if move.possible(world)])
        while left:
            ring = _walk(left)
            states = frozenset(move.source for move in ring)
            if states not in seen:
                seen.add(states)
                yield ring
            left = _core([move for move in left if move.source not in states])


def _worlds(moves: list[Move]) -> Iterator[World]:
    facts = {fact for move in moves for fact, _ in move.facts}
    facts |= {fact for move in moves for arm in move.branch for fact in _facts(arm)}
    known = sorted(facts) if len(facts) <= MOST_FACTS else []
    return (
        dict(zip(known, values, strict=True))
        for values in product((True, False), repeat=len(known))
    )


def _walk(moves: list[Move]) -> list[Move]:
    """One ring of moves of which every goal is a source."""
    onward = {move.source: move for move in reversed(moves)}
    walked: list[Move] = []
    sources: AbstractSet[State] = set()
    state = moves[0].source
    while state not in sources:
        walked.append(onward[state])
        sources = {move.source for move in walked}
        state = onward[state].goal
    begin = next(at for at, move in enumerate(walked) if move.source == state)
    return walked[begin:]
