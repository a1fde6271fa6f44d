"""The contestants: one small center, applied once for each, and what carries its menus.

Prompts, modules, logs and trunk are the same for all, only the dialplan differs. The calls are
placed from 127.0.0.2 (`menu.xml`), to +74950000001: key 2 in the first menu, key 1 in the second,
a goodbye.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.stand.heard import CelFile
from bench.stand.servers import Server, asterisk_alone, switchboard_run
from bench.stand.usage import cpu_seconds, own_cpu_seconds
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
listen: {{sip: "{address}:5060", ami: "{address}:5038", agi: "{address}:4573", rtp: "10000-19999"}}
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
BY_SCRIPT, SCRIPT = BY_HAND.with_name("by_script.conf"), BY_HAND.with_name("by_script.py")


@dataclass(frozen=True)
class Stand:
    """A contestant that takes calls."""

    name: str
    address: str
    pid: int  # the root of all its processes
    keeps_records: bool  # the root is `run`, which carries no call
    rates: tuple[int, ...]
    cel: CelFile
    goodbye: str  # the sound that a call must reach

    def cpu(self) -> "Cpu":
        """What it has used until now."""
        records = own_cpu_seconds(self.pid) if self.keeps_records else 0.0
        return Cpu(cpu_seconds(self.pid) - records, records)


@dataclass(frozen=True)
class Cpu:
    """Seconds of a processor: of what carries calls, and of `run` itself, which keeps records."""

    calls: float
    records: float

    def since(self, before: "Cpu", idle: "Cpu | None" = None, seconds: float = 1.0) -> "Cpu":
        """What was used from `before` on, without what it uses each second while nobody calls."""
        rest = idle or Cpu(0.0, 0.0)
        return Cpu(
            self.calls - before.calls - rest.calls * seconds,
            self.records - before.records - rest.records * seconds,
        )

    def each_second(self, seconds: float) -> "Cpu":
        """Used within so many seconds: how much of a processor that is."""
        return Cpu(self.calls / seconds, self.records / seconds)


def by_hand(table: Table) -> str:
    """What a good engineer writes for the same call: the yardstick of all others."""
    return _with_sounds(BY_HAND.read_text(), table)


def by_script(table: Table) -> str:
    """A process for each call, written with pyst2, which Asterisk starts by itself."""
    text = BY_SCRIPT.read_text().replace("{{python}}", sys.executable)
    return _with_sounds(text.replace("{{script}}", str(SCRIPT)), table)


def _with_sounds(text: str, table: Table) -> str:
    sounds = {
        "{{main}}": table.menus["main"].long,
        "{{support}}": table.menus["support"].long,
        "{{goodbye}}": _goodbye(table),
    }
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
    rates: tuple[int, ...] = (10, 30, 60)  # calls a second


CONTESTANTS = (
    # the first is what the others are held to
    Contestant("hand-written", "127.0.1.1", asterisk_alone, by_hand),
    Contestant("twin, Python away", "127.0.1.2", asterisk_alone),
    Contestant("engine", "127.0.1.3", switchboard_run),
    Contestant("process for each call", "127.0.1.4", asterisk_alone, by_script, rates=(10,)),
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
            contestant.server is switchboard_run,
            contestant.rates,
            CelFile(state.asterisk / "log" / "cel-custom" / "cel.csv"),
            f"sb/{_goodbye(table)}",
        )


def _goodbye(table: Table) -> str:
    (arm,) = table.moves["menu/support", "key 1"]
    return arm.goal.removeprefix("goodbye/")
