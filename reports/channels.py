"""A channel as Asterisk's events tell of it, and which channels were ever joined."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic_core import from_json

from switchboard.pbx.cel import CelRow

# of events in the same microsecond: what ends comes before what begins, the channel's end last
_RANK = {"CHAN_START": -2, "BRIDGE_EXIT": -1, "HANGUP": 1, "CHAN_END": 2, "LINKEDID_END": 3}
FROM_OUTSIDE = "from-trunk"  # the context in which every channel of a carrier begins


def in_order(rows: Iterable[CelRow]) -> list[CelRow]:
    """Each row once, by time; the same order however they were read.

    Of two rows at one moment what they say decides: somehow, but always alike.
    """
    return sorted(set(rows), key=lambda row: (row.at, _RANK.get(row.event, 0), row))


def milliseconds(at: float) -> int:
    """Seconds since 1970 as whole milliseconds, in which a call is counted."""
    return round(at * 1000)


def endpoint(channel: str) -> str:
    """`PJSIP/201-0000002a` is 201's, and so is `Local/201@inside-00000007;1`."""
    return channel.partition("/")[2].rpartition("-")[0].partition("@")[0]


def is_local(channel: str) -> bool:
    """`Local/202@inside-00000007;1`, whose other half ends in `;2`."""
    return channel.startswith("Local/")


def other_half(channel: str) -> str:
    """Of a local channel."""
    return channel[:-1] + ("2" if channel.endswith("1") else "1")


@dataclass(frozen=True)
class Channel:
    """All events of one channel, in order; at least one."""

    rows: tuple[CelRow, ...]

    @cached_property
    def start(self) -> CelRow:
        """The first, also where the clock was set back in the middle of the call."""
        if self.rows[0].event == "CHAN_START":
            return self.rows[0]
        return next((row for row in self.rows if row.event == "CHAN_START"), self.rows[0])

    @property
    def uniqueid(self) -> str:
        return self.rows[0].uniqueid

    @property
    def called_by(self) -> str:
        """The channel for whose sake it was made: itself, where somebody called from it."""
        return self.start.linkedid

    @property
    def is_first(self) -> bool:
        return self.called_by == self.uniqueid

    @property
    def is_phone(self) -> bool:
        """An extension's; else it is a carrier's."""
        return self.start.context != FROM_OUTSIDE

    @property
    def is_local(self) -> bool:
        """One half of a joint between two calls; nobody's phone."""
        return is_local(self.start.channel)

    @property
    def endpoint(self) -> str:
        """Whose it was at its beginning."""
        return endpoint(self.start.channel)

    @property
    def began(self) -> int:
        return milliseconds(self.start.at)

    @cached_property
    def ended(self) -> int | None:
        """In milliseconds, not before it began; None while there is no mark of its end."""
        ended = self._when("CHAN_END")
        return None if ended is None else max(ended, self.began)

    @cached_property
    def answered(self) -> int | None:
        return self._when("ANSWER")

    @cached_property
    def hangup(self) -> "Hangup":
        last = next((row for row in self.rows if row.event == "HANGUP"), None)
        facts = detail(last) if last else {}
        by_itself = last is not None and facts.get("hangupsource") == last.channel
        dialled = str(facts.get("dialstatus", ""))
        return Hangup(str(facts.get("hangupcause", "")), by_itself, dialled)

    def _when(self, event: str) -> int | None:
        return next((milliseconds(row.at) for row in self.rows if row.event == event), None)


@dataclass(frozen=True)
class Hangup:
    """The cause (Q.850), whether its own side hung up, and what `Dial` said to it last."""

    cause: str
    by_itself: bool
    dialled: str


def detail(row: CelRow) -> dict[str, object]:
    """What Asterisk adds to an event; empty where that cannot be read."""
    try:
        facts = from_json(row.text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def groups(rows: Iterable[CelRow]) -> list[list[Channel]]:
    """The channels, those that were ever joined together; both in the order of their beginning.

    Asterisk gives joined channels one linkedid, so a channel seen under two joins all of both.
    """
    ordered = in_order(rows)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    by_channel: dict[str, list[CelRow]] = defaultdict(list)
    for row in ordered:
        by_channel[row.uniqueid].append(row)
        parent[root(row.linkedid)] = root(row.uniqueid)
    joined: dict[str, list[Channel]] = defaultdict(list)
    for uniqueid, own in by_channel.items():
        joined[root(uniqueid)].append(Channel(tuple(_entering(own))))
    return list(joined.values())


def _entering(rows: Iterable[CelRow]) -> Iterator[CelRow]:
    """A channel's events without those of a queue that it never left.

    Asterisk tells the queue anew when it comes back from a subroutine (`joined`, at each change of
    the other end). Into another queue, or again, the dialplan leads, which says something of it.
    """
    is_led = True
    for row in rows:
        if row.event == "APP_START" and row.application == "Queue":
            if is_led:
                yield row
            is_led = False
        else:
            is_led = is_led or not row.event.isupper()  # the dialplan's own are small
            yield row
