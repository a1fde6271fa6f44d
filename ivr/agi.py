"""`agi://.../ivr`: walks the menus with one caller. The answer is one variable, set last: DEST.

The dialplan holds the guard: it gives us 3 s, and only its own `ask` and `announce` lift that.
Whatever happens to this program, the call goes on where the dialplan's RESUME says.
"""

import logging
from collections.abc import Awaitable, Callable

from callrouter.agi import Clock, change, situation_of, tell_rule
from callrouter.rules import Arm, Event, Situation, State, Taken
from ivr.dialogue import Answer, Dialogue, Entry, Position
from ivr.snapshot import Snapshot
from ivr.twin import place, target
from switchboard.pbx.agi_call import AgiCall, CallEnded

log = logging.getLogger(__name__)

ENTRIES = {entry.value: entry for entry in Entry}


def ivr_handler(
    versions: Callable[[str], Snapshot | None], clock: Clock
) -> Callable[[AgiCall], Awaitable[None]]:
    """The handler of the route; a call on a version that is not known is left to the twin."""

    async def handle(call: AgiCall) -> None:
        version, state, event, dialled, caller, menu, trail, played = call.request.words(8)
        snapshot = versions(version)
        if snapshot is None:
            return
        if event == "arrives":
            state = snapshot.arrivals.state(dialled)
        position = Position(menu, _trail(trail), int(played or 0))
        line = DialplanLine(call, snapshot, caller, clock, menu)
        goal = await Dialogue(snapshot.table, line, dialled, position).walk(state, event)
        log.info("%s %s goes to %s", call.request.uniqueid, version, goal)
        await call.set_variable("DEST", target(goal, version))

    return handle


def _trail(written: str) -> tuple[str, ...]:
    """The dialplan keeps the nearest menu first, the dialogue last."""
    return tuple(reversed([name for name in written.split(":") if name]))


class DialplanLine:
    """The caller's side of a real call, reached through the dialplan's `ask` and `announce`."""

    def __init__(
        self, call: AgiCall, snapshot: Snapshot, caller: str, clock: Clock, menu: str
    ) -> None:
        self._call = call
        self._snapshot = snapshot
        self._caller = caller
        self._clock = clock
        self._language = call.request.language
        self._menu = menu
        self._trail: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """The language of the call."""
        return self._language

    async def enter(self, menu: str, trail: tuple[str, ...]) -> None:
        self._menu, self._trail = menu, trail

    async def ask(self, menu: str, prompt: str, tries: int, played: int) -> Answer:
        """The dialplan learns with each question where the call is, to go on from there alone."""
        ask, version = self._snapshot.table.menus[menu], self._snapshot.version
        seconds = self._snapshot.seconds[prompt, self._spoken] + ask.wait_seconds
        await self._subroutine(
            "ask",
            menu,
            f"sb/{prompt}",
            f"{seconds:.1f}",
            f"{ask.digit_seconds:g}",
            str(tries),
            str(played),
            {ask.wrong: "wrong", ask.short: "short", ask.long: "long"}[prompt],
            "".join(f"{name}:" for name in reversed(self._trail)),
        )
        entry, _, key = (await self._call.get_variable("ANSWER")).partition(" ")
        log.info("%s %s asked %s: %s %s", self._call.request.uniqueid, version, menu, entry, key)
        if entry not in ENTRIES:
            raise CallEnded(f"asked, the caller answered {entry!r}")
        return Answer(ENTRIES[entry], key if entry == Entry.KEY.value else "")

    async def announce(self, prompt: str, arm: Arm) -> None:
        """The dialplan learns where the call goes afterwards: the rule is not asked again."""
        context, extension, _ = place(arm.goal, self._menu, self._snapshot.version).split(",")
        barge = "barge" if arm.barge else "s"
        await self._subroutine("announce", f"sb/{prompt}", barge, context, extension)

    async def situation(self) -> Situation:
        rulebook = self._snapshot.rulebook
        return await situation_of(self._call, rulebook, self._caller, self._clock, self._language)

    async def took(self, state: State, event: Event, taken: Taken) -> None:
        await tell_rule(self._call, self._snapshot.table.moves, state, event, taken)
        await change(self._call, taken.arm)
        self._language = taken.arm.language or self._language

    @property
    def _spoken(self) -> str:
        """The language in which this call hears the center's prompts."""
        table = self._snapshot.table
        return self._language if self._language in table.languages else table.language

    async def _subroutine(self, context: str, *arguments: str) -> None:
        if not await self._call.gosub(context, "engine", 1, *arguments):
            raise CallEnded(f"the call left {context} in another way")
