"""What the extensions did: sessions and pauses, calls answered and made, talk, hold, wrap-up."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from reports.call import Call, Direction, RingResult, VisitOutcome
from reports.report import Asked, Report
from reports.sessions import Stints
from reports.stretches import Stretch, common, joined, lasted, without
from reports.tally import Piece, Tally, bump, mean, per_cent, seconds, total, within

COLUMNS = (
    "agent answered made transferred picked_up signed_in_seconds paused_seconds talk_seconds"
    " hold_seconds wrapup_seconds available_seconds occupancy talk_mean_seconds rings"
    " ring_no_answer ring_refused"
).split()
NARROW = (
    "agent answered made talk_seconds signed_in_seconds paused_seconds occupancy ring_no_answer"
).split()
DEFINITIONS = {
    "answered": "calls in which the extension spoke without having made them",
    "made": "calls made from the extension, in the interval they began in",
    "transferred": "calls that it handed on; transfer_per_cent: of those answered",
    "picked_up": "calls of a queue that it took although its phone did not ring for them",
    "signed_in_seconds": "signed in to one department at least, whether the phone can be reached"
    " or not; pauses are part of it",
    "paused_seconds": "`pauses` says for which reasons",
    "talk_seconds": "in calls answered and made, cut at the edges of the period; hold is apart",
    "hold_seconds": "of calls: music on the caller's side; asking a colleague first is hold of who"
    " asks",
    "wrapup_seconds": "after each call of a department as long as its `wrapup_seconds` says now,"
    " cut by the next call",
    "available_seconds": "signed in, not paused, not in talk, hold or wrap-up",
    "occupancy": "(talk + hold + wrap-up) / (those + available); what overlaps counts once",
    "talk_mean_seconds": "talk / calls in which it began to talk",
    "rings": "times the phone rang for a call, whatever came of it",
    "ring_no_answer": "rang to its end and was not taken; rings, not calls",
    "ring_refused": "refused by the phone or its owner; a ring of no time is one",
}
_MISSED = {RingResult.NO_ANSWER: "ring_no_answer", RingResult.REFUSED: "ring_refused"}


class Work:
    """What agents did in a piece of time, call by call."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._tally: Tally = {}
        self._busy: dict[str, list[Stretch]] = defaultdict(list)
        self._rests: dict[str, list[Stretch]] = defaultdict(list)

    def take(self, call: Call) -> None:
        maker = "" if call.direction is Direction.INBOUND else call.from_number or ""
        if self._piece.holds(call.began):
            self._began(call, maker)
        for ring in call.rings:
            if self._piece.holds(ring.began):
                own = within(self._tally, ring.agent)
                bump(own, "rings")
                if ring.result in _MISSED:
                    bump(own, _MISSED[ring.result])
        for name in {*call.agents, maker} - {""}:
            self._spoke(call, name, name == maker)

    def _began(self, call: Call, maker: str) -> None:
        if maker:
            bump(within(self._tally, maker), "made")
        for name in call.agents:
            if name != maker:
                bump(within(self._tally, name), "answered")
        for name in call.transferred_by:
            bump(within(self._tally, name), "transferred")
        for visit in call.visits:
            if visit.outcome is VisitOutcome.PICKED_UP and visit.agent:
                bump(within(self._tally, visit.agent), "picked_up")

    def _spoke(self, call: Call, name: str, is_own: bool) -> None:
        span = self._piece.span
        talks: list[int] = []
        last = 0
        for part in call.segments:
            is_made = is_own and (call.handed_on is None or part.began < call.handed_on)
            if part.kind not in ("talk", "hold") or not (is_made or name in part.name.split(", ")):
                continue
            self._busy[name].append((part.began, part.ended))
            last = part.ended
            cut = span.cut(part.began, part.ended)
            if cut:
                bump(within(self._tally, name), part.kind, cut)
            if part.kind == "talk":
                talks.append(part.began)
        if talks and self._piece.holds(min(talks)):
            bump(within(self._tally, name), "talks")
        for visit in call.visits:
            rest = self._piece.wrapup_seconds.get(visit.department, 0) * 1000
            if visit.agent == name and rest and call.outcome is not None:
                self._rests[name].append((last, last + rest))

    def tally(self, stints: Mapping[str, Stints], now: int) -> Tally:
        """By agent; nobody is available after `now`."""
        span = (self._piece.span.begin, min(self._piece.span.end, now))
        for name in {*self._tally, *stints}:
            own = within(self._tally, name)
            self._rest(own, name, stints.get(name, Stints()), span)
        return {name: own for name, own in self._tally.items() if own}

    def _rest(self, own: Tally, name: str, stint: Stints, span: Stretch) -> None:
        """Sessions, pauses, wrap-up, and what is left."""
        calls = joined(self._busy[name])
        wrapup = common([span], without(self._rests[name], calls))
        busy = common([span], [*calls, *wrapup])
        paused = common([span], [one for each in stint.paused.values() for one in each])
        available = without(common([span], stint.sessions), [*busy, *paused])
        for word, stretches in (
            ("signed_in", common([span], stint.sessions)),
            ("paused", paused),
            ("wrapup", wrapup),
            ("busy", busy),
            ("available", available),
        ):
            if stretches:
                bump(own, word, lasted(stretches))
        for reason, stretches in stint.paused.items():
            bump(within(own, "pauses"), reason, lasted(common([span], stretches)))
        for department, signed_in in stint.signed_in.items():
            there = within(own, "departments", department)
            bump(there, "busy", lasted(common(signed_in, busy)))
            bump(there, "available", lasted(common(signed_in, available)))


def agents_report(asked: Asked, tally: Tally) -> Report:
    """One row for each extension that was in a call, or signed in."""
    wanted = asked.filters.agent
    names = [name for name in sorted(tally) if wanted in (None, name)]
    rows = [{"agent": name} | _figures(tally[name]) for name in names]
    last = {"agent": "total"} | _figures(total(tally[name] for name in names))
    return Report("agents", asked, COLUMNS, rows, last, DEFINITIONS, NARROW)


def _figures(own: Tally) -> dict[str, Any]:
    answered, busy = own.get("answered", 0), own.get("busy", 0)
    is_agent = "signed_in" in own
    return {
        "answered": answered,
        "made": own.get("made", 0),
        "transferred": own.get("transferred", 0),
        "transfer_per_cent": per_cent(own.get("transferred", 0), answered),
        "picked_up": own.get("picked_up", 0),
        "signed_in_seconds": seconds(own, "signed_in"),
        "paused_seconds": seconds(own, "paused"),
        "pauses": {reason: seconds(own["pauses"], reason) for reason in own.get("pauses", {})},
        "talk_seconds": seconds(own, "talk"),
        "hold_seconds": seconds(own, "hold"),
        "wrapup_seconds": seconds(own, "wrapup"),
        "available_seconds": seconds(own, "available"),
        "occupancy": per_cent(busy, busy + own.get("available", 0)) if is_agent else None,
        "talk_mean_seconds": mean(own.get("talk", 0), own.get("talks", 0)),
        "rings": own.get("rings", 0),
        "ring_no_answer": own.get("ring_no_answer", 0),
        "ring_refused": own.get("ring_refused", 0),
    }
