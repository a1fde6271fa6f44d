"""Calls whose sound does not come in, as behind a NAT of which `listen` says nothing."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from switchboard.pbx.ami import Ami, AmiRefused
from switchboard.pbx.link import Event
from switchboard.watch import Trouble

RECEIVED = "CHANNEL(rtcp,rxcount)"  # packets of sound since the call began
PATIENCE = timedelta(seconds=10)
TOLD = timedelta(minutes=10)
ENDPOINT = re.compile(r"PJSIP/(.+)-[0-9a-f]{8}")
MEND = (
    "see `listen.external` and `listen.local`, and that the firewall lets the ports of"
    " `listen.rtp` in"
)


@dataclass
class Silent:
    """Remembers who was heard; a phone or carrier sends packets also while nobody speaks."""

    _heard: set[str] = field(default_factory=set)
    _seen: dict[str, datetime] = field(default_factory=dict)  # uniqueid -> first seen answered
    _told: dict[str, datetime] = field(default_factory=dict)  # endpoint -> the last such call

    async def look(self, line: Ami, now: datetime) -> list[Trouble]:
        """Asks of each channel that has long been answered, until it was heard once.

        Raises AmiAway, AmiTimeout.
        """
        up = {one["Uniqueid"]: one for one in await _channels(line) if _is_answered(one)}
        self._heard &= up.keys()
        self._seen = {name: self._seen.get(name, now) for name in up}
        for name in up.keys() - self._heard:
            if now - self._seen[name] < PATIENCE:
                continue
            if await _packets(line, up[name]["Channel"]):
                self._heard.add(name)
            else:
                self._told[_endpoint(up[name])] = now
        self._told = {name: at for name, at in self._told.items() if now - at < TOLD}
        return [_trouble(name) for name in sorted(self._told)]


async def _channels(line: Ami) -> list[Event]:
    return await line.action("CoreShowChannels")


async def _packets(line: Ami, channel: str) -> bool:
    """Whether any came; of a channel that has gone meanwhile, or has no sound, too."""
    try:
        answer = await line.ask("Getvar", Channel=channel, Variable=RECEIVED)
    except AmiRefused:
        return True
    return answer["Value"] != "0"


def _is_answered(channel: Event) -> bool:
    return channel["ChannelStateDesc"] == "Up" and bool(ENDPOINT.fullmatch(channel["Channel"]))


def _endpoint(channel: Event) -> str:
    found = ENDPOINT.fullmatch(channel["Channel"])
    return found[1] if found else ""


def _trouble(name: str) -> Trouble:
    whose = f"extension {name}" if name.isdecimal() else f"the trunk {name}"
    return Trouble(f"sound:{name}", f"a call of {whose} was answered and brought no sound", MEND)
