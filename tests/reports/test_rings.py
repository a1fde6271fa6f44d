"""Who rang for a recorded call, for how long, and what came of it."""

from reports.call import RingResult, VisitOutcome
from tests.reports.recorded import one, parts


def test_of_three_phones_one_is_answered_elsewhere_twice() -> None:
    results = {ring.agent: ring.result for ring in one("all_of_three_ring").rings}
    assert results == {
        "201": RingResult.ELSEWHERE,
        "202": RingResult.ANSWERED,
        "203": RingResult.ELSEWHERE,
    }


def test_phones_of_one_extension_that_ring_together_are_one_ring() -> None:
    for name, result in (
        ("two_phones_of_an_extension", RingResult.ANSWERED),
        ("two_phones_of_a_member", RingResult.ANSWERED),
        ("two_phones_of_a_member_of_which_one_refuses", RingResult.ABANDONED),
    ):
        [ring] = one(name).rings
        assert (ring.agent, ring.result, round(ring.lasted, -3)) == ("205", result, 1000)


def test_a_member_of_several_phones_is_seen_alone_in_the_call_that_one_took() -> None:
    call = one("two_phones_of_a_member")
    assert [place[:2] for place in parts(call)] == [("queue", "mobile"), ("talk", "205")]
    [visit] = call.visits
    assert (visit.outcome, visit.agent) == (VisitOutcome.ANSWERED, "205")


def test_a_phone_that_refuses_has_rung_for_no_time() -> None:
    refused, answered = one("refused_then_answered").rings
    assert refused.result is RingResult.REFUSED
    assert refused.lasted < 100
    assert answered.result is RingResult.ANSWERED


def test_a_phone_nobody_takes_up_has_rung_to_the_end() -> None:
    [ring] = one("extension_no_answer_to_voicemail").rings
    assert (ring.result, round(ring.lasted, -3)) == (RingResult.NO_ANSWER, 3000)
