"""A scripted caller rings the running demo and tells, step by step, what it heard and who answered.

An agent of its own takes the call on a free extension; where a softphone is registered already,
that one rings and you may answer it yourself.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from center.apply import compiled
from center.current import read_version
from center.load import Center
from center.secrets import read_secrets
from console.ask import live_now
from console.place import Place
from ivr.table import Table
from switchboard.errors import SwitchboardError
from switchboard.pbx.snapshot import Live
from tests.sip.call import Call
from tests.sip.phone import Phone, PhoneError
from tests.sip.ring import Ring
from tests.sip.sound import tone

out = Console(highlight=False, soft_wrap=True)
CALLER = "+79161112233"
ANSWER_SECONDS = 30
JOURNEYS = (  # number dialled, its language, keys by menu, department reached
    ("+74950000001", "ru", {"main": "2", "support": "2"}, "support"),
    ("+74950000002", "en", {"main": "1"}, "sales"),
)


class DemoAway(SwitchboardError):
    """The demo center is not running; start it with `make run` in another terminal."""


async def main() -> None:
    """Walk every journey; raises DemoAway, or AssertionError where the demo is not as it should."""
    place = Place.of(Path(__file__).parent, None)
    try:
        live = await live_now(place)
    except SwitchboardError as away:
        raise DemoAway("the demo is not running; start it with `make run`") from away
    served = place.state.applied()
    center = read_version(place.state, served) if served else None
    if center is None:
        raise DemoAway("what is served cannot be read; run `switchboard --center demo apply`")
    for number, language, keys, department in JOURNEYS:
        await journey(place, center, live, number, language, keys, department)


async def journey(
    place: Place,
    center: Center,
    live: Live,
    number: str,
    language: str,
    keys: dict[str, str],
    department: str,
) -> None:
    """Dial, press the keys as each menu is heard, and talk to whoever answers."""
    table = compiled(center)
    sounds = place.state.sounds / language / "sb"
    prompts = {menu: sounds / f"{table.menus[menu].long}.wav" for menu in keys}
    async with AsyncExitStack() as phones:
        agents = [
            await phones.enter_async_context(agent)
            for agent in _free_agents(place, center, live, department)
        ]
        trunk = center.router.trunks[next(iter(center.router.trunks))]
        line = Phone(at=center.ground.listen.sip, listen=trunk.accept_from[0], prompts=prompts)
        caller = await phones.enter_async_context(line)
        out.print(f"[bold]{CALLER} dials {number}[/bold]")
        call = await caller.dial(number, from_number=CALLER)
        await call.answered()
        for menu, key in keys.items():
            await _hear_and_press(call, table, menu, language, key)
        await _talk(place, call, agents, department)


def _free_agents(place: Place, center: Center, live: Live, department: str) -> list[Phone]:
    """A telephone for each member of the department whose own is not registered."""
    known = read_secrets(center, place.state)
    members = next(
        found.members for name, found in center.router.departments.items() if name == department
    )
    return [
        Phone(
            at=center.ground.listen.sip,
            register=str(member.extension),
            secret=known[member.extension],
        )
        for member in members
        if not live.extensions[member.extension].registered
    ]


async def _hear_and_press(call: Call, table: Table, menu: str, language: str, key: str) -> None:
    heard = await call.hears(menu, within=10)
    assert heard, f"the menu {menu} was not heard; heard so far: {call.heard()}"
    text = " ".join(part.text for part in table.prompts[table.menus[menu].long][language].parts)
    out.print(f"  hears   “{text}”")
    await call.press(key)
    out.print(f"  presses {key}")


async def _talk(place: Place, call: Call, agents: list[Phone], department: str) -> None:
    """Whoever answers says something that the caller hears, and the other way round."""
    ring = await _first_ring(place, agents)
    if ring is None:
        out.print(f"  waits in {department}; you answer, and hear a tone")
        await call.say(tone(500))
        await call.hangup()
        return
    out.print(f"  waits in {department}; a phone rings and shows “{ring.from_name or CALLER}”")
    talk = await ring.answer()
    await asyncio.gather(talk.say(tone(700)), call.say(tone(500)))
    assert await call.hears_tone(700), "the caller does not hear the agent"
    assert await talk.hears_tone(500), "the agent does not hear the caller"
    out.print("  is answered; both hear each other")
    await call.hangup()


async def _first_ring(place: Place, agents: list[Phone]) -> Ring | None:
    """The telephone of ours that rings first, None when a softphone has answered instead."""
    rings = [asyncio.create_task(agent.rings(within=ANSWER_SECONDS)) for agent in agents]
    softphone = asyncio.create_task(_softphone_answers(place))
    try:
        done, _ = await asyncio.wait({*rings, softphone}, return_when=asyncio.FIRST_COMPLETED)
        if softphone in done:
            return softphone.result()
        return next(task.result() for task in rings if task in done)
    finally:
        for task in (*rings, softphone):
            task.cancel()


async def _softphone_answers(place: Place) -> None:
    """Wait until somebody talks. Raises AssertionError after ANSWER_SECONDS."""
    for _ in range(ANSWER_SECONDS):
        if any(call.talking_to for call in (await live_now(place)).calls):
            return
        await asyncio.sleep(1)
    raise AssertionError(f"nobody answered within {ANSWER_SECONDS} s")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (SwitchboardError, PhoneError, AssertionError) as trouble:
        sys.exit(f"demo: {trouble}")
