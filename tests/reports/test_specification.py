"""Each worked example of Asterisk's CDR specification, placed as a real call, is what it says.

The examples stand in docs.asterisk.org, “CDR Specification”, “Scenarios”. Alice, Bob and Charlie
are the caller and the extensions of the recordings. The records of Asterisk are legs; here a call
is a call: what a leg says of who spoke with whom, for how long, must be found in it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reports.call import Call
from reports.channels import endpoint, is_local
from switchboard.pbx.cdr import CdrRow, read_row
from tests.reports.recorded import RECORDINGS, recorded

ROOT = Path(__file__).resolve().parents[2]
MODULES = (ROOT / "asterisk-config" / "modules.txt").read_text().split()
Leg = tuple[str, str, str]  # party A, party B, disposition; a local channel is `local`


@dataclass(frozen=True)
class Example:
    """`legs` are the specification's; `calls` is what we say of it.

    `talks`: which legs say for how long somebody (the name of a segment) spoke or was on hold.
    `differs`: what Asterisk 22 itself writes otherwise, and why.
    """

    title: str
    recording: str
    legs: tuple[Leg, ...]
    calls: tuple[str, ...]
    talks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    differs: str = ""


ANSWERED, UNANSWERED = "ANSWERED", "NO ANSWER"
EXAMPLES = [
    Example(
        "Unanswered “inbound” call",
        "unknown_number",
        (("carrier", "", UNANSWERED),),
        ("inbound rejected",),
    ),
    Example(
        "Unanswered “outbound” call",
        "rung_by_the_center_in_vain",
        (("202", "", UNANSWERED),),
        (),  # nobody has called: Asterisk rang by itself
    ),
    Example(
        "Single party",
        "own_mailbox_heard",
        (("202", "", ANSWERED),),
        (),  # a code that an agent dials is no call
    ),
    Example(
        "Basic call",
        "internal_answered_and_hung_up_there",
        (("202", "201", ANSWERED),),
        ("internal answered: talk 201",),
        {"201": ("202", "201")},
    ),
    Example(
        "Unanswered dial",
        "internal_rung_to_the_end",
        (("202", "203", UNANSWERED),),
        ("internal no_answer: ring 203, announcement 203-otherwise-0-goodbye",),
    ),
    Example(
        "Parallel dial",
        "two_phones_of_an_extension",
        (("202", "205", UNANSWERED), ("202", "205", ANSWERED)),
        ("internal answered: ring 205, talk 205",),
        {"205": ("202", "205")},
    ),
    Example(
        "Call forward",
        "moved_by_the_phone_to_a_colleague",
        (("carrier", "201", UNANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 202",),
        {"202": ("carrier", "202")},
    ),
    Example(
        "Blind transfer",
        "blind_transfer_to_an_extension",
        (("carrier", "201", ANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 201, talk 202",),
        {"201": ("carrier", "201"), "202": ("carrier", "202")},
    ),
    Example(
        "Core attended transfer to channel",
        "attended_transfer_by_keys",
        (("carrier", "201", ANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 201, hold 201, talk 202",),
        {"202": ("carrier", "202")},
        "Bob asks Charlie through a local channel, so no record has the two of them",
    ),
    Example(
        "Core attended transfer to application",
        "attended_transfer_to_a_mailbox",
        (("carrier", "201", ANSWERED), ("carrier", "local", ANSWERED)),
        ("inbound answered: talk 201, hold 201, voicemail sales",),
        {},
        "the application is behind a local channel",
    ),
    Example(
        "SIP protocol attended transfer",
        "attended_transfer",
        (("carrier", "201", ANSWERED), ("201", "202", ANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 201, hold 201, talk 202",),
        {"201": ("carrier", "201"), "202": ("carrier", "202")},
    ),
    Example(
        "Blonde transfer",
        "semi_attended_transfer",
        (("carrier", "201", ANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 201, hold 201, ring 202, talk 202",),
        {"202": ("carrier", "202")},
        "Bob asks Charlie through a local channel, so no record says that he was not answered",
    ),
    Example(
        "Three way call",
        "three_way_that_the_agent_leaves",
        (("carrier", "201", ANSWERED), ("201", "202", ANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 201, hold 201, talk 201, 202, talk 202",),
    ),
    Example(
        "SIP attended transfer (by the caller)",
        "attended_transfer_by_the_caller",
        (("202", "201", ANSWERED), ("202", "203", ANSWERED), ("201", "203", ANSWERED)),
        ("internal answered: talk 201, hold 201, talk 201, 203",),
        {"201": ("202", "201"), "201, 203": ("201", "203")},
        "the last leg is Bob's and Charlie's, and not Alice's who is gone",
    ),
    Example(
        "Local channel to an application",
        "local_channel_to_an_application",
        (("local", "202", ANSWERED), ("local", "", ANSWERED)),
        (),  # nobody has called: Asterisk rang by itself
    ),
    Example(
        "Local channel between bridges",
        "local_channel_between_two_phones",
        (("local", "201", ANSWERED), ("local", "202", ANSWERED)),
        ("internal answered: talk 202, 201",),
        {"202, 201": ("local", "202")},
    ),
    Example(
        "Local channel optimization",
        "local_channel_that_is_optimized_away",
        (("202", "201", ANSWERED),),
        ("internal answered: talk 202, 201",),
        {"202, 201": ("202", "201")},
    ),
    Example(
        "Call hold",
        "held_by_the_agent",
        (("carrier", "201", ANSWERED),),
        ("inbound answered: talk 201, hold 201, talk 201",),
        {"201": ("carrier", "201")},
    ),
    Example(
        "Call park",
        "parked_and_fetched",
        (("carrier", "201", ANSWERED), ("carrier", "", ANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: talk 201, park, talk 202",),
        {"201": ("carrier", "201"), "202": ("carrier", "202")},
    ),
    Example(
        "Call queue, example 1",
        "one_of_two_is_busy",
        (("carrier", "201", UNANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: queue everyone, talk 202",),
        {},
        "NO ANSWER for Bob who was busy; an answer when the queue begins and not when Charlie does",
    ),
    Example(
        "Call queue, example 2",
        "one_after_the_other",
        (("carrier", "203", UNANSWERED), ("carrier", "202", ANSWERED)),
        ("inbound answered: queue turns, talk 202",),
        {"202": ("carrier", "202")},
    ),
    Example(
        "A complex example",
        "a_complex_example",
        (
            ("carrier", "201", ANSWERED),
            ("carrier", "203", ANSWERED),
            ("carrier", "202", ANSWERED),
            ("203", "202", ANSWERED),
            ("201", "204", ANSWERED),
        ),
        (
            "inbound answered: talk 201, queue support, talk 203, hold 203, talk 203, 202",
            "internal answered: talk 204",
        ),
        {"201": ("carrier", "201"), "204": ("201", "204"), "203, 202": ("carrier", "202")},
        "nobody can join a call unasked, so Charlie stays with Bob; members are no local channels",
    ),
]
SHORT = 0.1  # seconds: a step of the dialplan; so far Asterisk's clock and ours may differ


def legs(recording: str) -> list[CdrRow]:
    lines = (RECORDINGS / recording / "cdr.csv").read_bytes().splitlines(keepends=True)
    read = [read_row(line) for line in lines]
    assert None not in read
    return [row for row in read if row is not None]


def party(channel: str) -> str:
    return "local" if is_local(channel) else endpoint(channel)


def said(call: Call) -> str:
    """A call in one line, without what lasted but a moment."""
    parts = [f"{part.kind} {part.name}".strip() for part in call.segments if _lasts(part.lasted)]
    told = [part for at, part in enumerate(parts) if at == 0 or parts[at - 1] != part]
    return f"{call.direction} {call.outcome}" + (f": {', '.join(told)}" if told else "")


def _lasts(milliseconds: int) -> bool:
    return milliseconds > SHORT * 1000


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.recording)
def test_a_worked_example_is_what_the_specification_says(example: Example) -> None:
    written = {
        (party(leg.channel), party(leg.other_channel), leg.disposition)
        for leg in legs(example.recording)
    }
    assert set(example.legs) <= written, "it is the call of the specification"
    assert tuple(map(said, recorded(example.recording))) == example.calls


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.recording)
def test_who_spoke_did_so_as_long_as_the_record_of_that_leg(example: Example) -> None:
    """`billsec` of the specification; hold is not told apart there."""
    spoken: dict[str, float] = defaultdict(float)
    for call in recorded(example.recording):
        for part in call.segments:
            if part.kind in ("talk", "hold"):
                spoken[part.name] += part.lasted / 1000
    billed: dict[tuple[str, str], float] = defaultdict(float)
    for leg in legs(example.recording):
        if leg.disposition == ANSWERED:
            parties = party(leg.channel), party(leg.other_channel)
            billed[parties] += leg.ended_at - leg.answered_at
    for name, parties in example.talks.items():
        assert spoken[name] == pytest.approx(billed[parties], abs=SHORT)


def test_there_is_no_conference_to_call_into() -> None:
    """“Conference call”: no module for it is loaded, so there is nothing to count."""
    assert not [name for name in MODULES if "confbridge" in name or "meetme" in name]
