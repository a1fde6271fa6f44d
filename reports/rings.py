"""The phones that rang for a call, each time once, however many are signed in as one extension."""

from collections.abc import Iterator, Sequence

from reports.call import Ring, RingResult
from reports.channels import Channel, milliseconds
from reports.line import GAVE_UP_MILLISECONDS

ELSEWHERE = "26"  # Q.850: answered elsewhere
# of several phones of an extension that rang together, the first of these that came of one is told
_TOLD_FIRST = (
    RingResult.ANSWERED,
    RingResult.ELSEWHERE,
    RingResult.ABANDONED,
    RingResult.NO_ANSWER,
    RingResult.REFUSED,
)


def rings(first: Channel, group: Sequence[Channel], is_alone: bool) -> tuple[Ring, ...]:
    """Who was rung for the call; for a consultation too, where it can only be this one's."""
    legs = [
        channel
        for channel in group
        if channel.is_phone
        and not channel.is_local
        and not channel.is_first
        and (channel.called_by == first.uniqueid or is_alone)
    ]
    return tuple(_together([_ring(first, leg) for leg in legs]))


def pickups(group: Sequence[Channel]) -> list[int]:
    """When somebody took the call from another phone that rang."""
    return [
        milliseconds(row.at) for channel in group for row in channel.rows if row.event == "PICKUP"
    ]


def _together(legs: Sequence[Ring]) -> Iterator[Ring]:
    """Phones of one extension that rang at the same time are one ring of it."""
    found: list[list[Ring]] = []
    for leg in legs:
        same = next((one for one in found if _rang_with(leg, one)), None)
        if same is None:
            found.append([leg])
        else:
            same.append(leg)
    for same in found:
        told = min(same, key=lambda leg: (_TOLD_FIRST.index(leg.result), -leg.lasted))
        yield Ring(told.agent, same[0].began, told.began + told.lasted - same[0].began, told.result)


def _rang_with(leg: Ring, others: Sequence[Ring]) -> bool:
    return leg.agent == others[0].agent and any(
        one.began <= leg.began <= one.began + one.lasted for one in others
    )


def _ring(first: Channel, leg: Channel) -> Ring:
    last = leg.ended if leg.ended is not None else milliseconds(leg.rows[-1].at)
    ended = max(leg.began, leg.answered if leg.answered is not None else last)
    return Ring(leg.endpoint, leg.began, ended - leg.began, _result(first, leg, ended))


def _result(first: Channel, leg: Channel, ended: int) -> RingResult:
    if pickups([leg]):
        return RingResult.ELSEWHERE
    if leg.answered is not None:
        return RingResult.ANSWERED
    if leg.hangup.cause == ELSEWHERE:
        return RingResult.ELSEWHERE
    if leg.hangup.by_itself:
        return RingResult.REFUSED
    gone = first.ended is not None and first.ended - ended < GAVE_UP_MILLISECONDS
    return RingResult.ABANDONED if gone and first.hangup.by_itself else RingResult.NO_ANSWER
