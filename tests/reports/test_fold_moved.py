"""F32: calls that somebody moves are folded into one call, and talk belongs to who talked."""

import pytest

from reports.call import Direction, RingResult, VisitOutcome
from reports.fold import calls
from tests.reports.book import by, report
from tests.reports.recorded import one, parts, recorded, rows, starts

TRANSFERS = [
    "attended_transfer",
    "attended_transfer_by_keys",
    "blind_transfer_by_keys",
    "blind_transfer_to_an_extension",
    "semi_attended_transfer",
    "semi_attended_transfer_by_refer",
]


@pytest.mark.parametrize("name", TRANSFERS)
def test_f32_a_transfer_is_one_call_of_both_and_known_to_be_the_firsts(name: str) -> None:
    call = one(name)
    assert call.agents == ("201", "202")
    assert call.transferred_by == ("201",)
    assert [kind for kind, _, _ in parts(call)][-1] == "talk"
    assert call.visits[0].agent == "201"
    assert call.visits[0].talked < call.talked, "the second's talk is not the first's"


@pytest.mark.parametrize(
    ("name", "meanwhile"),
    [("attended_transfer_by_keys", []), ("semi_attended_transfer", [("ring", "202")])],
)
def test_f32_a_consultation_by_keys_is_hold_of_the_first(
    name: str, meanwhile: list[tuple[str, str]]
) -> None:
    """The caller hears music until the colleague, or the ringing of his phone, is there."""
    call = one(name)
    assert [(kind, name) for kind, name, _ in parts(call)][1:] == [
        ("talk", "201"),
        ("hold", "201"),
        *meanwhile,
        ("talk", "202"),
    ]
    [transfer] = [row for row in rows(name) if row.event == "ATTENDEDTRANSFER"]
    assert call.segments[2].ended == pytest.approx(transfer.at * 1000, abs=20)


@pytest.mark.parametrize("name", ["semi_attended_transfer", "semi_attended_transfer_by_refer"])
def test_f32_handed_on_while_it_rings_the_second_talks_from_its_answer_on(name: str) -> None:
    """Talk: from an agent's answer until that agent leaves the call (kpi.md)."""
    call = one(name)
    assert [(kind, name) for kind, name, _ in parts(call)][-2:] == [
        ("ring", "202"),
        ("talk", "202"),
    ]
    [transfer] = [row for row in rows(name) if row.event == "ATTENDEDTRANSFER"]
    assert call.segments[-2].began == pytest.approx(transfer.at * 1000, abs=20)
    assert call.segments[-2].lasted == pytest.approx(500, abs=50)


def test_f32_of_three_in_one_call_each_has_the_talk_while_it_was_there() -> None:
    """Talk: from an agent's answer until that agent leaves the call (kpi.md)."""
    left = one("three_way_that_the_agent_leaves")
    assert [(kind, name) for kind, name, _ in parts(left)] == [
        ("queue", "sales"),
        ("talk", "201"),
        ("hold", "201"),
        ("talk", "201, 202"),
        ("talk", "202"),
    ]
    assert left.agents == ("201", "202")
    assert left.transferred_by == ("201",), "the caller went on with somebody else"
    stayed = one("three_way_that_the_colleague_leaves")
    assert [name for kind, name, _ in parts(stayed) if kind == "talk"] == [
        "201",
        "201, 202",
        "201",
    ]
    assert stayed.transferred_by == ()
    assert stayed.visits[0].talked == stayed.talked > left.visits[0].talked


def test_a_channel_that_takes_the_place_of_another_is_never_away() -> None:
    """Asterisk takes it out of one bridge and puts it into the next, on either side of a moment."""
    name = "three_way_that_the_agent_leaves"
    swapped = [
        row._replace(at=row.at + 0.001)
        if row.event == "BRIDGE_ENTER" and row.channel.startswith("PJSIP/202")
        else row
        for row in rows(name)
    ]
    [call] = calls(swapped, starts(name))
    assert [place[:2] for place in parts(call)] == [place[:2] for place in parts(one(name))]


def test_f32_a_three_way_that_a_phone_mixes_is_the_callers_call_and_one_to_the_colleague() -> None:
    arrival, asked = recorded("three_way_mixed_by_the_phone")
    assert [kind for kind, _, _ in parts(arrival)] == ["queue", "talk", "hold", "talk"]
    assert (arrival.agents, arrival.transferred_by) == (("201",), ())
    assert (asked.direction, asked.from_number, asked.agents) == (
        Direction.INTERNAL,
        "201",
        ("202",),
    )


