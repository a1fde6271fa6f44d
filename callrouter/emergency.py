"""Emergency calls, told to the people in the house: the call itself needs nothing of this.

The dialplan notes each in Asterisk's database before it dials, so that none is missed while
Python is away; whoever makes the call is told nothing and waits for nobody.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callrouter.section import RouterSection
from switchboard.letterhead import domain_of, flatten, message_id_for, new_message, plain
from switchboard.outbox import Letter
from switchboard.pbx.ami import Ami, AmiRefused
from switchboard.pbx.astdb import read_family
from switchboard.section import GroundSection
from switchboard.watch import Trouble
from switchboard.yamltext import Text

FAMILY = "emergency"
STANDS = timedelta(hours=1)  # the alarm, from the call on
RINGS = timedelta(minutes=2)  # who learns of it later is not rung any more
RING_SECONDS = 60

LETTER = """\
{who} called the emergency number {number} at {at}.

See whether help is needed there, and that the door is open for those who come.
"""


@dataclass(frozen=True)
class EmergencyCall:
    """One call for help. `extension` is where it came from: an extension, else a trunk's name."""

    uniqueid: str
    at: datetime
    number: str
    extension: str

    @property
    def words(self) -> str:
        """What happened, in one line."""
        return f"extension {self.extension} called the emergency number {self.number}"


async def read_calls(ami: Ami) -> list[EmergencyCall]:
    """The calls that are noted, the oldest first. Raises as `Ami.action`."""
    noted = await read_family(ami, FAMILY)
    calls = [_call(uniqueid, value) for uniqueid, value in noted.items()]
    return sorted(calls, key=lambda call: (call.at, call.uniqueid))


def _call(uniqueid: str, value: str) -> EmergencyCall:
    seconds, number, extension = [*value.split(":"), "", ""][:3]
    at = datetime.fromtimestamp(int(seconds) if seconds.isdecimal() else 0, UTC)
    return EmergencyCall(uniqueid, at, number, extension)


async def forget(ami: Ami, call: EmergencyCall) -> None:
    """Let go of a call whose alarm is over. Raises as `Ami.ask`."""
    await ami.ask("DBDel", Family=FAMILY, Key=call.uniqueid)


async def ring(ami: Ami, call: EmergencyCall, interface: str) -> None:
    """Ring who shall know; the display says who called for help. Raises as `Ami.ask`.

    `interface` is what queues know that extension by, so that all of its phones ring.
    """
    try:
        await ami.ask(
            "Originate",
            Channel=interface,
            Context="emergency-told",
            Exten=call.extension,
            Priority="1",
            CallerID=f'"{call.number}" <{call.extension}>',
            Timeout=str(RING_SECONDS * 1000),
            Async="true",
        )
    except AmiRefused:
        return  # not signed in: the others ring, and the letter goes


def emergency_trouble(call: EmergencyCall) -> Trouble:
    """The alarm of a call; one for each extension and number."""
    key = f"emergency:{call.extension}-{call.number}"
    return Trouble(key, call.words, "see whether help is needed there; it ends after an hour")


def emergency_letter(
    call: EmergencyCall, ground: GroundSection, router: RouterSection
) -> Letter | None:
    """To everyone in `emergency: {tell}`; None where nobody is, or no mail server."""
    to = tuple(map(str, router.emergency.tell))
    if ground.mail is None or not to:
        return None
    sender = str(ground.mail.sender)
    known = router.extensions.get(Text(call.extension))
    name = f" ({known.name})" if known and known.name else ""
    who = f"Extension {call.extension}{name}"
    subject = plain(f"{ground.name}: emergency call {call.number} from {call.extension}{name}")
    message_id = message_id_for(f"emergency-{call.uniqueid}", domain_of(sender))
    at = call.at.astimezone(ground.zone)
    message = new_message(sender, to, subject, message_id, at)
    told = at.strftime("%d.%m.%Y %H:%M:%S %Z")
    message.set_content(LETTER.format(who=who, number=call.number, at=told))
    return Letter("emergency", message_id, sender, to, subject, flatten(message))
