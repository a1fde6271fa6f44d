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
    Segment,
    Step,
    VisitOutcome,
)
from reports.channels import Channel, detail, endpoint, groups, in_order, milliseconds
from reports.line import hands_on, line_of
from reports.outcome import kept, outcome_of_arrival, outcome_of_attempt
from reports.rings import pickups, rings
from reports.timeline import PEOPLE, segments
from reports.visits import visits
from switchboard.pbx.cel import CelRow

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
        if not _is_none(channel):
            yield _call(channel, group, [one for one in arrivals if one is not channel], marks)


def _is_none(first: Channel) -> bool:
    """An agent's code is no call, nor is what Asterisk rings by itself: it has not dialled."""
    dialled = _dialled(first)
    was_rung = first.is_phone and _told(first) is first.start and (first.is_local or not dialled)
    return was_rung or dialled.startswith(("*", "#"))


def _call(
    first: Channel, group: Sequence[Channel], others: Sequence[Channel], marks: Sequence[int]
) -> Call:
    line = line_of(first, group)
    last = line.channel
    cut = _cut(last, marks)
    ended = last.ended if cut is None else cut
    until = max(milliseconds(last.rows[-1].at), last.began) if ended is None else ended
    parts = segments(line, group, until)
    handed_on = _edge(parts, line.handed_on)
    direction = _direction(first, group)
    left = kept([last, *(one for one in group if one.is_local and not others)])
    outcome = None
    if cut is not None:
        outcome = Outcome.CUT_BY_RESTART
    elif ended is not None and direction is Direction.INBOUND:
        outcome = outcome_of_arrival(last, parts, left)
    elif ended is not None:
        outcome = outcome_of_attempt(last, parts)
    stays = visits(last, parts, until, _visit_at_end(outcome), pickups(group))
    spoke = next((part for part in parts if part.kind in PEOPLE), None)
    told = _told(first)
    return Call(
        id=first.uniqueid,
        direction=direction,
        from_number=(first.endpoint if first.is_phone else told.number) or None,
        from_name=told.name,
        to=_outside(first) or _dialled(first),
        language=_language(last),
        began=first.began,
        answered=spoke.began if spoke else None,
        ended=ended,
        outcome=outcome,
        department=next(
            (stay.department for stay in stays if stay.outcome is VisitOutcome.ANSWERED),
            stays[-1].department if stays else None,
        ),
        agents=_agents(first, parts, direction, handed_on),
        path=_path(last, until),
        segments=parts,
        rings=rings(last, group, not others),
        visits=stays,
        voicemail=left.voicemail,
        fax=left.fax,
        joined_with=tuple(one.uniqueid for one in others),
        transferred_by=_transferred_by(group),
        handed_on=handed_on,
    )


def _edge(parts: Sequence[Segment], at: int | None) -> int | None:
    """Where a segment begins for this reason; Asterisk tells it a moment before or after."""
    edges = [part.began for part in parts]
    return None if at is None else min(edges, key=lambda edge: abs(edge - at))


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
    return next(told, first.start)


def _dialled(first: Channel) -> str:
    told = _told(first)
    words = told.text.split(" ")  # VERSION DIALLED LANGUAGE, the middle one perhaps empty
    if told.event == "emergency":
        return words[0]
    if told.event in ("arrived", "dialled") and len(words) > 1:
        return words[1]
    return "".join(sign for sign in first.start.extension if sign in "+*#0123456789")


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
    if spoken:
        return spoken[-1]
    heard = [detail(row).get("language") for row in first.rows if row.event == "STREAM_BEGIN"]
    return next((str(one) for one in reversed(heard) if one), None)


def _transferred_by(group: Sequence[Channel]) -> tuple[str, ...]:
    """The extensions that handed the call on, in their order."""
    told = [
        row
        for channel in group
        for row in channel.rows
        if row.event in ("BLINDTRANSFER", "ATTENDEDTRANSFER") and channel.is_phone
        if detail(row).get("extension") != PARKING and hands_on(channel, row, group)
    ]
    return tuple(dict.fromkeys(endpoint(row.channel) for row in in_order(told)))


def _agents(
    first: Channel, parts: Sequence[Segment], direction: Direction, handed_on: int | None
) -> tuple[str, ...]:
    """Who spoke with the caller; in a call to outside who made it, and to whom it was handed on."""
    names: list[str] = []
    for part in parts:
        if part.kind in ("talk", "hold"):
            is_made = handed_on is None or part.began < handed_on
            is_own = direction is Direction.OUTBOUND and is_made
            names += [first.endpoint] if is_own else part.name.split(", ")
    return tuple(dict.fromkeys(names))


def _path(first: Channel, until: int) -> tuple[Step, ...]:
    """The menus in the order in which they were heard."""
    steps: list[Step] = []
    menu, version, began, pressed = "", "", 0, ""
    for row in first.rows:
        if row.event not in ("menu", "DTMF", "key"):
            continue
        words, now = row.text.split(), min(max(milliseconds(row.at), first.began), until)
        if row.event == "menu" and words:
            version, menu = ["", *words][-2:]
            began, pressed = now, ""
        elif row.event == "DTMF":
            pressed += str(detail(row).get("digit", ""))
        elif row.event == "key" and menu:
            key, result = _answer(words, pressed)
            steps.append(Step(menu, version, key, now - began, result))
            menu = ""
    if menu:
        steps.append(Step(menu, version, None, until - began, Heard.LEFT))
    return tuple(steps)


def _answer(words: Sequence[str], pressed: str) -> tuple[str | None, Heard]:
    """`MENU KEY OK`; else `t` or `i` stands for the key, and the tones say what was pressed."""
    if words[-1] == "OK" and len(words) == 3:
        return words[1], Heard.KEY
    return pressed or None, Heard.WRONG if pressed else Heard.SILENCE


def _visit_at_end(outcome: Outcome | None) -> VisitOutcome | None:
    if outcome is None:
        return None
    is_cut = outcome is Outcome.CUT_BY_RESTART
    return VisitOutcome.CUT if is_cut else VisitOutcome.ABANDONED
