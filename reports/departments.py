"""The figures of departments, over their queue visits that began in a period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from reports.balance import Balance
from reports.call import Call, Visit, VisitOutcome
from reports.period import Period
from reports.report import Report
from reports.service_level import DEFINITIONS as LEVELS
from reports.service_level import Counts, service_levels

COLUMNS = (
    "department offered answered abandoned short_abandoned flowed_out refused cut asa_seconds"
    " wait_mean_seconds wait_p90_seconds longest_wait_seconds aht_seconds service_level.SL-4"
).split()
DEFINITIONS = {
    "offered": "visits = answered + abandoned + flowed_out + cut; in the interval they began in",
    "answered": "connected to an agent",
    "abandoned": "hung up in the queue before an agent was connected",
    "short_abandoned": "abandoned within `short_abandon_seconds`",
    "flowed_out": "left by timeout, key or overflow towards another destination",
    "refused": "never queued: closed, full, no agents; not among the offered",
    "cut": "ended by a restart of Asterisk",
    "waiting": "still in the queue; not among the offered",
    "asa_seconds": "mean wait of answered visits; the ringing of agents belongs to the wait",
    "wait_mean_seconds": "mean wait of all offered; p50, p90, p95 are nearest rank over them",
    "abandon_mean_seconds": "mean time to abandon",
    "longest_wait_seconds": "over all offered",
    "aht_seconds": "(talk + hold + wrap-up) / answered; wrap-up as `wrapup_seconds` says now",
    "true_abandoned": "abandoned, in a call that was answered nowhere in its whole journey",
    "A": "answered; A_T within T seconds, B abandoned, B_T within T, B_S short, F flowed out",
    **LEVELS,
}


@dataclass(frozen=True)
class Promise:
    """What a department promises, and how long its members rest after a call."""

    seconds: int = 20
    short_abandon_seconds: int = 5
    wrapup_seconds: int = 0


@dataclass(frozen=True)
class Stay:
    """A visit, whether its call was answered anywhere, and the promise of its department."""

    visit: Visit
    call_answered: bool
    promise: Promise

    @property
    def seconds(self) -> int:
        """The wait in whole seconds."""
        return (self.visit.waited + 500) // 1000


def departments_report(
    period: Period,
    calls: Iterable[Call],
    promises: Mapping[str, Promise],
    foot: Balance,
) -> Report:
    """One row for each department; `calls` may begin before the period: visits are asked."""
    span = period.span
    stays: dict[str, list[Stay]] = {name: [] for name in promises}
    for call in calls:
        for visit in call.visits:
            if span.begin <= visit.began < span.end:
                promise = promises.get(visit.department, Promise())
                known = stays.setdefault(visit.department, [])
                known.append(Stay(visit, call.answered is not None, promise))
    rows = [{"department": name} | figures(stays[name]) for name in sorted(stays)]
    total = {"department": "total"} | figures(list(chain.from_iterable(stays.values())))
    return Report("departments", period, COLUMNS, rows, foot, total, DEFINITIONS)


def figures(stays: Sequence[Stay]) -> dict[str, Any]:
    """The figures of these visits; None where nothing was counted."""
    by: dict[VisitOutcome | None, list[Stay]] = defaultdict(list)
    for stay in stays:
        by[stay.visit.outcome].append(stay)
    answered, abandoned = by[VisitOutcome.ANSWERED], by[VisitOutcome.ABANDONED]
    flowed_out, cut = by[VisitOutcome.FLOWED_OUT], by[VisitOutcome.CUT]
    offered = [*answered, *abandoned, *flowed_out, *cut]
    waits = sorted(stay.seconds for stay in offered)
    short = [stay for stay in abandoned if _within(stay, stay.promise.short_abandon_seconds)]
    counts = Counts(
        answered=len(answered),
        answered_in_time=sum(_within(stay, stay.promise.seconds) for stay in answered),
        abandoned=len(abandoned),
        abandoned_in_time=sum(_within(stay, stay.promise.seconds) for stay in abandoned),
        short_abandoned=len(short),
        flowed_out=len(flowed_out),
    )
    return {
        "offered": len(offered),
        "answered": len(answered),
        "abandoned": len(abandoned),
        "true_abandoned": sum(not stay.call_answered for stay in abandoned),
        "short_abandoned": len(short),
        "flowed_out": len(flowed_out),
        "refused": len(by[VisitOutcome.REFUSED]),
        "cut": len(cut),
        "waiting": len(by[None]),
        "asa_seconds": mean([stay.visit.waited / 1000 for stay in answered]),
        "wait_mean_seconds": mean([stay.visit.waited / 1000 for stay in offered]),
        "abandon_mean_seconds": mean([stay.visit.waited / 1000 for stay in abandoned]),
        "wait_p50_seconds": nearest_rank(waits, 50),
        "wait_p90_seconds": nearest_rank(waits, 90),
        "wait_p95_seconds": nearest_rank(waits, 95),
        "longest_wait_seconds": waits[-1] if waits else None,
        "aht_seconds": mean([_handled(stay) for stay in answered]),
        "occupancy": None,
        "service_level": service_levels(counts),
    }


def _within(stay: Stay, seconds: int) -> bool:
    return stay.visit.waited <= seconds * 1000


def _handled(stay: Stay) -> float:
    return (stay.visit.talked + stay.visit.held) / 1000 + stay.promise.wrapup_seconds


def mean(values: Sequence[float]) -> float | None:
    """With one decimal; None of nothing."""
    return round(sum(values) / len(values), 1) if values else None


def nearest_rank(ordered: Sequence[int], per_cent: int) -> int | None:
    """The percentile by nearest rank of values in order; None of nothing."""
    rank = -(-per_cent * len(ordered) // 100)
    return ordered[rank - 1] if ordered else None
