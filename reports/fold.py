"""From events to calls: a pure function. The order of reading does not matter, nor reading twice.

A call is followed along its first channel: where that one was is what its caller lived through.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from reports.call import (
    Call,
    Direction,
    Heard,
    Outcome,
    Ring,
    RingResult,
    Segment,
    Step,
    VisitOutcome,
)
from reports.channels import Channel, detail, endpoint, groups, in_order, milliseconds
from reports.outcome import kept, outcome_of_arrival, outcome_of_attempt
from reports.timeline import PEOPLE, segments
from reports.visits import visits
from switchboard.pbx.cel import CelRow

GAVE_UP_MILLISECONDS = 50  # a phone stops ringing so soon after its caller has gone
ELSEWHERE = "26"  # Q.850: answered elsewhere
PARKING = "700"  # whoever transfers there has handed nothing on


def calls(rows: Iterable[CelRow], starts: Iterable[float]) -> list[Call]:
    """The calls that these events tell of, by their beginning.

    `starts` are the moments at which Asterisk was started: what was alive before was cut.
    """
    marks = sorted(map(milliseconds, starts))
    found = [call for group in groups(rows) for call in _calls_of(group, marks)]
    return sorted(found, key=lambda call: (call.began, call.id))


def _calls_of(group: Sequence[Channel], marks: Sequence[int]) -> Iterable[Call]:
    """Each arrival is a call; without one, the first attempt. Consultations belong to the rest."""
    firsts = [channel for channel in group if channel.is_first]
    arrivals = [channel for channel in firsts if not channel.is_phone]
    for channel in arrivals or firsts[:1]:
        if not _dialled(channel).startswith(("*", "#")):  # an agent's code is no call
            yield _call(channel, group, [one for one in arrivals if one is not channel], marks)


def _call(
    first: Channel, group: Sequence[Channel], others: Sequence[Channel], marks: Sequence[int]
) -> Call:
    cut = _cut(first, marks)
    ended = first.ended if cut is None else cut
    until = milliseconds(first.rows[-1].at) if ended is None else ended
    parts = segments(first, group, until)
    direction = _direction(first, group)
    left = kept(first)
    outcome = None
    if cut is not None:
        outcome = Outcome.CUT_BY_RESTART
    elif ended is not None and direction is Direction.INBOUND:
        outcome = outcome_of_arrival(first, parts, left)
    elif ended is not None:
        outcome = outcome_of_attempt(first, parts)
    stays = visits(first, parts, until, _visit_at_end(outcome), _pickups(group))
    spoke = next((part for part in parts if part.kind in PEOPLE), None)
    told = _told(first)
    return Call(
        id=first.uniqueid,
        direction=direction,
        from_number=(first.endpoint if first.is_phone else told.number) or None,
        from_name=told.name,
        to=_outside(first) or _dialled(first),
        language=_language(first),
        began=first.began,
        answered=spoke.began if spoke else None,
        ended=ended,
        outcome=outcome,
        department=next(
            (stay.department for stay in stays if stay.outcome is VisitOutcome.ANSWERED),
            stays[-1].department if stays else None,
        ),
        agents=_agents(first, parts, direction),
        path=_path(first, until),
        segments=parts,
        rings=_rings(first, group, not others),
        visits=stays,
        voicemail=left.voicemail,
        fax=left.fax,
        joined_with=tuple(one.uniqueid for one in others),
        transferred_by=_transferred_by(group),
    )


def _cut(first: Channel, marks: Sequence[int]) -> int | None:
    """When Asterisk was started again while the channel was alive."""
    if first.ended is not None:
        return None
    following = bisect_right(marks, milliseconds(first.rows[-1].at))
    return marks[following] if following < len(marks) else None


def _direction(first: Channel, group: Sequence[Channel]) -> Direction:
    if not first.is_phone:
        return Direction.INBOUND
    goes_out = any(row.event in ("outside", "barred", "emergency") for row in first.rows)
    carried = any(not one.is_phone and one.called_by == first.uniqueid for one in group)
    return Direction.OUTBOUND if goes_out or carried else Direction.INTERNAL


def _told(first: Channel) -> CelRow:
    """The event in which the dialplan has cleaned what the caller sent; else the very first."""
    told = (row for row in first.rows if row.event in ("arrived", "dialled", "emergency"))
    return next(told, first.rows[0])


def _dialled(first: Channel) -> str:
    told = _told(first)
    words = told.text.split(" ")  # VERSION DIALLED LANGUAGE, the middle one perhaps empty
    if told.event == "emergency":
        return words[0]
    if told.event in ("arrived", "dialled") and len(words) > 1:
        return words[1]
    return "".join(sign for sign in first.rows[0].extension if sign in "+*#0123456789")


def _outside(first: Channel) -> str | None:
    """The number that an extension called outside, or might not, in E.164."""
    if first.is_phone:
        for row in first.rows:
            words = row.text.split()
            if row.event == "outside" and words:
                return words[0]
            if row.event == "barred" and len(words) > 1:
                return words[1]
    return None


def _language(first: Channel) -> str | None:
    """The one that the call has at its end; of older records the one that was played last."""
    told = [row.text.split(" ") for row in first.rows if row.event in ("arrived", "dialled")]
    told = [words[2:] for words in told]
    told += [[row.text] for row in first.rows if row.event == "language"]
    spoken = [words[0] for words in told if words and words[0]]
    heard = [detail(row).get("language") for row in first.rows if row.event == "STREAM_BEGIN"]
    return next((str(one) for one in [*reversed(spoken), *reversed(heard)] if one), None)


def _transferred_by(group: Sequence[Channel]) -> tuple[str, ...]:
    """The extensions that handed the call on, in their order."""
    told = [
        row
        for channel in group
        for row in channel.rows
        if row.event in ("BLINDTRANSFER", "ATTENDEDTRANSFER") and channel.is_phone
        if detail(row).get("extension") != PARKING and _hands_on(channel, row, group)
    ]
    return tuple(dict.fromkeys(endpoint(row.channel) for row in in_order(told)))


def _hands_on(own: Channel, transfer: CelRow, group: Sequence[Channel]) -> bool:
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


def _pickups(group: Sequence[Channel]) -> list[int]:
    """When somebody took the call from another phone that rang."""
    return [
        milliseconds(row.at) for channel in group for row in channel.rows if row.event == "PICKUP"
    ]


def _agents(first: Channel, parts: Sequence[Segment], direction: Direction) -> tuple[str, ...]:
    spoken = [part for part in parts if part.kind in ("talk", "hold")]
    if direction is Direction.OUTBOUND:
        return (first.endpoint,) if spoken else ()
    return tuple(dict.fromkeys(name for part in spoken for name in part.name.split(", ")))


def _path(first: Channel, until: int) -> tuple[Step, ...]:
    """The menus in the order in which they were heard."""
    steps: list[Step] = []
    menu, version, began, pressed = "", "", 0, ""
    for row in first.rows:
        words = row.text.split()
        if row.event == "menu" and words:
            version, menu = ["", *words][-2:]
            began, pressed = milliseconds(row.at), ""
        elif row.event == "DTMF":
            pressed += str(detail(row).get("digit", ""))
        elif row.event == "key" and menu:
            lasted = milliseconds(row.at) - began
            key, result = _answer(words, pressed)
            steps.append(Step(menu, version, key, lasted, result))
            menu = ""
    if menu:
        steps.append(Step(menu, version, None, until - began, Heard.LEFT))
    return tuple(steps)


def _answer(words: Sequence[str], pressed: str) -> tuple[str | None, Heard]:
    """`MENU KEY OK`; else `t` or `i` stands for the key, and the tones say what was pressed."""
    if words[-1] == "OK" and len(words) == 3:
        return words[1], Heard.KEY
    return pressed or None, Heard.WRONG if pressed else Heard.SILENCE


def _rings(first: Channel, group: Sequence[Channel], is_alone: bool) -> tuple[Ring, ...]:
    """The phones that rang for the call; of a consultation too, where it can only be this one's."""
    legs = [
        channel
        for channel in group
        if channel.is_phone
        and not channel.is_local
        and not channel.is_first
        and (channel.called_by == first.uniqueid or is_alone)
    ]
    return tuple(_ring(first, leg) for leg in legs)


def _ring(first: Channel, leg: Channel) -> Ring:
    last = leg.ended if leg.ended is not None else milliseconds(leg.rows[-1].at)
    ended = leg.answered if leg.answered is not None else last
    return Ring(leg.endpoint, leg.began, ended - leg.began, _result(first, leg, ended))


def _result(first: Channel, leg: Channel, ended: int) -> RingResult:
    if _pickups([leg]):
        return RingResult.ELSEWHERE
    if leg.answered is not None:
        return RingResult.ANSWERED
    if leg.hangup.cause == ELSEWHERE:
        return RingResult.ELSEWHERE
    if leg.hangup.by_itself:
        return RingResult.REFUSED
    gone = first.ended is not None and first.ended - ended < GAVE_UP_MILLISECONDS
    return RingResult.ABANDONED if gone and first.hangup.by_itself else RingResult.NO_ANSWER


def _visit_at_end(outcome: Outcome | None) -> VisitOutcome | None:
    if outcome is None:
        return None
    is_cut = outcome is Outcome.CUT_BY_RESTART
    return VisitOutcome.CUT if is_cut else VisitOutcome.ABANDONED
