"""Walk a call through a center with the production engine, without Asterisk, and tell each step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callrouter.routing import ENTERS, next_destination
from callrouter.rules import Arm, Event, Rulebook, Situation, State, Taken
from callrouter.section import OTHER
from center.load import Center
from ivr.dialogue import Answer, Dialogue, Entry, Position
from ivr.table import Table, arrivals
from switchboard.numbering import numbering_plan

MOST_HOPS = 20  # departments and phones that one call may be passed through, as in the dialplan
RESULTS = {Entry.WRONG: "wrong key", Entry.SILENCE: "silence"}


@dataclass
class Step:
    """One prompt heard, or one rule taken: in which menu, what was pressed, what followed, why."""

    menu: str | None
    heard: list[str]
    key: str | None = None
    result: str = ""
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Simulation:
    """A walk and its end; `destination` is one kind and one name."""

    steps: Sequence[Step]
    destination: dict[str, str]
    language: str


class Keys(Protocol):
    """What the caller presses: a script, or a person at a terminal."""

    def answer(self, known: Collection[str], heard: Sequence[str]) -> tuple[Answer, str]:
        """The answer to one question whose keys are `known`, and what was pressed for it."""


async def simulate(
    center: Center,
    table: Table,
    to: str,
    caller: str | None,
    at: datetime,
    keys: Keys,
    language: str,
) -> Simulation:
    """Walk one call; `to` and `caller` in any form of the country, `caller` None when withheld."""
    plan = numbering_plan(center.ground.country)
    assert plan is not None  # noqa: S101 - `check` has refused other countries
    dialled, known = plan.e164(_cleaned(to)), plan.e164(_cleaned(caller or ""))
    line = SimulatedLine(center, table, known or None, at, keys, language)
    state = arrivals(table, plan).state(dialled)
    if state == f"arrival/{OTHER}":
        line.explain(f"“{to}” is none of `numbers`: `other` takes it")
    state = await Dialogue(table, line, dialled).walk(state, "arrives")
    for _ in range(MOST_HOPS):
        hours = table.department_hours.get(state.removeprefix("department/"))
        if not state.startswith("department/") or hours is None:
            break
        following = next_destination(table.moves, state, ENTERS, hours, await line.situation())
        if following.taken is None:
            break
        line.note(f"{state.replace('/', ' ')} is closed")
        position = Position(line.menu, line.trail, line.played)
        state = await Dialogue(table, line, dialled, position).walk(state, following.event)
    return Simulation(line.steps, destination_of(state), line.language)


def _cleaned(number: str) -> str:
    """What the dialplan keeps of a number."""
    return "".join(character for character in number if character in "+0123456789")


def destination_of(goal: State) -> dict[str, str]:
    """`{KIND: NAME}` of where a walk ended."""
    kind, _, name = goal.partition("/")
    return {kind: name or kind}


class SimulatedLine:
    """The caller's side of a simulated call: his keys are a script, his ears a list of steps."""

    def __init__(
        self,
        center: Center,
        table: Table,
        caller: str | None,
        at: datetime,
        keys: Keys,
        language: str,
    ) -> None:
        router = center.router
        self._rulebook = Rulebook(router.hours, router.callers, center.ground.zone)
        self._table = table
        self._caller = caller
        self._at = at
        self._keys = keys
        self._language = language
        self._pending: Step | None = None
        self._why: list[str] = []
        self.steps: list[Step] = []
        self.menu = ""
        self.trail: tuple[str, ...] = ()
        self.played = 0

    @property
    def language(self) -> str:
        """The language of the call."""
        return self._language

    async def enter(self, menu: str, trail: tuple[str, ...]) -> None:
        self.menu, self.trail = menu, trail

    async def ask(self, menu: str, prompt: str, tries: int, played: int) -> Answer:
        self.played = played
        heard = self._heard(prompt)
        answer, pressed = self._keys.answer(self._known(menu), heard)
        step = Step(menu, heard, pressed or None, RESULTS.get(answer.entry, ""))
        self.steps.append(step)
        self._pending = step if answer.entry is Entry.KEY else None
        if answer.entry is Entry.KEY and answer.key in self._table.menus[menu].dialled:
            step.result = f"extension {answer.key}"
        return answer

    async def announce(self, prompt: str, arm: Arm) -> None:
        self.steps.append(Step(None, self._heard(prompt), result="announcement"))

    async def situation(self) -> Situation:
        return Situation(self._rulebook, self._at, self._caller, self._language)

    async def took(self, state: State, event: Event, taken: Taken) -> None:
        self._language = taken.arm.language or self._language
        result = taken.arm.goal.replace("/", " ", 1)
        why, self._why = [*self._why, *taken.because], []
        if self._pending is not None:
            self._pending.result, self._pending.why = result, why
            self._pending = None
        else:
            menu = state.removeprefix("menu/") if state.startswith("menu/") else None
            self.steps.append(Step(menu, [], None, f"{event}: {result}", why))

    def explain(self, reason: str) -> None:
        """Give the next step one more reason."""
        self._why.append(reason)

    def note(self, result: str) -> None:
        """Add a step in which nothing is heard."""
        self.steps.append(Step(None, [], result=result))

    def _known(self, menu: str) -> set[str]:
        events = (event for event, _ in self._table.events(f"menu/{menu}"))
        keys = {event.removeprefix("key ") for event in events if event.startswith("key ")}
        return keys | self._table.menus[menu].dialled

    def _heard(self, prompt: str) -> list[str]:
        return [str(part.text) for part in self._table.prompts[prompt][self._language].parts]
