"""The contestants: one small center, applied once for each, and what carries its menus.

Prompts, modules, logs and trunk are the same for all, only the dialplan differs. The calls are
placed from 127.0.0.2 (`menu.xml`), to +74950000001: key 2 in the first menu, key 1 in the second,
a goodbye.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.stand.heard import CelFile
from bench.stand.servers import Server, asterisk_alone, switchboard_run
from center.apply import apply_center, checked_center, compiled
from center.state import State
from ivr.table import Table
from switchboard.pbx.installation import Installation
from tests.centers import write_center

CENTER = """\
name: Bench
timezone: Europe/Moscow
country: RU
language: en
listen: {{sip: "{address}:5060", ami: "{address}:5038", agi: "{address}:4573"}}
trunks: {{carrier: {{host: "127.0.0.3:5090", accept_from: [127.0.0.2]}}}}
numbers: {{"+74950000001": {{menu: main}}}}
"""
MAIN = """\
prompt: {say: "Welcome to Acme. For sales press one. For support press two."}
keys: {2: {menu: support}}
otherwise: {goodbye: {say: Goodbye}}
"""
SUPPORT = """\
prompt: {say: "Support. For repairs press one. For spare parts press two."}
keys: {1: {goodbye: {say: Goodbye}}}
otherwise: {goodbye: {say: Goodbye}}
"""
BY_HAND = Path(__file__).with_name("by_hand.conf")


@dataclass(frozen=True)
class Stand:
    """A contestant that takes calls."""

    name: str
    address: str
    pid: int  # the root of all its processes
    cel: CelFile
    goodbye: str  # the sound that a call must reach


def by_hand(table: Table) -> str:
    """What a good engineer writes for the same call: the yardstick of all others."""
    sounds = {
        "{{main}}": table.menus["main"].long,
        "{{support}}": table.menus["support"].long,
        "{{goodbye}}": _goodbye(table),
    }
    text = BY_HAND.read_text()
    for mark, prompt in sounds.items():
        text = text.replace(mark, f"sb/{prompt}")
    return text


@dataclass(frozen=True)
class Contestant:
    """`dialplan` writes its `extensions.conf`; without it the rendered one stays."""

    name: str
    address: str
    server: Server
    dialplan: Callable[[Table], str] | None = None


CONTESTANTS = (
    # the first is what the others are held to
    Contestant("hand-written", "127.0.1.1", asterisk_alone, by_hand),
    Contestant("twin, Python away", "127.0.1.2", asterisk_alone),
    Contestant("engine", "127.0.1.3", switchboard_run),
)


@asynccontextmanager
async def running(
    contestant: Contestant, home: Path, installation: Installation
) -> AsyncIterator[Stand]:
    """Starts a contestant in the directory `home`. Raises SwitchboardError."""
    center = write_center(
        home / "center",
        CENTER.format(address=contestant.address),
        {"main": MAIN, "support": SUPPORT},
    )
    state = State.beside(center)
    await apply_center(center, state, installation)
    table = compiled(checked_center(center)[0])
    if contestant.dialplan:
        (state.etc / "extensions.conf").write_text(contestant.dialplan(table))
    async with contestant.server(center, installation) as pid:
        yield Stand(
            contestant.name,
            contestant.address,
            pid,
            CelFile(state.asterisk / "log" / "cel-custom" / "cel.csv"),
            f"sb/{_goodbye(table)}",
        )


def _goodbye(table: Table) -> str:
    (arm,) = table.moves["menu/support", "key 1"]
    return arm.goal.removeprefix("goodbye/")
