"""What is going on now, as frozen values read from Asterisk's answers. Pure.

Texts that callers chose lose control and direction characters here and are cut at TEXT_LENGTH.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from switchboard.pbx.link import Event

TEXT_LENGTH = 80

Began = tuple[int, int]  # when a channel began (seconds since 1970), and its serial number


class Phone(StrEnum):
    """What a telephone does, as Asterisk sees it."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


# Asterisk's states of a device: in words for an endpoint, as numbers for a queue member.
DEVICE_STATES = {
    "Not in use": Phone.IDLE,
    "In use": Phone.TALKING,
    "Busy": Phone.BUSY,
    "Unavailable": Phone.UNREACHABLE,
    "Ringing": Phone.RINGING,
    "Ring+Inuse": Phone.RINGING,
    "On Hold": Phone.HOLDING,
    "1": Phone.IDLE,
    "2": Phone.TALKING,
    "3": Phone.BUSY,
    "5": Phone.UNREACHABLE,
    "6": Phone.RINGING,
    "7": Phone.RINGING,
    "8": Phone.HOLDING,
}
# Where a call is while an application runs; what the application was given names the rest.
PLACES = {
    "Dial": "ringing",
    "Queue": "department",
    "ReceiveFAX": "fax",
    "VoiceMail": "voicemail",
    "VoiceMailMain": "voicemail",
}


@dataclass(frozen=True)
class ExtensionState:
    """`address` is `host:port` of the telephone that registered last, "" when none did."""

    registered: bool
    state: Phone
    address: str


@dataclass(frozen=True)
class MemberState:
    """A member that is signed in to a department."""

    extension: str
    state: Phone
    paused: bool
    pause_reason: str
    penalty: int
    answered: int  # calls since Asterisk started


@dataclass(frozen=True)
class Waiting:
    """A caller in a department, 1 is the next one."""

    position: int
    number: str
    name: str
    since: datetime


@dataclass(frozen=True)
class DepartmentState:
    members: tuple[MemberState, ...] = ()
    waiting: tuple[Waiting, ...] = ()


@dataclass(frozen=True)
class CallState:
    """One call: all channels of one linkedid. `id` is its first channel's uniqueid.

    `place` is words such as `menu main`, `department sales`, `ringing 201`, `talking`.
    """

    id: str
    linkedid: str
    from_number: str
    from_name: str
    place: str
    since: datetime
    talking_to: tuple[str, ...]


@dataclass(frozen=True)
class Live:
    """What Asterisk said at `asked_at` (UTC); `away` says why it could not be asked since."""

    extensions: Mapping[str, ExtensionState] = field(default_factory=dict)
    trunks: Mapping[str, Phone] = field(default_factory=dict)
    departments: Mapping[str, DepartmentState] = field(default_factory=dict)
    calls: tuple[CallState, ...] = ()
    asked_at: datetime | None = None
    away: str = ""

    def as_json(self) -> str:
        """One JSON object with these fields; times in ISO 8601 with their offset."""
        return json.dumps(asdict(self), default=datetime.isoformat, ensure_ascii=False)


def read_extensions(
    endpoints: Iterable[Event], contacts: Iterable[Event]
) -> dict[str, ExtensionState]:
    """From the events EndpointList and ContactList; a trunk's name is no number."""
    addresses: dict[str, str] = {}
    for contact in sorted(contacts, key=lambda contact: contact["ExpirationTime"]):
        addresses[contact["Endpoint"]] = _address(contact["Uri"])
    return {
        name: ExtensionState(
            registered=name in addresses,
            state=DEVICE_STATES.get(endpoint["DeviceState"], Phone.UNKNOWN),
            address=addresses.get(name, ""),
        )
        for endpoint in endpoints
        if (name := endpoint["ObjectName"]).isdecimal()
    }


def read_trunks(endpoints: Iterable[Event]) -> dict[str, Phone]:
    """From the events EndpointList; a trunk has a name where an extension has its number."""
    return {
        name: DEVICE_STATES.get(endpoint["DeviceState"], Phone.UNKNOWN)
        for endpoint in endpoints
        if not (name := endpoint["ObjectName"]).isdecimal()
    }


