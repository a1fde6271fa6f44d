"""What a caller was doing, second by second: segments that fill a call without a gap."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from reports.call import Segment
from reports.channels import (
    Channel,
    detail,
    endpoint,
    in_order,
    is_local,
    milliseconds,
    other_half,
)
from switchboard.pbx.cel import CelRow

Place = tuple[str, str]  # kind and name of a segment

PEOPLE = ("talk", "hold", "outside")  # the kinds in which somebody was there
NOWHERE: Place = ("announcement", "arrival")  # a call that came to nothing
PARKED: Place = ("park", "")
_DIGEST = re.compile(r"-[0-9a-f]{10}$")


def _prompt(words: list[str]) -> Place:
    return "announcement", _DIGEST.sub("", words[0].removeprefix("sb/"))


# what the dialplan says of itself -> where the caller is from then on
_PLACES: dict[str, Callable[[list[str]], Place]] = {
    "menu": lambda words: ("menu", words[-1]),
    "announcement": _prompt,
    "goodbye": _prompt,
    "refused": lambda words: ("announcement", words[0]),
    "ring": lambda words: ("ring", words[0]),
    "outside": lambda words: ("ring", words[0]),
    "emergency": lambda words: ("ring", words[0]),
    "voicemail": lambda words: ("voicemail", words[0]),
    "fax": lambda words: ("fax", words[0]),
    "PARK_START": lambda words: ("park", ""),
}


def department_of(row: CelRow) -> str | None:
    """The department whose queue is entered (or left) here."""
    return row.arguments.partition(",")[0] if row.application == "Queue" else None


def segments(first: Channel, group: Iterable[Channel], until: int) -> tuple[Segment, ...]:
    """Where the call of the channel `first` was from its beginning `until` then.

    `group` are all channels ever joined with it. A moment between two places belongs to the second.
    """
    channels = {channel.uniqueid: channel for channel in group}
    state = _Whereabouts(first, channels)
    changes: list[tuple[int, Place]] = []
    undecided: int | None = first.began
    for row in in_order(_that_matter(first, channels.values())):
        state.take(row)
        now = min(max(milliseconds(row.at), first.began), until)
        if state.where is None:
            undecided = now if undecided is None else undecided
        elif not changes or changes[-1][1] != state.where:
            changes.append((now if undecided is None else undecided, state.where))
            undecided = None
        else:
            undecided = None
    return _filled(changes or [(first.began, NOWHERE)], until)


def _that_matter(first: Channel, channels: Iterable[Channel]) -> Iterable[CelRow]:
    for channel in channels:
        for row in channel.rows:
            if channel is first or row.event.startswith("BRIDGE_"):
                yield row


def _filled(changes: Sequence[tuple[int, Place]], until: int) -> tuple[Segment, ...]:
    """Nothing is left of a place where the caller was for no time, not even between two others."""
    lasting = [
        (began, place)
        for (began, place), (ended, _) in pairwise([*changes, (until, NOWHERE)])
        if ended > began or len(changes) == 1
    ]
    new = [next(alike) for _, alike in groupby(lasting, key=itemgetter(1))]
    ends = [began for began, _ in new[1:]] + [until]
    return tuple(
        Segment(kind, name, began, ended)
        for (began, (kind, name)), ended in zip(new, ends, strict=True)
    )


class _Whereabouts:
    """Follows one channel, and who is with it in its bridge."""

    def __init__(self, first: Channel, channels: dict[str, Channel]) -> None:
        self._first = first
        self._channels = channels
        self._place: Place | None = None
        self._bridges: dict[str, str] = {}  # uniqueid -> bridge
        self._names: dict[str, str] = {}  # uniqueid -> channel, when it came to a bridge
        self._is_held = False
        self._people = ""  # the last who were there
        self._outside = ""

    def take(self, row: CelRow) -> None:
        if row.event in ("BRIDGE_ENTER", "BRIDGE_EXIT"):
            self._bridged(row)
        elif row.event in ("STREAM_BEGIN", "STREAM_END") and row.detail.startswith("MOH"):
            self._is_held = row.event == "STREAM_BEGIN"
        elif row.event == "APP_START" and row.application == "Queue":
            self._place = ("queue", department_of(row) or "")
        elif row.event in _PLACES:
            words = row.text.split() or [""]
            self._place = _PLACES[row.event](words)
            if row.event in ("outside", "emergency"):
                self._outside = words[0]

    def _bridged(self, row: CelRow) -> None:
        told = detail(row)
        bridge = str(told.get("bridge_id", ""))
        if row.event == "BRIDGE_ENTER":
            self._bridges[row.uniqueid] = bridge
            self._names[row.uniqueid] = row.channel  # another's than at first after a pickup
        elif self._bridges.get(row.uniqueid) == bridge:
            del self._bridges[row.uniqueid]
        if row.uniqueid == self._first.uniqueid and row.event == "BRIDGE_ENTER":
            # what comes after the talk is not what was before it
            self._place = PARKED if told.get("bridge_technology") == "holding_bridge" else None
            self._people = ""

    @property
    def where(self) -> Place | None:
        """None between two places."""
        here = self._bridges.get(self._first.uniqueid)
        if here is None or (self._place and self._place[0] == "park"):
            return self._place
        others = self._together(here)
        people = ", ".join(
            dict.fromkeys(
                endpoint(self._names[one.uniqueid])
                for one in others
                if one.is_phone and not one.is_local
            )
        )
        if people:
            self._people = people
            return "hold" if self._is_held else "talk", people
        carried = [one for one in others if not one.is_phone]
        if carried:
            return self._with_outside(carried)
        # who asks a colleague first, by keys, leaves the bridge meanwhile
        return ("hold", self._people) if self._is_held and self._people else None

    def _together(self, bridge: str) -> list[Channel]:
        """All but the first in this bridge, or in one that local channels join with it.

        Who called or rang earlier comes earlier.
        """
        heard, new = {bridge}, {bridge}
        while new:
            halves = {
                other_half(name)
                for uniqueid, name in self._names.items()
                if self._bridges.get(uniqueid) in new and is_local(name)
            }
            new = {
                there
                for uniqueid, there in self._bridges.items()
                if self._names[uniqueid] in halves and there not in heard
            }
            heard |= new
        return [
            channel
            for uniqueid, channel in self._channels.items()
            if self._bridges.get(uniqueid) in heard and channel is not self._first
        ]

    def _with_outside(self, others: Sequence[Channel]) -> Place:
        name = self._outside or next(iter(others[0].rows)).number
        if self._first.is_phone:
            return "hold" if self._is_held else "talk", name
        return "outside", name
