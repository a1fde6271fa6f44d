"""What the extensions did: calls answered and made, talk, hold, rings not taken."""

from collections.abc import Iterable, Sequence
from typing import Any

from reports.balance import Balance
from reports.call import Call, Direction, Ring, RingResult, Segment
from reports.departments import mean
from reports.period import Period
from reports.report import Report
from reports.store import Span

COLUMNS = (
    "agent answered made talk_seconds hold_seconds talk_mean_seconds rings ring_no_answer"
    " ring_refused"
).split()
DEFINITIONS = {
    "answered": "calls in which the extension spoke without having made them",
    "made": "calls made from the extension, in the interval they began in",
    "talk_seconds": "in calls answered and made, cut at the edges of the period; hold is apart",
    "talk_mean_seconds": "talk / calls with talk",
    "rings": "times the phone rang for a call, whatever came of it",
    "ring_no_answer": "rang to its end and was not taken; rings, not calls",
    "ring_refused": "refused by the phone or its owner; a ring of no time is one",
}


def agents_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each extension that was in a call; `calls` may begin before the period."""
    span = period.span
    found = list(calls)
    names = {name for call in found for name in _present(call)}
    rows = [row for name in sorted(names) if (row := _figures(name, found, span)) is not None]
    return Report("agents", period, COLUMNS, rows, foot, None, DEFINITIONS)


def _present(call: Call) -> set[str]:
    made = {call.from_number or ""} if call.direction is not Direction.INBOUND else set()
    return {*call.agents, *(ring.agent for ring in call.rings), *made} - {""}


def _figures(name: str, calls: Sequence[Call], span: Span) -> dict[str, Any] | None:
    """None for an extension that did nothing in the period."""
    own = [call for call in calls if name in _present(call)]
    rings = [ring for call in own for ring in call.rings if _rang(ring, name, span)]
    made = [call for call in own if _made(call, name)]
    talks = [_spent(call, name, "talk", span) for call in own]
    holds = [_spent(call, name, "hold", span) for call in own]
    began = [call for call in own if span.begin <= call.began < span.end]
    figures = {
        "answered": sum(name in call.agents and not _made(call, name) for call in began),
        "made": sum(call in began for call in made),
        "talk_seconds": round(sum(talks) / 1000, 1),
        "hold_seconds": round(sum(holds) / 1000, 1),
        "talk_mean_seconds": mean([talk / 1000 for talk in talks if talk]),
        "rings": len(rings),
        "ring_no_answer": sum(ring.result is RingResult.NO_ANSWER for ring in rings),
        "ring_refused": sum(ring.result is RingResult.REFUSED for ring in rings),
    }
    return {"agent": name} | figures if any(figures.values()) else None


def _made(call: Call, name: str) -> bool:
    return call.direction is not Direction.INBOUND and call.from_number == name


def _rang(ring: Ring, name: str, span: Span) -> bool:
    return ring.agent == name and span.begin <= ring.began < span.end


def _spent(call: Call, name: str, kind: str, span: Span) -> int:
    """Milliseconds of the period in which this extension talked or held in the call."""

    def within(part: Segment) -> int:
        return max(0, min(part.ended, span.end) - max(part.began, span.begin))

    is_own = _made(call, name)
    return sum(
        within(part)
        for part in call.segments
        if part.kind == kind and (is_own or name in part.name.split(", "))
    )
