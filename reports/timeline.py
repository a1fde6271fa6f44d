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
from reports.line import Line
from switchboard.pbx.cel import CelRow

Place = tuple[str, str]  # kind and name of a segment

PEOPLE = ("talk", "hold", "outside")  # the kinds in which somebody was there
SWAP_MILLISECONDS = 2
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


def segments(line: Line, group: Iterable[Channel], until: int) -> tuple[Segment, ...]:
    """Where the call that is followed along `line` was from its beginning `until` then.

    `group` are all channels ever joined with it. A moment between two places belongs to the second,
    or to the ringing of the phone that is waited for.
    """
    first = line.channel
    channels = {channel.uniqueid: channel for channel in group}
    state = _Whereabouts(line, channels)
    changes: list[tuple[int, Place]] = []
    undecided: int | None = first.began
    for row in in_order(_that_matter(first, channels.values())):
        if not state.take(row):
            continue
        now = min(max(milliseconds(row.at), first.began), until)
        where = state.where
        if where is None:
            undecided = now if undecided is None else undecided
        elif not changes or changes[-1][1] != where:
            since = now if undecided is None else undecided
            answered = state.answered_within(since, now)
            if answered is not None:  # he was handed on while it rang there
                changes.append((since, ("ring", where[1])))
            changes.append((answered or since, where))
            undecided = None
        else:
            undecided = None
    return _filled(changes or [(first.began, NOWHERE)], until)


def _that_matter(first: Channel, channels: Iterable[Channel]) -> Iterable[CelRow]:
    """What the one did that is followed, who was in a bridge, and what local channels led to."""
    yield from first.rows
    for channel in channels:
        every = channel.is_local
        for row in channel.rows:
            if every or row.event.startswith("BRIDGE_") or _is_music(row):
                yield row


def _is_music(row: CelRow) -> bool:
    return row.event.startswith("STREAM_") and row.detail.startswith("MOH")


def _filled(changes: Sequence[tuple[int, Place]], until: int) -> tuple[Segment, ...]:
    """Nothing is left of a place where the caller was for no time, not even between two others."""
    lasting = [
        (began, place)
        for (began, place), (ended, _) in pairwise([*changes, (until, NOWHERE)])
        if ended > began
    ] or [changes[-1]]
    steady = [one for index, one in enumerate(lasting) if not _is_swap(lasting, index)]
    new = [next(alike) for _, alike in groupby(steady, key=itemgetter(1))]
    ends = [began for began, _ in new[1:]] + [until]
    return tuple(
        Segment(kind, name, began, ended)
        for (began, (kind, name)), ended in zip(new, ends, strict=True)
    )


def _is_swap(changes: Sequence[tuple[int, Place]], index: int) -> bool:
    """A moment among people in which Asterisk put one of their channels in another's place."""
    around = changes[max(0, index - 1) : index + 2]
    among_people = len(around) == 3 and all(place[0] in PEOPLE for _, place in around)
    return among_people and around[2][0] - around[1][0] <= SWAP_MILLISECONDS


class _Whereabouts:
    """Follows one channel, and who is with it in its bridge."""

    def __init__(self, line: Line, channels: dict[str, Channel]) -> None:
        self._first = self._own = line.channel.uniqueid
        self._turns = list(line.turns)
        self._channels = channels
        self._places: dict[str, Place | None] = {}  # channel -> what the dialplan does with it
        self._bridges: dict[str, str] = {}  # uniqueid -> bridge
        self._names: dict[str, str] = {}  # uniqueid -> channel, when it came to a bridge
        self._music: set[str] = set()  # uniqueids of who hears some
        self._people = ""  # the last who were there
        self._outside = ""

    def take(self, row: CelRow) -> bool:
        """Whether it says anything of where he is."""
        has_turned = False
        while self._turns and row.at >= self._turns[0][0]:
            self._own, has_turned = self._turns.pop(0)[1], True
        if row.event in ("BRIDGE_ENTER", "BRIDGE_EXIT"):
            self._bridged(row)
        elif _is_music(row):
            change = self._music.add if row.event == "STREAM_BEGIN" else self._music.discard
            change(row.uniqueid)
        elif row.event == "APP_START" and row.application == "Queue":
            self._places[row.uniqueid] = ("queue", department_of(row) or "")
        elif row.event in _PLACES:
            words = row.text.split() or [""]
            self._places[row.uniqueid] = _PLACES[row.event](words)
            if row.event in ("outside", "emergency") and row.uniqueid == self._own:
                self._outside = words[0]
        else:
            return has_turned
        return True

    def _bridged(self, row: CelRow) -> None:
        told = detail(row)
        bridge = str(told.get("bridge_id", ""))
        if row.event == "BRIDGE_ENTER":
            self._bridges[row.uniqueid] = bridge
            self._names[row.uniqueid] = row.channel  # another's than at first after a pickup
            # what comes after the talk is not what was before it
            is_parked = told.get("bridge_technology") == "holding_bridge"
            self._places[row.uniqueid] = PARKED if is_parked else None
        elif self._bridges.get(row.uniqueid) == bridge:
            del self._bridges[row.uniqueid]
        if row.uniqueid == self._own and row.event == "BRIDGE_ENTER":
            self._people = ""

    @property
    def where(self) -> Place | None:
        """None between two places."""
        here, place = self._bridges.get(self._own), self._places.get(self._own)
        if here is None or (place and place[0] == "park"):
            return place
        others = self._together(here)
        people = [one for one in others if one.is_phone and not one.is_local]
        if people:
            return self._with_people(people)
        carried = [one for one in others if not one.is_phone]
        if carried:
            return self._with_outside(carried)
        # who asks a colleague first, by keys, leaves the bridge meanwhile
        is_asking = self._own in self._music and self._people
        return ("hold", self._people) if is_asking else self._led_to(others)

    def _with_people(self, people: Sequence[Channel]) -> Place:
        names = [endpoint(self._names[one.uniqueid]) for one in people]
        own = self._channels[self._own]
        if own.is_phone and self._own != self._first:  # left behind by who made the call
            names.insert(0, own.endpoint)
        self._people = ", ".join(dict.fromkeys(names))
        return self._talking(people), self._people

    def _talking(self, others: Sequence[Channel]) -> str:
        """Hold is music on the caller's side; of a call made here it is music on either."""
        held = {self._own}
        if self._channels[self._first].is_phone:
            held |= {one.uniqueid for one in others}
        return "hold" if held & self._music else "talk"

    def _led_to(self, others: Sequence[Channel]) -> Place | None:
        """Behind a local channel that joins no bridge: what the dialplan does there."""
        halves = {other_half(self._names[one.uniqueid]) for one in others if one.is_local}
        behind = (one.uniqueid for one in self._channels.values() if one.start.channel in halves)
        return next(filter(None, map(self._places.get, behind)), None) if halves else None

    def answered_within(self, since: int, now: int) -> int | None:
        """When the phone was taken up that is with him now, if that was in this time."""
        here = self._bridges.get(self._own)
        together = self._together(here) if here and since < now else []
        return next((one.answered for one in together if since < (one.answered or 0) <= now), None)

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
            if self._bridges.get(uniqueid) in heard and uniqueid != self._own
        ]

    def _with_outside(self, others: Sequence[Channel]) -> Place:
        name = self._outside or next(iter(others[0].rows)).number
        if self._channels[self._own].is_phone:
            return self._talking(others), name
        return "outside", name
