"""Extensions whose calls outside were stopped: Asterisk's database says so, and refuses them.

The dialplan (`parts/outbound.conf.j2`) writes `stopped/NUMBER` by itself, so that a stop holds
with Python away; here it is read, told and taken back.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from switchboard.errors import SwitchboardError
from switchboard.pbx.ami import Ami, AmiRefused
from switchboard.pbx.astdb import read_family
from switchboard.watch import Trouble

WORDS = {
    "refusals": "{extension} tried numbers that it may not call, at last {number}",
    "country": "{extension} called {number}: nobody here has ever called that country",
    "night": "{extension} called {number} at night",
}
MEND = "if that is well, `switchboard outbound release {extension}`; else change its secret first"


class NotStopped(SwitchboardError):
    """The calls outside of this extension are not stopped."""


@dataclass(frozen=True)
class Stopped:
    """An extension, why (`refusals`, `country`, `night`), since when, and the number it dialled."""

    extension: str
    reason: str
    since: datetime
    number: str

    @property
    def words(self) -> str:
        """What happened, in one line."""
        what = WORDS.get(self.reason, "{extension} called {number}")
        told = what.format(extension=self.extension, number=self.number)
        return f"extension {told}; its calls outside are stopped"


async def read_stopped(ami: Ami) -> list[Stopped]:
    """Every extension that is stopped, by number. Raises as `Ami.ask`."""
    entries = await read_family(ami, "stopped")
    return [_stopped(extension, value) for extension, value in sorted(entries.items())]


def _stopped(extension: str, value: str) -> Stopped:
    reason, since, number = [*value.split(":"), "0", ""][:3]
    moment = datetime.fromtimestamp(int(since) if since.isdecimal() else 0, UTC)
    return Stopped(extension, reason, moment, number)


async def release(ami: Ami, extension: str, now: datetime) -> None:
    """Let an extension call outside again; for a while also at night. Raises NotStopped."""
    try:
        await ami.ask("DBDel", Family="stopped", Key=extension)
    except AmiRefused:
        raise NotStopped(f"the calls outside of {extension} are not stopped") from None
    seconds = str(int(now.timestamp()))
    await ami.ask("DBPut", Family="released", Key=extension, Val=seconds)
    await ami.ask("DBPut", Family="refusals", Key=extension, Val=f"{seconds}-0")


async def outbound_troubles(ami: Ami, today: date) -> list[Trouble]:
    """Stopped extensions, and a day whose minutes are used up. Raises as `Ami.ask`."""
    troubles = [
        Trouble(f"outbound:{one.extension}", one.words, MEND.format(extension=one.extension))
        for one in await read_stopped(ami)
    ]
    if (await read_family(ami, "outbound")).get("refused") == today.isoformat():
        words = "today's minutes of calls outside are used up: calls are refused until midnight"
        troubles.append(Trouble("outbound", words, "see who called; raise `max_minutes_a_day`"))
    return troubles
