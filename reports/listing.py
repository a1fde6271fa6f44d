"""Calls as the contract lists them, and one call as a timeline that one can read."""

from collections.abc import Iterable
from typing import Any

from reports.balance import Balance
from reports.call import Call
from reports.period import Period
from reports.report import Report

COLUMNS = (
    "started_at direction from to department outcome agent wait_seconds talk_seconds hold_seconds"
    " id"
).split()


def calls_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """Every call of a period."""
    rows = [call_json(call, period) for call in calls]
    return Report("calls", period, COLUMNS, rows, foot)


def call_json(call: Call, period: Period) -> dict[str, Any]:
    """All that is known of a call; times on the center's clock, with their offset."""

    def moment(at: int | None) -> str | None:
        return None if at is None else period.local(at).isoformat(timespec="milliseconds")

    return {
        "id": call.id,
        "node": call.node,
        "direction": call.direction,
        "from": call.from_number,
        "from_name": call.from_name,
        "to": call.to,
        "language": call.language,
        "started_at": moment(call.began),
        "answered_at": moment(call.answered),
        "ended_at": moment(call.ended),
        "path": [
            {
                "menu": step.menu,
                "key": step.key,
                "seconds": step.lasted / 1000,
                "heard": step.result,
            }
            for step in call.path
        ],
        "department": call.department,
        "outcome": call.outcome,
        "agent": call.agents[0] if call.agents else None,
        "agents": list(call.agents),
        "wait_seconds": call.waited / 1000,
        "talk_seconds": call.talked / 1000,
        "hold_seconds": call.held / 1000,
        "segments": [
            {
                "kind": part.kind,
                "name": part.name,
                "started_at": moment(part.began),
                "seconds": part.lasted / 1000,
            }
            for part in call.segments
        ],
        "rings": [
            {"agent": ring.agent, "seconds": ring.lasted / 1000, "result": ring.result}
            for ring in call.rings
        ],
        "visits": [
            {
                "department": visit.department,
                "started_at": moment(visit.began),
                "wait_seconds": visit.waited / 1000,
                "outcome": visit.outcome,
                "agent": visit.agent,
            }
            for visit in call.visits
        ],
        "voicemail": call.voicemail,
        "fax": call.fax,
        "joined_with": list(call.joined_with),
    }


def timeline(call: Call, period: Period) -> list[tuple[str, str, str]]:
    """When (on the center's clock), for how long, and what: one line for each thing that happened.

    Rings and keys stand between the segments in which they fell.
    """
    lines: list[tuple[int, int | None, str]] = [
        (part.began, part.lasted, f"{part.kind} {part.name}".strip()) for part in call.segments
    ]
    for ring in call.rings:
        lines.append((ring.began, ring.lasted, f"  {ring.agent} rings: {ring.result}"))
    at = {part.name: part.began for part in reversed(call.segments) if part.kind == "menu"}
    for step in call.path:
        began = at.get(step.menu, call.began)
        at[step.menu] = began + step.lasted
        pressed = f"key {step.key}" if step.key else "no key"
        lines.append((began, step.lasted, f"  {step.menu}: {pressed} ({step.result})"))
    lines.sort(key=lambda line: line[0])
    if call.ended is not None:
        lines.append((call.ended, None, f"{call.outcome}"))
    return [
        (
            period.local(began).strftime("%H:%M:%S.%f")[:-3],
            "" if lasted is None else f"{lasted / 1000:.1f} s",
            what,
        )
        for began, lasted, what in lines
    ]
