"""One call walked in three ways: by `simulate`, by the printed dialplan alone, and by the engine.

The engine's own handlers run here against the interpreter of the dialplan, so that they can also be
lost at any command: the twin then goes on in the text, as it would in Asterisk.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from callrouter.agi import callrouter_handler
from callrouter.rules import Rulebook
from center.apply import checked_center, compiled
from center.load import Center
from center.render import DIALPLAN, Job, render_files
from center.secrets import read_secrets
from center.simulate import destination_of, simulate
from center.state import State
from ivr.agi import ivr_handler
from ivr.script import Script
from ivr.snapshot import Snapshot
from ivr.table import Table, arrivals
from switchboard.pbx.agi_call import AgiRequest, CallEnded
from switchboard.pbx.installation import Installation
from tests.dialplan import Agi, Caller, Channel, Context, World, read_dialplan, refused

NOWHERE = Path("/nowhere")
INSTALLATION = Installation("22", ("asterisk",), NOWHERE, NOWHERE, {})
NUMBER = 7
TODAY = date(2026, 11, 20)
COMMON = "sb/"


@dataclass(frozen=True)
class Printed:
    """A center, compiled and printed."""

    center: Center
    table: Table
    contexts: dict[str, Context]
    snapshot: Snapshot


@dataclass(frozen=True)
class Dialled:
    """One call: `caller` as the carrier writes him, None when withheld."""

    to: str
    caller: str | None
    at: datetime
    keys: str
    switches: dict[str, str] = field(default_factory=dict)


@dataclass
class Walked:
    """What was heard (each prompt as its texts), where the call went, and in which language."""

    heard: list[list[str]]
    destination: dict[str, str]
    language: str


@dataclass
class Told(Walked):
    """Also what the records were told, and what the call carries on."""

    events: list[str]
    carried: dict[str, str]
    steps: int  # of the dialplan
    commands: list[str] = field(default_factory=list)  # of the engine's


def printed(directory: Path) -> Printed:
    """A center of a directory that `check` accepts."""
    center, _ = checked_center(directory)
    table = compiled(center)
    state = State(directory / "state")
    seconds = {(name, spoken): 1.0 for name in table.prompts for spoken in table.languages}
    secrets = read_secrets(center, state)
    job = Job(center, table, seconds, secrets, INSTALLATION, state, NUMBER, (), TODAY)
    files = render_files(job)
    contexts = read_dialplan(files["extensions.conf"] + "\n" + files[DIALPLAN])
    rulebook = Rulebook(center.router.hours, center.router.callers, center.ground.zone)
    begins = arrivals(table, job.plan)
    return Printed(center, table, contexts, Snapshot(job.version, table, rulebook, begins, seconds))


async def simulated(printed: Printed, call: Dialled) -> Walked:
    """As `switchboard simulate` walks it."""
    language = str(printed.center.ground.language)
    keys = Script(call.keys)
    walk = await simulate(
        printed.center, printed.table, call.to, call.caller, call.at, keys, language
    )
    heard = [step.heard for step in walk.steps if step.heard]
    return Walked(heard, walk.destination, walk.language)


async def native(printed: Printed, call: Dialled) -> Told:
    """As the dialplan walks it without Python."""
    return await _walked(printed, call, refused)


async def carried(printed: Printed, call: Dialled, loss: "Loss | None" = None) -> Told:
    """As the engine walks it; with a loss it is not there any more after so many commands."""
    engine = Engine(printed.snapshot, call.at, loss)
    told = await _walked(printed, call, engine.answer)
    told.commands = engine.commands
    return told


async def _walked(printed: Printed, call: Dialled, agi: Agi) -> Told:
    database = {f"switch/{name}": word for name, word in call.switches.items()}
    caller = call.caller or "anonymous"
    variables = {
        "CHANNEL(language)": str(printed.center.ground.language),
        "CHANNEL(endpoint)": "carrier",
        **{"CALLERID(num)": caller, "CALLERID(ani)": caller, "CALLERID(dnid)": call.to},
    }
    world = World(printed.contexts, call.at.astimezone(UTC), database)
    channel = Channel(world, Caller(call.keys), variables, agi)
    context, number, application = await channel.walk("from-trunk", call.to)
    state = _state(context, number, application, channel)
    carried = {name: channel.variables.get(name, "") for name in ("QUEUE_PRIO", "FAX", "CALLER")}
    heard = _heard(printed.table, channel)
    walked = (heard, destination_of(state), channel.language)
    return Told(*walked, channel.events, carried, channel.steps)


def _state(context: str, number: str, application: str, channel: Channel) -> str:
    """The destination, by where in the parts of the dialplan the call has left it."""
    states = {
        "serve": f"department/{channel.variables.get('DEPARTMENT')}",
        "ring": f"extension/{number}",
        f"dial-out-v{NUMBER}": f"number/{number}",
        "leave-message": f"voicemail/{channel.variables.get('MAILBOX')}",
        "receive-fax": f"fax/{channel.variables.get('FAX')}",
        "goodbye": "hangup" if number == "hangup" else f"goodbye/{number}",
        "reject": f"reject/{number}",
    }
    return states[context]


def _heard(table: Table, channel: Channel) -> list[list[str]]:
    """The texts of menus and announcements; a goodbye or a greeting is part of the destination."""
    announced = {event.removeprefix("announcement ") for event in channel.events}
    return [
        [str(part.text) for part in table.prompts[sound.removeprefix(COMMON)][language].parts]
        for application, sound, language in channel.heard
        if application == "ReadExten" or sound in announced
    ]


@dataclass(frozen=True)
class Loss:
    """The engine is lost after so many commands: killed, or (`stalls`) it says nothing any more."""

    commands: int
    stalls: bool = False


class Lost(CallEnded):
    """The engine is not there any more."""


class Engine:
    """The production handlers, as Asterisk would meet them on the AGI port."""

    def __init__(self, snapshot: Snapshot, at: datetime, loss: Loss | None) -> None:
        versions = {snapshot.version: snapshot}
        self._handlers: dict[str, Callable[..., Awaitable[None]]] = {
            "ivr": ivr_handler(versions.get, lambda: at),
            "callrouter": callrouter_handler(versions.get, lambda: at),
        }
        self._loss = loss
        self.commands: list[str] = []

    async def answer(self, channel: Channel, route: str, args: list[str]) -> None:
        """One `AGI()`."""
        try:
            await self._handlers[route](EngineCall(self, channel, args))
        except Lost:
            if self._loss and self._loss.stalls:
                channel.jump("T,1")

    def says(self, command: str) -> None:
        """One command more. Raises Lost when it is not there any more to say it."""
        if self._loss and len(self.commands) >= self._loss.commands:
            raise Lost
        self.commands.append(command)


class EngineCall:
    """What a handler may ask of its call (`AgiCall`), answered by the interpreter."""

    def __init__(self, engine: Engine, channel: Channel, args: list[str]) -> None:
        self._engine = engine
        self._channel = channel
        language = channel.language
        self.request = AgiRequest("ivr", tuple(args), "1.1", "", language, "", "", "", "", "")

    async def get_variable(self, name: str) -> str:
        self._engine.says(f"get {name}")
        return self._channel.value(name)

    async def set_variable(self, name: str, value: str) -> None:
        self._engine.says(f"set {name}")
        self._channel.variables[name] = value

    async def execute(self, application: str, options: str) -> None:
        self._engine.says(application)
        await self._channel.run(f"{application}({options})")

    async def gosub(self, context: str, extension: str, priority: int, *args: str) -> bool:
        self._engine.says(context)
        await self._channel.subroutine(f"{context},{extension},{priority}({','.join(args)})")
        return True
