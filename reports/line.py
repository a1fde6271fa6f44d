"""The channel that a call is followed along: the first, and whoever is left when that one goes.

An extension that made a call may hand it on, and ring off: the call goes on with its far end. A
local channel that was first may be optimized away: the call goes on with the phone behind it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.channels import Channel, detail, in_order, milliseconds
from switchboard.pbx.cel import CelRow

GAVE_UP_MILLISECONDS = 50  # so soon after one has gone the other is gone too
_OPTIMIZED = "LOCAL_OPTIMIZE"
_HANDING_ON = ("BLINDTRANSFER", "ATTENDEDTRANSFER", _OPTIMIZED)


@dataclass(frozen=True)
class Line:
    """`channel` has the events of whoever is followed, and is called what the first one is.

    `turns` are the moments (of events) from which another is followed, with its uniqueid.
    """

    channel: Channel
    turns: tuple[tuple[float, str], ...] = ()

    @property
    def handed_on(self) -> int | None:
        """When the extension that made the call was in it no longer; in milliseconds."""
        is_left = self.turns and not self.channel.is_local
        return milliseconds(self.turns[0][0]) if is_left else None


def line_of(first: Channel, group: Sequence[Channel]) -> Line:
    """An arrival is its own channel to the end; so is a call that was never handed on."""
    turns = tuple(_turns(first, group)) if first.is_phone else ()
    if not turns:
        return Line(first)
    channels = {channel.uniqueid: channel for channel in group}
    rows: list[CelRow] = []
    ends = [at for at, _ in turns[1:]] + [float("inf")]
    for (began, name), end in zip(turns, ends, strict=True):
        rows += [row for row in channels[name].rows if began <= row.at < end]
    own = (row for row in first.rows if row.at <= turns[0][0] and row is not first.start)
    return Line(Channel((first.start, *own, *in_order(rows))), turns)


def _turns(first: Channel, group: Sequence[Channel]) -> Iterator[tuple[float, str]]:
    channels = {channel.uniqueid: channel for channel in group}
    own = first
    told = [row for channel in group for row in channel.rows if row.event in _HANDING_ON]
    for row in in_order(told):
        there = channels.get(_far_end(own.uniqueid, row, group))
        if there and hands_on(channels[row.uniqueid], row, group):
            gone = [one.at for one in own.rows if one.event == "BRIDGE_EXIT"]
            yield max([row.at, *gone]), there.uniqueid
            own = there


def _far_end(own: str, row: CelRow, group: Sequence[Channel]) -> str:
    """Whom it leaves behind on this leg of who hands on; empty where it is neither of the two."""
    told = detail(row)
    if row.event == _OPTIMIZED:
        half = str(told.get("local_two_uniqueid", ""))
        return _behind(half, group) if own == row.uniqueid else ""
    if own == row.uniqueid:
        return str(told.get("transferee_channel_uniqueid", ""))
    if own == told.get("channel2_uniqueid"):
        return str(told.get("transfer_target_channel_uniqueid", ""))
    return ""


def _behind(half: str, group: Sequence[Channel]) -> str:
    """The phone that was in a bridge with this half of a local channel."""
    phones = [channel for channel in group if not channel.is_local]
    there = {bridge for channel in group if channel.uniqueid == half for bridge in _met(channel)}
    return next((phone.uniqueid for phone in phones if there & _met(phone)), "")


def _met(channel: Channel) -> set[str]:
    entered = [row for row in channel.rows if row.event == "BRIDGE_ENTER"]
    return {str(detail(row).get("bridge_id", "")) for row in entered}


def hands_on(own: Channel, transfer: CelRow, group: Sequence[Channel]) -> bool:
    """Who brings three together (`*3`) does only where the others talk on without it.

    Asterisk calls that a transfer, before which the channel has come back to the caller.
    """
    told = detail(transfer)
    bridge = told.get("bridge1_id")
    entered = [row for row in own.rows if row.event == "BRIDGE_ENTER" and row.at <= transfer.at]
    is_back = bool(entered) and detail(entered[-1]).get("bridge_id") == bridge
    if not is_back or told.get("channel2_name") != transfer.channel:
        return True
    left = _left(own, bridge)
    others = [_left(channel, bridge) for channel in group]
    return left is not None and any(at and at - left > GAVE_UP_MILLISECONDS for at in others)


def _left(channel: Channel, bridge: object) -> int | None:
    """When it was in this bridge for the last time."""
    exits = [row for row in channel.rows if row.event == "BRIDGE_EXIT"]
    at = [milliseconds(row.at) for row in exits if detail(row).get("bridge_id") == bridge]
    return at[-1] if at else None
