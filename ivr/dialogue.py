"""Walks the compiled table over one call: asks, follows keys and rules, ends at a destination.

The same walk serves calls, `simulate` and tests; what differs is the line. It knows no Asterisk, no
file and no database.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from callrouter.routing import ENTERS
from callrouter.rules import Arm, Event, Situation, State, Taken, take
from callrouter.section import OTHER
from ivr.menu import MOST_MENUS
from ivr.table import Ask, Table

REPEAT, BACK = "repeat", "back"
LAST_DIGITS, REST = "extension/last ", f"arrival/{OTHER}"
UNKNOWN_NUMBER = (Arm("reject/missing"),)  # dialled, not in `numbers`, and there is no `other`


class Entry(Enum):
    """How a caller answered a question."""

    KEY = "OK"
    WRONG = "INVALID"
    SILENCE = "TIMEOUT"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was pressed; `key` is empty unless it is one that the menu knows."""

    entry: Entry
    key: str = ""


class Line(Protocol):
    """The caller's side. A method that raises (he has hung up) ends the walk."""

    @property
    def language(self) -> str:
        """The language of the call."""

    async def enter(self, menu: str, trail: tuple[str, ...]) -> None:
        """A menu is entered anew; `trail` are the menus before it, the nearest last."""

    async def ask(self, menu: str, prompt: str, tries: int, played: int) -> Answer:
        """Play a prompt and read what is pressed; it is the menu's Nth try, the call's Mth menu."""

    async def announce(self, prompt: str, arm: Arm) -> None:
        """Play an arm's prompt to its end, or until a key where `barge` allows it."""

    async def situation(self) -> Situation:
        """What rules ask about, at this moment."""

    async def took(self, state: State, event: Event, taken: Taken) -> None:
        """A rule was taken: tell the records, and change the call's language and the like."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a call is in its menus: the current one, those before it, how many were played."""

    menu: str = ""
    trail: tuple[str, ...] = ()
    played: int = 0


NOWHERE = Position()


class Dialogue:
    """One call's walk, from the position it had when it was left; `dialled` is in E.164."""

    def __init__(
        self, table: Table, line: Line, dialled: str, position: Position = NOWHERE
    ) -> None:
        self._table = table
        self._line = line
        self._dialled = dialled
        self._menu = position.menu
        self._trail = list(position.trail)
        self._played = position.played

    async def walk(self, state: State, event: Event) -> State:
        """From an event (`arrives` at a number, `enters` a menu, ...) to where the menus end:
        a state that is no menu, or `hangup`."""
        arm = Arm(state) if event == ENTERS else await self._take(state, event)
        while True:
            if arm.goal == REST:
                arm = await self._take(REST, "arrives")
            elif self._moves_to_menu(arm):
                await self._line.enter(self._menu, tuple(self._trail))
                arm = await self._ask(self._menu, self._table.menus[self._menu])
            else:
                return arm.goal

    async def _ask(self, name: str, ask: Ask) -> Arm:
        """Play a menu until a key leads on, at most `tries` times."""
        prompt = ask.long
        for tries in range(1, ask.tries + 1):
            self._played += 1
            if self._played > MOST_MENUS:
                break
            answer = await self._line.ask(name, prompt, tries, self._played)
            if answer.entry is Entry.KEY:
                return await self._pressed(name, ask, answer.key)
            prompt = ask.wrong if answer.entry is Entry.WRONG else ask.short
        return await self._take(f"menu/{name}", "otherwise")

    async def _pressed(self, name: str, ask: Ask, key: str) -> Arm:
        if (f"menu/{name}", f"key {key}") in self._table.moves:
            return await self._take(f"menu/{name}", f"key {key}")
        return Arm(goal=f"extension/{key}")

    async def _take(self, state: State, event: Event) -> Arm:
        """Take the rule that holds, and play its announcement."""
        branch = self._table.moves.get((state, event), UNKNOWN_NUMBER)
        sole = Taken(branch[0], 1, ())
        taken = take(branch, await self._line.situation()) if len(branch) > 1 else sole
        await self._line.took(state, event, taken)
        arm = self._by_last_digits(taken.arm)
        if arm.announce:
            await self._line.announce(arm.announce, arm)
        return arm

    def _by_last_digits(self, arm: Arm) -> Arm:
        """The arm with the extension that a number of a range means, else the rest of numbers."""
        if not arm.goal.startswith(LAST_DIGITS):
            return arm
        goal = f"extension/{self._dialled[-int(arm.goal.removeprefix(LAST_DIGITS)) :]}"
        return replace(arm, goal=goal if (goal, "otherwise") in self._table.moves else REST)

    def _moves_to_menu(self, arm: Arm) -> bool:
        """Whether the arm leads to a menu; then `_menu` and `_trail` are those of that menu."""
        kind, _, name = arm.goal.partition("/")
        if kind == "menu":
            if self._menu:
                self._trail.append(self._menu)
            self._menu = name
        elif arm.goal == BACK and self._trail:
            self._menu = self._trail.pop()
        return kind == "menu" or arm.goal in (REPEAT, BACK)
