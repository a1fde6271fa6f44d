"""Questions to a center that runs, or to what it has written."""

from collections.abc import Collection, Sequence
from datetime import datetime

from center.apply import checked_center, compiled
from center.line import NotRunning, open_line
from center.secrets import read_secrets
from center.simulate import Simulation, simulate
from console.place import Place
from ivr.dialogue import Answer
from ivr.script import BadScript, Script
from switchboard.errors import SwitchboardError
from switchboard.pbx.live import LiveView
from switchboard.pbx.process import ask_console
from switchboard.pbx.snapshot import Live

CONSOLE_SECONDS = 10.0


async def live_now(place: Place) -> Live:
    """What Asterisk says is going on now. Raises NotRunning."""
    async with open_line(place.state) as ami:
        return await LiveView(ami).refresh()


class Typed:
    """A person at the terminal, who reads what is heard and types keys; nothing is silence."""

    def answer(self, known: Collection[str], heard: Sequence[str]) -> tuple[Answer, str]:
        """Ask until keys are typed as in a script: `2` and `202` differ by what follows."""
        for text in heard:
            print(f"“{text}”")
        while True:
            try:
                return Script(input("keys> ").strip()).answer(known)
            except BadScript as bad:
                print(bad)


class BadLanguage(SwitchboardError):
    """`--language` is none that the center speaks."""


class BadTime(SwitchboardError):
    """`--at` is not a time in ISO 8601."""


async def simulated(
    place: Place,
    to: str,
    caller: str | None,
    at: str | None,
    keys: str | None,
    language: str | None,
) -> Simulation:
    """Walk one call through the working center; keys None are asked at the terminal.

    Raises Invalid, BadTime, BadLanguage, BadScript.
    """
    center, _ = checked_center(place.directory, place.state)
    zone = center.ground.zone
    try:
        moment = datetime.fromisoformat(at) if at else datetime.now(zone)
    except ValueError:
        raise BadTime(f"“{at}” is not a time such as 2026-12-31T14:00") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    spoken = language or str(center.ground.language)
    if spoken not in center.ground.spoken:
        raise BadLanguage(f"the center speaks {', '.join(center.ground.spoken)}, not {spoken}")
    presses = Typed() if keys is None else Script(keys)
    return await simulate(center, compiled(center), to, caller, moment, presses, spoken)


async def ask_asterisk(place: Place, command: str) -> str:
    """What the console of the running Asterisk answers. Raises NotRunning, AsteriskAway."""
    conf = place.state.etc / "asterisk.conf"
    if not conf.exists():
        raise NotRunning(f"nothing was applied to {place.state.root} yet")
    asterisk = (*place.installation().command, "-C", str(conf))
    return await ask_console(asterisk, command, CONSOLE_SECONDS)


def secrets_of(place: Place) -> dict[str, str]:
    """Extension -> secret. Those that nobody wrote are made now, if they were not before."""
    center, _ = checked_center(place.directory, place.state)
    known = read_secrets(center, place.state)
    return {str(number): known[number] for number in center.router.extensions}
