"""Recorded calls give the right calls, whatever the order in which their records are read."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.call import Direction, Heard, Outcome, VisitOutcome
from reports.fold import calls
from switchboard.pbx.cel import CelRow
from tests.reports.recorded import NAMES, one, parts, recorded, rows, starts, talk_seconds

HOW_THEY_ENDED = {
    "a_complex_example": ["answered", "answered"],
    "attended_transfer_by_the_caller": ["answered"],
    "attended_transfer_to_a_mailbox": ["answered"],
    "internal_answered_and_hung_up_there": ["answered"],
    "internal_rung_to_the_end": ["no_answer"],
    "local_channel_between_two_phones": ["answered"],
    "local_channel_that_is_optimized_away": ["answered"],
    "local_channel_to_an_application": [],
    "one_after_the_other": ["answered"],
    "one_of_two_is_busy": ["answered"],
    "outbound_blind_transfer": ["answered"],
    "outbound_held_and_handed_on": ["answered"],
    "own_mailbox_heard": [],
    "rung_by_the_center_in_vain": [],
    "two_phones_of_an_extension": ["answered"],
    "two_phones_of_a_member": ["answered"],
    "two_phones_of_a_member_of_which_one_refuses": ["abandoned_in_queue"],
    "picked_up_in_the_queue": ["answered"],
    "picked_up_from_a_phone": ["answered"],
    "parked_and_given_up": ["answered"],
    "parked_and_fetched": ["answered"],
    "outbound_answered_and_barred": ["answered", "refused"],
    "moved_by_the_phone_to_a_colleague": ["answered"],
    "forwarded_to_a_colleague": ["answered"],
    "semi_attended_transfer": ["answered"],
    "semi_attended_transfer_by_refer": ["answered"],
    "blind_transfer_by_keys": ["answered"],
    "attended_transfer_by_keys": ["answered"],
    "abandoned_in_menu": ["abandoned_in_menu"],
    "abandoned_in_queue": ["abandoned_in_queue"],
    "agent_hangs_up": ["answered"],
    "all_of_three_ring": ["answered"],
    "answered_in_sales": ["answered"],
    "answered_without_python": ["answered"],
    "asterisk_killed_in_menu_queue_talk_and_voicemail": [
        *["cut_by_restart"] * 4,
        "abandoned_in_voicemail",
    ],
    "attended_transfer": ["answered"],
    "blind_transfer_to_a_department": ["answered"],
    "blind_transfer_to_an_extension": ["answered"],
    "blocked": ["rejected"],
    "closed_and_left_in_the_greeting": ["abandoned_in_voicemail"],
    "closed_says_goodbye": ["closed"],
    "consulted_and_taken_back": ["answered", "answered"],
    "extension_abandoned": ["abandoned_ringing"],
    "extension_answered": ["answered"],
    "extension_away": ["goodbye"],
    "extension_dialled_in_the_menu": ["answered"],
    "extension_no_answer_to_voicemail": ["voicemail"],
    "fax_line_called_by_a_person": ["failed"],
    "goodbye_by_key": ["goodbye"],
    "hangup_by_key": ["goodbye"],
    "held_by_the_agent": ["answered"],
    "hostile_name": ["answered"],
    "hung_up_at_once": ["abandoned_in_menu"],
    "internal_answered": ["answered"],
    "internal_busy": ["busy"],
    "internal_no_answer": ["no_answer"],
    "internal_unknown_number": ["refused"],
    "nobody_there_says_goodbye": ["goodbye"],
    "outside_number_answered": ["forwarded"],
    "outside_number_busy": ["goodbye"],
    "overflow_support_to_sales": ["answered"],
    "queue_timeout_to_voicemail": ["voicemail"],
    "queue_to_queue_by_key": ["answered"],
    "refused_then_answered": ["answered"],
    "signed_out_paused_and_back": [],
    "three_way_mixed_by_the_phone": ["answered", "answered"],
    "three_way_that_the_agent_leaves": ["answered"],
    "three_way_that_the_colleague_leaves": ["answered"],
    "two_callers_joined_by_an_agent": ["answered", "answered"],
    "unknown_number": ["rejected"],
    "voicemail_kept": ["voicemail"],
    "voicemail_without_a_word": ["abandoned_in_voicemail"],
    "withheld_number": ["answered"],
    "wrong_key_then_silence_then_sales": ["answered"],
}


def test_every_recording_has_its_expectation() -> None:
    assert sorted(HOW_THEY_ENDED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_call_ends_in_exactly_one_outcome(name: str) -> None:
    assert [call.outcome for call in recorded(name)] == HOW_THEY_ENDED[name]


@pytest.mark.parametrize("name", NAMES)
def test_segments_fill_the_call_without_a_gap(name: str) -> None:
    for call in recorded(name):
        assert call.segments[0].began == call.began
        assert call.segments[-1].ended == call.ended
        for before, after in zip(call.segments, call.segments[1:], strict=False):
            assert before.ended == after.began
            assert (before.kind, before.name) != (after.kind, after.name)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_reading_does_not_matter_nor_reading_twice(name: str) -> None:
    expected = recorded(name)
    shuffled = rows(name) * 2
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        assert calls(shuffled, starts(name)) == expected


def test_all_recordings_read_as_one_give_the_same_calls_as_each_alone() -> None:
    together = [row for name in NAMES for row in rows(name)]
    random.Random(7).shuffle(together)
    marks = [mark for name in NAMES for mark in starts(name)]
    alone = [call for name in NAMES for call in recorded(name)]
    assert calls(together, marks) == sorted(alone, key=lambda call: (call.began, call.id))


@pytest.mark.parametrize("name", NAMES)
def test_a_call_cut_anywhere_still_has_segments_that_fill_it_and_one_outcome(name: str) -> None:
    """Also where the half of an event is written: a transfer, and not yet who left for it."""
    written = rows(name)
    for until in range(1, len(written) + 1):
        restart = written[until - 1].at + 1
        for call in calls(written[:until], [restart]):
            assert call.outcome is not None
            assert call.ended is not None
            assert sum(part.lasted for part in call.segments) == call.ended - call.began


@given(st.data())
def test_f20_a_clock_that_is_set_back_or_on_in_mid_call_loses_no_arrival_and_no_second(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    whole, written = recorded(name), sorted(rows(name), key=lambda row: row.at)
    step = data.draw(st.sampled_from((-86_400, -3600, -5, -0.5, 3600)))
    at = data.draw(st.integers(0, len(written)))
    moved = written[:at] + [row._replace(at=row.at + step) for row in written[at:]]
    found = calls(moved, starts(name))
    arrivals = {call.id for call in whole if call.direction is Direction.INBOUND}
    assert {call.id for call in found if call.direction is Direction.INBOUND} == arrivals
    for call in found:
        lasted = [one.lasted for part in (call.segments, call.rings, call.path) for one in part]
        assert min([*lasted, *(visit.waited for visit in call.visits)]) >= 0
        if call.ended is not None:
            assert sum(part.lasted for part in call.segments) == call.ended - call.began


@pytest.mark.parametrize("name", [name for name in NAMES if talk_seconds(name) is not None])
def test_talk_is_as_long_as_by_the_callers_own_clock(name: str) -> None:
    assert one(name).talked / 1000 == pytest.approx(talk_seconds(name), abs=0.1)


def test_a_call_in_progress_is_shown_as_such() -> None:
    written = rows("answered_in_sales")
    talking = [row for row in written if row.event not in ("BRIDGE_EXIT", "HANGUP", "CHAN_END")]
    [call] = calls(talking, [])
    assert (call.outcome, call.ended, call.agents) == (None, None, ("201",))
    assert call.visits[-1].outcome is VisitOutcome.ANSWERED


def test_an_answered_call_tells_its_way() -> None:
    call = one("answered_in_sales")
    assert (call.from_number, call.from_name, call.to) == (
        "+79260000001",
        "Ivan Petrov",
        "+74950000001",
    )
    assert [(step.menu, step.key) for step in call.path] == [("main", "1")]
    assert parts(call) == [
        ("menu", "main", 1.015),
        ("queue", "sales", 1.514),
        ("talk", "201", 2.037),
    ]
    assert (call.department, call.agents, call.language) == ("sales", ("201",), "en")


def test_wrong_keys_and_silence_are_told_apart() -> None:
    path = one("wrong_key_then_silence_then_sales").path
    assert [(step.key, step.result) for step in path] == [("5", Heard.WRONG), (None, Heard.SILENCE)]
    assert one("abandoned_in_menu").path[-1].result is Heard.LEFT


def test_a_withheld_number_is_none() -> None:
    assert one("withheld_number").from_number is None


def test_hold_is_apart_from_talk() -> None:
    call = one("held_by_the_agent")
    assert [kind for kind, _, _ in parts(call)] == ["queue", "talk", "hold", "talk"]
    assert call.held / 1000 == pytest.approx(2.0, abs=0.1)


def test_talk_goes_to_the_agent_who_talked_and_the_consultation_to_the_first() -> None:
    """At a completed transfer the first agent's talk ends and the second's begins (kpi.md)."""
    call = one("attended_transfer")
    spent = {(kind, name) for kind, name, seconds in parts(call) if seconds > 0.5}
    assert spent == {("talk", "201"), ("hold", "201"), ("talk", "202")}
    assert call.agents == ("201", "202")


def test_a_consultation_that_came_to_nothing_is_a_call_of_its_own() -> None:
    arrival, asked = recorded("consulted_and_taken_back")
    assert (arrival.direction, asked.direction) == (Direction.INBOUND, Direction.INTERNAL)
    assert (asked.from_number, asked.to, asked.agents) == ("201", "202", ("202",))
    assert arrival.agents == ("201",)


def test_two_arrivals_joined_by_an_agent_stay_two_calls_that_name_each_other() -> None:
    first, second = recorded("two_callers_joined_by_an_agent")
    assert (first.joined_with, second.joined_with) == ((second.id,), (first.id,))
    assert parts(first)[-1][:2] == ("outside", "+79260000002")


def test_every_stay_in_a_queue_is_a_visit() -> None:
    visits = one("overflow_support_to_sales").visits
    assert [(visit.department, visit.outcome) for visit in visits] == [
        ("support", VisitOutcome.FLOWED_OUT),
        ("sales", VisitOutcome.ANSWERED),
    ]


def test_who_is_not_let_in_was_refused_and_who_gave_up_has_abandoned() -> None:
    for name in ("closed_says_goodbye", "nobody_there_says_goodbye"):
        assert [visit.outcome for visit in one(name).visits] == [VisitOutcome.REFUSED]
    assert one("abandoned_in_queue").visits[0].outcome is VisitOutcome.ABANDONED


def test_a_restart_cuts_who_was_there_and_nobody_else() -> None:
    *cut, after = recorded("asterisk_killed_in_menu_queue_talk_and_voicemail")
    assert {call.outcome for call in cut} == {Outcome.CUT_BY_RESTART}
    assert [visit.outcome for call in cut for visit in call.visits] == [
        VisitOutcome.ANSWERED,
        VisitOutcome.CUT,
    ]
    assert after.began > max(call.ended or 0 for call in cut)


def with_event(name: str, before: str, event: str, text: str) -> list[CelRow]:
    """A recording in which the dialplan says more, just before something else happens."""
    written = rows(name)
    place = next(index for index, row in enumerate(written) if row.event == before)
    at = written[place - 1].at / 2 + written[place].at / 2
    return [*written, written[place]._replace(event=event, text=text, at=at)]


def test_a_rule_after_closed_hours_has_closed_the_call() -> None:
    for name, last in (("goodbye_by_key", "goodbye"), ("hangup_by_key", "hangup")):
        [open_] = calls(with_event(name, last, "rule", "menu/main key 8 2"), [])
        [closed] = calls(with_event(name, last, "rule", "menu/main key 8 2 closed"), [])
        assert (open_.outcome, closed.outcome) == (Outcome.GOODBYE, Outcome.CLOSED)


def test_the_language_is_known_before_anything_is_played() -> None:
    """`arrived` has the language that a call begins with; `language` says what a rule makes it."""
    quiet = [row for row in rows("unknown_number") if row.event != "STREAM_BEGIN"]
    told = [row._replace(text=f"{row.text} ru") if row.event == "arrived" else row for row in quiet]
    [call] = calls(told, [])
    assert (call.language, call.to) == ("ru", "+74959999999")
    [changed] = calls(with_event("closed_says_goodbye", "goodbye", "language", "th"), [])
    assert changed.language == "th"


def test_calls_outside_are_told_by_the_number_in_e164_and_barred_ones_are_refused() -> None:
    answered, barred = recorded("outbound_answered_and_barred")
    assert (answered.direction, answered.from_number, answered.to) == (
        Direction.OUTBOUND,
        "201",
        "+74951234567",
    )
    assert (barred.direction, barred.to) == (Direction.OUTBOUND, "+442071838750")
