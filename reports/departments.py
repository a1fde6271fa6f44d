"""The figures of departments, over their queue visits that began in a period."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.call import Call, VisitOutcome
from reports.report import Asked, Report
from reports.service_level import DEFINITIONS as LEVELS
from reports.service_level import Counts, service_levels
from reports.tally import (
    Piece,
    Tally,
    add,
    at_most,
    bump,
    mean,
    nearest_rank,
    per_cent,
    whole_seconds,
    within,
)

COLUMNS = (
    "department offered answered abandoned short_abandoned flowed_out picked_up refused cut"
    " asa_seconds wait_mean_seconds wait_p90_seconds longest_wait_seconds aht_seconds occupancy"
    " service_level.SL-4"
).split()
NARROW = "department offered answered abandoned refused asa_seconds service_level.SL-4".split()
DEFINITIONS = {
    "offered": "visits = answered + abandoned + flowed_out + picked_up + cut; in the interval they"
    " began in",
    "answered": "connected to an agent",
    "abandoned": "hung up in the queue before an agent was connected",
    "short_abandoned": "abandoned within `short_abandon_seconds`",
    "flowed_out": "left by timeout, key or overflow towards another destination",
    "picked_up": "taken by a colleague whose phone did not ring for it",
    "refused": "never queued: closed, full, no agents; not among the offered",
    "cut": "ended by a restart of Asterisk",
    "waiting": "still in the queue; not among the offered",
    "asa_seconds": "mean wait of answered visits; the ringing of agents belongs to the wait",
    "wait_mean_seconds": "mean wait of all offered; p50, p90, p95 are nearest rank over them, in"
    " whole seconds; a second that has begun counts",
    "abandon_mean_seconds": "mean time to abandon",
    "longest_wait_seconds": "over all offered",
    "aht_seconds": "(talk + hold + wrap-up) / answered; wrap-up as `wrapup_seconds` says now",
    "occupancy": "(talk + hold + wrap-up) / (those + available), of agents signed in to it",
    "true_abandoned": "abandoned, in a call that was answered nowhere in its whole journey",
    "A": "answered; A_T within T seconds, B abandoned, B_T within T, B_S short, F flowed out",
    **LEVELS,
}
OFFERED = tuple(one for one in VisitOutcome if one is not VisitOutcome.REFUSED)


@dataclass(frozen=True)
class Promise:
    """What a department promises, and how long its members rest after a call."""

    seconds: int = 20
    short_abandon_seconds: int = 5
    wrapup_seconds: int = 0
    per_cent: int = 80


def count_departments(tally: Tally, call: Call, piece: Piece) -> None:
    """By department: how long each visit waited, by its outcome; sums in milliseconds."""
    for visit in call.visits:
        if not piece.holds(visit.began):
            continue
        own = within(tally, visit.department)
        if visit.outcome is None or visit.outcome is VisitOutcome.REFUSED:
            bump(own, visit.outcome or "waiting")
            continue
        bump(within(own, "waits", visit.outcome), whole_seconds(visit.waited))
        bump(within(own, "waited"), visit.outcome, visit.waited)
        if visit.outcome is VisitOutcome.ANSWERED:
            bump(own, "handled", visit.talked + visit.held)
        elif visit.outcome is VisitOutcome.ABANDONED and call.answered is None:
            bump(own, "true_abandoned")


def departments_report(asked: Asked, tally: Tally, agents: Tally) -> Report:
    """One row for each department; `agents` says how busy they were while signed in to it."""
    promises = asked.promises
    wanted = asked.filters.department
    names = sorted({*promises, *tally} if wanted is None else {wanted})
    rows, all_levels, whole, work = [], Counts(), Tally(), Tally()
    wrapup = 0
    for name in names:
        own, promise = tally.get(name, {}), promises.get(name, Promise())
        levels, busy = _levels(own, promise), _work_in(name, agents)
        rested = levels.answered * promise.wrapup_seconds * 1000
        rows.append({"department": name} | _figures(own, levels, busy, rested))
        all_levels, wrapup = all_levels + levels, wrapup + rested
        add(whole, own)
        add(work, busy)
    last = {"department": "total"} | _figures(whole, all_levels, work, wrapup)
    return Report("departments", asked, COLUMNS, rows, last, DEFINITIONS, NARROW)


def _work_in(department: str, agents: Tally) -> Tally:
    whole: Tally = {}
    for agent in agents.values():
        add(whole, agent.get("departments", {}).get(department, {}))
    return whole


def _levels(own: Mapping[str, Any], promise: Promise) -> Counts:
    waits = own.get("waits", {})
    answered, abandoned = waits.get("answered", {}), waits.get("abandoned", {})
    return Counts(
        answered=sum(answered.values()),
        answered_in_time=at_most(answered, promise.seconds),
        abandoned=sum(abandoned.values()),
        abandoned_in_time=at_most(abandoned, promise.seconds),
        short_abandoned=at_most(abandoned, promise.short_abandon_seconds),
        flowed_out=sum(waits.get("flowed_out", {}).values()),
    )


def _figures(own: Tally, levels: Counts, work: Tally, wrapup: int) -> dict[str, Any]:
    """The figures of these visits; None where nothing was counted."""
    waits, waited = own.get("waits", {}), own.get("waited", {})
    every: Tally = {}
    for outcome in OFFERED:
        add(every, waits.get(outcome, {}))
    offered = sum(every.values())
    busy = work.get("busy", 0)
    return {
        "offered": offered,
        "answered": levels.answered,
        "abandoned": levels.abandoned,
        "true_abandoned": own.get("true_abandoned", 0),
        "short_abandoned": levels.short_abandoned,
        "flowed_out": levels.flowed_out,
        "picked_up": sum(waits.get(VisitOutcome.PICKED_UP, {}).values()),
        "refused": own.get(VisitOutcome.REFUSED, 0),
        "cut": sum(waits.get(VisitOutcome.CUT, {}).values()),
        "waiting": own.get("waiting", 0),
        "asa_seconds": mean(waited.get(VisitOutcome.ANSWERED, 0), levels.answered),
        "wait_mean_seconds": mean(sum(waited.values()), offered),
        "abandon_mean_seconds": mean(waited.get(VisitOutcome.ABANDONED, 0), levels.abandoned),
        "wait_p50_seconds": nearest_rank(every, 50),
        "wait_p90_seconds": nearest_rank(every, 90),
        "wait_p95_seconds": nearest_rank(every, 95),
        "longest_wait_seconds": max(map(int, every), default=None),
        "aht_seconds": mean(own.get("handled", 0) + wrapup, levels.answered),
        "occupancy": per_cent(busy, busy + work.get("available", 0)),
        "service_level": service_levels(levels),
    }