def test_f32_a_parked_caller_is_nobodys_until_he_is_fetched() -> None:
    fetched, given_up = one("parked_and_fetched"), one("parked_and_given_up")
    assert [(kind, name) for kind, name, _ in parts(fetched)] == [
        ("queue", "sales"),
        ("talk", "201"),
        ("park", ""),
        ("talk", "202"),
    ]
    assert (fetched.held, fetched.transferred_by) == (0, ())
    assert parts(given_up)[-1][0] == "park"
    assert given_up.agents == ("201",)


def test_f32_a_call_picked_up_belongs_to_who_took_it() -> None:
    for name in ("picked_up_from_a_phone", "picked_up_in_the_queue"):
        call = one(name)
        assert call.agents == ("202",)
        assert [(ring.agent, ring.result) for ring in call.rings] == [("201", RingResult.ELSEWHERE)]
    [visit] = one("picked_up_in_the_queue").visits
    assert (visit.outcome, visit.agent) == (VisitOutcome.PICKED_UP, "202")
    assert visit.waited == pytest.approx(1000, abs=200)


def test_f32_a_forwarded_call_rings_and_talks_where_it_goes() -> None:
    for name in ("forwarded_to_a_colleague", "moved_by_the_phone_to_a_colleague"):
        call = one(name)
        assert (call.to, call.agents) == ("+74950000201", ("202",))
        assert call.rings[-1].result is RingResult.ANSWERED


def test_f32_a_call_outside_goes_on_when_its_maker_hands_it_on() -> None:
    """At a completed transfer the first agent's talk ends and the second's begins (kpi.md)."""
    call = one("outbound_held_and_handed_on")
    assert [(kind, name) for kind, name, _ in parts(call)] == [
        ("ring", "+74951234567"),
        ("talk", "+74951234567"),
        ("hold", "+74951234567"),
        ("talk", "202"),
    ]
    assert (call.agents, call.transferred_by) == (("201", "202"), ("201",))
    assert call.handed_on == call.segments[-1].began
    blind = one("outbound_blind_transfer")
    assert [kind for kind, _, _ in parts(blind)] == ["ring", "talk", "ring", "talk"]
    assert blind.handed_on == blind.segments[2].began


def test_f32_of_a_call_handed_on_each_agent_has_his_own_talk() -> None:
    call = one("outbound_held_and_handed_on")
    rows = by(report("agents", [call]), "agent")
    spoken = {kind: seconds for kind, _, seconds in parts(call)[1:3]}
    assert rows["201"]["talk_seconds"] == pytest.approx(spoken["talk"], abs=0.1)
    assert rows["201"]["hold_seconds"] == pytest.approx(spoken["hold"], abs=0.1)
    assert rows["202"]["talk_seconds"] == pytest.approx(parts(call)[-1][2], abs=0.1)
    assert (rows["201"]["made"], rows["202"]["made"], rows["202"]["answered"]) == (1, 0, 1)


def test_f32_two_colleagues_talk_on_when_the_one_who_brought_them_together_leaves() -> None:
    call = one("attended_transfer_by_the_caller")
    assert [(kind, name) for kind, name, _ in parts(call)][1:] == [
        ("talk", "201"),
        ("hold", "201"),
        ("talk", "201, 203"),
    ]
    assert (call.agents, call.transferred_by) == (("201", "203"), ("202",))


def test_f32_a_caller_handed_on_to_a_mailbox_is_there_and_not_on_hold() -> None:
    call = one("attended_transfer_to_a_mailbox")
    assert [(kind, name) for kind, name, _ in parts(call)][1:] == [
        ("talk", "201"),
        ("hold", "201"),
        ("voicemail", "sales"),
    ]
    assert (call.agents, call.voicemail) == (("201",), "sales")


def test_who_never_leaves_a_queue_has_made_one_visit_whatever_asterisk_does_there() -> None:
    """A subroutine at each change of the other end has Asterisk tell the queue anew."""
    for name in ("attended_transfer", "two_callers_joined_by_an_agent"):
        entered = [row for row in rows(name) if row.application == "Queue"]
        assert sum(row.event == "APP_START" for row in entered) > 1
        [visit] = recorded(name)[0].visits
        assert (visit.outcome, visit.agent) == (VisitOutcome.ANSWERED, "201")
