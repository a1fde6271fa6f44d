"""`agi://.../callrouter`: where a call goes on. The answer is one variable, set last: NEXT.

It is asked from memory and within milliseconds; the dialplan then connects without Python.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from callrouter.routing import Next, next_destination
from callrouter.rules import Arm, Moves, Rulebook, Situation, State, Taken, told
from callrouter.switches import read_switches
from switchboard.pbx.agi_call import AgiCall

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
ANONYMOUS = "anonymous"
CLOCK_OFFSET = "CLOCK_OFFSET"  # seconds; the dialplan's global by which tests move the clock


class Routes(Protocol):
    """What the router asks of an applied version."""

    @property
    def moves(self) -> Moves:
        """The compiled rules."""

    @property
    def rulebook(self) -> Rulebook:
        """What the rules name."""

    def department_hours(self, state: State) -> str | None:
        """The hours of a department's state, None for one that is always open."""

    def target(self, following: Next) -> str:
        """The place in the dialplan where a call goes on: `CONTEXT,EXTENSION,1`."""


def callrouter_handler(
    versions: Callable[[str], Routes | None], clock: Clock
) -> Callable[[AgiCall], Awaitable[None]]:
    """The handler of the route; a call on a version that is not known is left to the twin."""

    async def handle(call: AgiCall) -> None:
        version, state, event, caller = call.request.words(4)
        routes = versions(version)
        if routes is None:
            return
        situation = await situation_of(call, routes.rulebook, caller, clock)
        following = next_destination(
            routes.moves, state, event, routes.department_hours(state), situation
        )
        if following.event != event:
            department = state.removeprefix("department/")
            await call.execute("CELGenUserEvent", f"overflow,{department} {following.event}")
        if following.taken:
            await tell_rule(call, routes.moves, state, following.event, following.taken)
        await change(call, following.arm)
        if following.arm.announce:
            await call.set_variable("BARGE", "barge" if following.arm.barge else "s")
            await call.set_variable("ANNOUNCE", f"sb/{following.arm.announce}")
        log.info("%s %s %s %s: %s", call.request.uniqueid, version, state, event, following.goal)
        await call.set_variable("NEXT", routes.target(following))

    return handle


async def situation_of(
    call: AgiCall, rulebook: Rulebook, caller: str, clock: Clock, language: str | None = None
) -> Situation:
    """What rules ask about a call at this moment; `caller` in E.164 or `anonymous`."""
    offset = await call.get_variable(CLOCK_OFFSET)
    return Situation(
        rulebook,
        clock() + timedelta(seconds=int(offset or 0)),
        None if caller == ANONYMOUS else caller,
        language or call.request.language,
        await read_switches(call, rulebook),
    )


async def tell_rule(call: AgiCall, moves: Moves, state: State, event: str, taken: Taken) -> None:
    """Write into the records which of several rules was taken, as the twin does."""
    branch = moves.get((state, event), ())
    if len(branch) > 1:
        rule = told(state, event, branch, taken.position)
        await call.execute("CELGenUserEvent", f"rule,{rule}")


async def change(call: AgiCall, arm: Arm) -> None:
    """Change the call as a rule says: priority, fax tone, language."""
    if arm.priority:
        await call.set_variable("QUEUE_PRIO", str(arm.priority))
    if arm.fax_tone:
        await call.set_variable("FAX", arm.fax_tone)
        await call.set_variable("FAXOPT(faxdetect)", "cng")
    if arm.language:  # last: lost after it, the call may come to a rule that asks for the language
        await call.execute("CELGenUserEvent", f"language,{arm.language}")
        await call.set_variable("CHANNEL(language)", arm.language)
