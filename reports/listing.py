"""Calls as the contract lists them, and one call as a timeline that one can read."""

from typing import Any

from sqlalchemy.orm import Session

from reports.call import Call
from reports.period import Period
from reports.report import Asked, Report
from reports.store import calls_of
from reports.wording import ENGLISH, Wording

COLUMNS = (
    "started_at direction from to department outcome agent wait_seconds talk_seconds hold_seconds"
    " id"
).split()
DEFINITIONS = {
    "outcome": "how it ended, exactly one: a person spoke, else what was kept, else where it ended",
    "wait_seconds": "queue and ringing before the first answer",
    "talk_seconds": "with a person, from the first answer on; hold is apart",
    "hold_seconds": "music on the caller's side while a person is in the call",
    "segments": "fill the call without a gap; rings inside a queue are part of it",
}
NARROW = "id started_at from outcome agent talk_seconds department".split()


def calls_report(session: Session, asked: Asked) -> Report:
    """Every call of a period, few of them in memory at once."""
    found = calls_of(session, asked.period.span, asked.filters)
    rows = (call_json(call, asked.period) for call in found)
    return Report("calls", asked, COLUMNS, rows, None, DEFINITIONS, NARROW)


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
                "version": step.version,
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
                "talk_seconds": visit.talked / 1000,
                "hold_seconds": visit.held / 1000,
            }
            for visit in call.visits
        ],
        "voicemail": call.voicemail,
        "fax": call.fax,
        "joined_with": list(call.joined_with),
        "transferred_by": list(call.transferred_by),
        "handed_on_at": moment(call.handed_on),
    }


def timeline(call: Call, period: Period, words: Wording = ENGLISH) -> list[tuple[str, str, str]]:
    """When (on the center's clock), for how long, and what: one line for each thing that happened.

    Rings and keys stand between the segments in which they fell.
    """
    lines: list[tuple[int, int | None, str]] = [
        (part.began, part.lasted, f"{words.word('kinds', part.kind)} {part.name}".strip())
        for part in call.segments
    ]
    for ring in call.rings:
        result = words.word("results", ring.result)
        told = words.say("phone_rings", phone=ring.agent, result=result)
        lines.append((ring.began, ring.lasted, f"  {told}"))
    at = {part.name: part.began for part in reversed(call.segments) if part.kind == "menu"}
    for step in call.path:
        began = at.get(step.menu, call.began)
        at[step.menu] = began + step.lasted
        pressed = words.say("key", key=step.key) if step.key else words.say("no_key")
        heard = words.word("results", step.result)
        told = words.say("step", menu=step.menu, key=pressed, heard=heard)
        lines.append((began, step.lasted, f"  {told}"))
    lines.sort(key=lambda line: line[0])
    if call.ended is not None:
        lines.append((call.ended, None, words.outcome(call.outcome)))
    return [
        (
            period.local(began).strftime("%H:%M:%S.%f")[:-3],
            "" if lasted is None else words.seconds(lasted / 1000),
            what,
        )
        for began, lasted, what in lines
    ]