def read_departments(answers: Iterable[Event], now: datetime) -> dict[str, DepartmentState]:
    """From the events QueueParams, QueueMember and QueueEntry."""
    members: dict[str, list[MemberState]] = {}
    waiting: dict[str, list[Waiting]] = {}
    for answer in answers:
        name = answer["Queue"]
        if answer.name == "QueueParams":
            members[name], waiting[name] = [], []
        elif answer.name == "QueueMember" and name in members:
            members[name].append(_member(answer))
        elif answer.name == "QueueEntry" and name in waiting:
            waiting[name].append(_waiting(answer, now))
    return {
        name: DepartmentState(
            tuple(sorted(members[name], key=lambda member: (member.penalty, member.extension))),
            tuple(sorted(waiting[name], key=lambda caller: caller.position)),
        )
        for name in members
    }


def read_calls(channels: Iterable[Event]) -> tuple[CallState, ...]:
    """From the events CoreShowChannel, oldest call first.

    A record that a caller's number cut short (see `link.parse`) is left out until the dialplan
    has cleaned that number, which is the first thing it does.
    """
    calls: dict[str, list[tuple[Began, Event]]] = {}
    for channel in channels:
        began = _began(channel["Uniqueid"])
        if began is not None and channel["Linkedid"]:
            calls.setdefault(channel["Linkedid"], []).append((began, channel))
    oldest_first = sorted(calls.items(), key=lambda call: min(began for began, _ in call[1]))
    return tuple(_call(linkedid, channels) for linkedid, channels in oldest_first)


def _call(linkedid: str, channels: list[tuple[Began, Event]]) -> CallState:
    (second, _), first = min(channels, key=lambda channel: channel[0])
    bridge = first["BridgeId"]
    others = [other for _, other in channels if other is not first and other["BridgeId"] == bridge]
    talking_to = tuple(sorted(_party(other) for other in others)) if bridge else ()
    return CallState(
        id=first["Uniqueid"],
        linkedid=linkedid,
        from_number=_shown(first["CallerIDNum"]),
        from_name=_shown(_unescaped(first["CallerIDName"])),
        place="talking" if talking_to else _place(first),
        since=datetime.fromtimestamp(second, UTC),
        talking_to=talking_to,
    )


def _place(channel: Event) -> str:
    context = re.sub(r"-v\d+$", "", channel["Context"])
    if channel["Application"] in PLACES:
        given = re.split(r"[,@&]", channel["ApplicationData"])[0].rpartition("/")[2]
        return f"{PLACES[channel['Application']]} {given}".strip()
    if channel["Application"] == "ReadExten":  # KEY,SOUND,keys-MENU-vN
        context = re.sub(r"-v\d+$", "", channel["ApplicationData"].rpartition(",")[2])
    return re.sub(r"^(menu|keys)-", "menu ", context)


def _party(channel: Event) -> str:
    """An extension by its number, anyone else by the number that called or was called."""
    endpoint = channel["Channel"].rpartition("/")[2].rpartition("-")[0]
    return endpoint if endpoint.isdecimal() else _shown(channel["CallerIDNum"])


def _member(answer: Event) -> MemberState:
    return MemberState(
        extension=answer["StateInterface"].rpartition("/")[2],
        state=DEVICE_STATES.get(answer["Status"], Phone.UNKNOWN),
        paused=answer["Paused"] == "1",
        pause_reason=answer["PausedReason"],
        penalty=_whole(answer["Penalty"]),
        answered=_whole(answer["CallsTaken"]),
    )


def _waiting(answer: Event, now: datetime) -> Waiting:
    return Waiting(
        position=_whole(answer["Position"]),
        number=_shown(answer["CallerIDNum"]),
        name=_shown(answer["CallerIDName"]),
        since=now.replace(microsecond=0) - timedelta(seconds=_whole(answer["Wait"])),
    )


def _address(uri: str) -> str:
    """`host:port` of `sip:user@host:port;transport=tcp`."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0]


def _began(uniqueid: str) -> Began | None:
    """From `node-1795303302.17`; None for what is no uniqueid."""
    parts = re.search(r"(\d{1,11})\.(\d+)$", uniqueid, re.ASCII)
    return (int(parts[1]), int(parts[2])) if parts else None


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _shown(text: str) -> str:
    if text in ("<unknown>", "unknown"):
        return ""
    kept = (
        letter for letter in text if unicodedata.category(letter)[0] not in "CZ" or letter == " "
    )
    return "".join(kept)[:TEXT_LENGTH].strip()


def _unescaped(name: str) -> str:
    """Channel events have names as C would write them, others (QueueEntry) as they are."""
    return re.sub(r"\\(.)", lambda found: "" if found[1] in "abfnrtv" else found[1], name)
