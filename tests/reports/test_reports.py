"""The reports beside `calls` and `departments`, on the recorded calls and on plain values."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from reports.call import Call, Direction, Heard, Outcome, Step
from reports.catalogue import REPORTS
from reports.departments import Promise
from reports.period import Period
from reports.report import Row, cell
from reports.section import NAMES
from reports.sessions import PAUSED, RESUMED, SIGNED_IN, SIGNED_OUT, Told, told_by_queue
from reports.store import Filters
from switchboard.pbx.queue_log import read_row
from tests.reports.book import DAY, EVERY, INBOUND, MOSCOW, by, report, rows_of


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_its_columns_its_definitions_and_the_balance(name: str) -> None:
    made = report(name)
    assert rows_of(made)
    assert made.balance.as_json()["unexplained"] == 0
    assert set(made.narrow) <= set(made.columns)
    for row in made.lines():
        assert {column.partition(".")[0] for column in made.columns} <= set(row)
        assert all(cell(row, column) != {} or column == "keys" for column in made.columns)


def test_every_report_that_a_center_may_name_can_be_made() -> None:
    assert set(REPORTS) == set(get_args(NAMES))


def test_hours_are_those_of_the_centers_clock_and_sum_up_to_all_arrivals() -> None:
    made = report("hours")
    expected = Counter(
        DAY.local(call.began).hour for call in EVERY if call.direction is Direction.INBOUND
    )
    assert {row["hour"]: row["arrived"] for row in made.rows} == expected
    assert {row["day"] for row in made.rows} == {"sun"}
    assert made.total is not None
    assert made.total["arrived"] == len(INBOUND)


def test_numbers_tell_what_was_dialled() -> None:
    rows = by(report("numbers"), "number")
    assert rows["+74959999999"]["arrived"] == 1
    assert rows["+74950000007"]["answered"] == 0


def menu_of(*steps: Step) -> Row:
    [call] = [call for call in EVERY if call.path and call.direction == "inbound"][:1]
    return by(report("menus", [replace(call, path=steps)]), "menu")["main"]


def test_a_menu_knows_how_far_it_was_heard_and_who_was_led_on() -> None:
    silence = Step("main", "v1", None, 8_200, Heard.SILENCE)
    asked_again = menu_of(silence, Step("main", "v1", "1", 900, Heard.KEY))
    assert (asked_again["otherwise"], asked_again["heard_at"]) == (0, {"1": 1, "9": 1})
    assert menu_of(silence, silence)["otherwise"] == 1
    assert menu_of(silence, Step("late", "v1", "1", 900, Heard.KEY))["otherwise"] == 1
    assert menu_of(Step("main", "v1", None, 10, Heard.LEFT))["otherwise"] == 0


def test_menus_are_counted_with_each_key() -> None:
    main = by(report("menus"), "menu")["main"]
    assert main["played"] == sum(main[part] for part in ("chosen", "wrong", "silent", "left"))
    assert main["keys"]["202"] == main["keys"]["8"] == main["keys"]["9"] == 1
    assert (main["wrong"], main["silent"]) == (1, 1)


def talkers(call: Row, part: Row) -> set[str]:
    """The extensions that spoke; who made the call is not named where another one is with it."""
    inside = {name for name in part["name"].split(", ") if not name.startswith("+")}
    has_left = call["handed_on_at"] is not None and part["started_at"] >= call["handed_on_at"]
    is_own = call["direction"] != "inbound" and not has_left
    return inside | {call["from"]} if is_own else inside


def test_talk_of_agents_is_the_talk_of_calls_each_second_once() -> None:
    expected: Counter[str] = Counter()
    for call in rows_of(report("calls")):
        for part in call["segments"]:
            if part["kind"] == "talk":
                expected.update(dict.fromkeys(talkers(call, part), round(1000 * part["seconds"])))
    rows = by(report("agents"), "agent")
    assert set(rows) >= set(expected)
    for agent, lasted in expected.items():
        assert rows[agent]["talk_seconds"] == pytest.approx(lasted / 1000, abs=0.1)


def test_the_time_that_departments_spend_on_a_call_is_that_of_the_visits_of_calls() -> None:
    calls = rows_of(report("calls"))
    visits = [visit for call in calls for visit in call["visits"]]
    answered = [visit for visit in visits if visit["outcome"] == "answered"]
    spent = sum(visit["talk_seconds"] + visit["hold_seconds"] for visit in answered)
    total = report("departments").total
    assert total is not None
    assert total["answered"] == len(answered) > 10
    assert total["aht_seconds"] == pytest.approx(spent / len(answered), abs=0.06)


def test_calls_made_and_rings_not_taken_are_counted() -> None:
    rows = by(report("agents"), "agent")
    assert (rows["201"]["made"], rows["202"]["made"]) == (10, 7)
    assert rows["203"]["ring_no_answer"] == 3
    assert rows["203"]["ring_refused"] == 1


def test_an_agents_talk_is_cut_at_the_edge_of_the_period() -> None:
    call = next(call for call in EVERY if call.agents == ("201",) and call.talked > 2000)
    talk = next(part for part in call.segments if part.kind == "talk")
    edge = DAY.local(talk.began + 500)
    late = Period(edge, DAY.end, MOSCOW)
    [row] = rows_of(report("agents", [call], period=late))
    assert row["talk_seconds"] == pytest.approx((talk.lasted - 500) / 1000, abs=0.05)
    assert row["answered"] == 0, "it began before the period"


def test_messages_and_faxes_are_counted_where_they_were_left() -> None:
    [sales] = rows_of(report("voicemail"))
    assert (sales["reached"], sales["kept"]) == (8, 4)
    assert sales["reached"] == sales["kept"] + sales["left_nothing"]
    [office] = rows_of(report("fax"))
    assert (office["reached"], office["received"], office["failed"]) == (1, 0, 1)


def test_calls_to_the_outside_are_counted_by_extension() -> None:
    call = next(call for call in EVERY if call.direction is Direction.INTERNAL and call.talked)
    made = replace(call, id="n-1", direction=Direction.OUTBOUND, from_number="202")
    row = by(report("outbound", [made, *EVERY]), "agent")["202"]
    assert (row["agent"], row["made"], row["answered"]) == ("202", 1, 1)
    assert row["talk_seconds"] == pytest.approx(made.talked / 1000, abs=0.1)


def missed(at: int, number: str | None = "+79261111111", **changes: object) -> Call:
    base = next(call for call in EVERY if call.outcome is Outcome.ABANDONED_IN_QUEUE)
    call = replace(base, id=f"n-{at}", began=base.began + at, from_number=number)
    return replace(call, **changes)  # type: ignore[arg-type]


def owed(*found: Call, unheard: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    made = report("owed", found, unheard=unheard)
    return [(row["number"], row["times"]) for row in made.rows]


def test_who_never_got_an_answer_is_owed_one_once() -> None:
    assert owed(missed(0), missed(1000), missed(2000, None)) == [("+79261111111", 2)]


@pytest.mark.parametrize(
    "contact",
    [
        missed(9, outcome=Outcome.ANSWERED, answered=9),
        missed(9, outcome=Outcome.VOICEMAIL),
        missed(
            9,
            "201",
            to="+79261111111",
            direction=Direction.OUTBOUND,
            outcome=Outcome.ANSWERED,
            answered=9,
        ),
    ],
    ids=["calls again", "leaves a message", "is called back"],
)
def test_the_next_contact_in_either_direction_clears_it(contact: Call) -> None:
    assert owed(missed(0), contact) == []
    assert len(owed(contact, missed(10))) == 1


def test_calling_back_in_vain_clears_nothing() -> None:
    called = missed(
        9, "201", to="+79261111111", direction=Direction.OUTBOUND, outcome=Outcome.NO_ANSWER
    )
    assert len(owed(missed(0), called)) == 1


def test_a_message_that_nobody_has_is_owed_until_the_next_contact() -> None:
    message = missed(9, outcome=Outcome.VOICEMAIL)
    assert owed(missed(0), message, unheard=("n-9",)) == [("+79261111111", 2)]
    answered = missed(20, outcome=Outcome.ANSWERED, answered=20)
    assert owed(message, answered, unheard=("n-9",)) == []


WEEK = 7 * 86_400_000


def test_who_calls_again_within_seven_days_is_counted_once() -> None:
    """The seven days may reach before the period."""
    before = missed(-WEEK, "+79260000001")
    again = [missed(0, "+79260000001"), missed(1, "+79260000001"), missed(2, "+79260000002")]
    long_ago = missed(1 - WEEK, "+79260000002")
    made = report("numbers", [before, long_ago, *again, missed(3, None)])
    assert made.total is not None
    assert (made.total["callers"], made.total["repeat_callers"]) == (2, 1)
    assert made.total["repeat_per_cent"] == 50.0


BEGAN = DAY.span.begin
HOUR = 3_600_000


def told(*events: tuple[float, str, str]) -> list[Told]:
    """What 201 did, by the hour of the day."""
    return [Told(BEGAN + round(at * HOUR), "201", what, about) for at, what, about in events]


@pytest.mark.parametrize("interface", ["PJSIP/201", "Local/201@member"])
def test_a_member_signs_in_and_out_by_any_name_that_a_queue_knows_it_by(interface: str) -> None:
    for event, what in (("ADDMEMBER", SIGNED_IN), ("REMOVEMEMBER", SIGNED_OUT)):
        row = read_row(f"1795341805|sb-1795341805.1|sales|{interface}|{event}|\n".encode())
        assert row is not None
        assert told_by_queue(row) == Told(1795341805000, "201", what, "sales")


def test_sessions_pauses_and_what_is_left_are_told_apart() -> None:
    made = report(
        "agents",
        [],
        told=told(
            (-5, SIGNED_IN, "sales"),
            (-4, SIGNED_OUT, "sales"),
            (8, SIGNED_IN, "sales"),
            (8, SIGNED_IN, "support"),
            (12, PAUSED, "lunch"),
            (12.5, RESUMED, ""),
            (15, PAUSED, "talk"),
            (16, SIGNED_OUT, "support"),
            (17, SIGNED_OUT, "sales"),
            (20, RESUMED, ""),
        ),
    )
    [row] = rows_of(made)
    assert row["signed_in_seconds"] == 9 * 3600
    assert row["pauses"] == {"lunch": 1800, "talk": 7200}
    assert row["paused_seconds"] == 2.5 * 3600
    assert row["available_seconds"] == 6.5 * 3600
    assert row["occupancy"] == 0


def test_a_session_goes_on_over_midnight_until_now() -> None:
    [row] = rows_of(report("agents", [], told=told((-20, SIGNED_IN, "sales"))))
    assert row["signed_in_seconds"] == 24 * 3600
    later = Period.of("2026-11-23", "2026-11-23", MOSCOW)
    [row] = rows_of(report("agents", [], told=told((23, PAUSED, "x"), (-20, SIGNED_IN, "sales"))))
    assert row["paused_seconds"] == 3600
    assert rows_of(report("agents", [], period=later, told=told((1, SIGNED_IN, "x"))))


def test_talk_and_wrap_up_are_occupancy_while_signed_in() -> None:
    call = next(call for call in EVERY if call.agents == ("201",) and call.department == "sales")
    signed_in = [
        Told(call.began, "201", SIGNED_IN, "sales"),
        Told(call.began + 60_000, "201", SIGNED_OUT, "sales"),
    ]
    made = report("agents", [call], promises={"sales": Promise(wrapup_seconds=10)}, told=signed_in)
    [row] = rows_of(made)
    busy = (call.talked + call.held) / 1000 + 10
    assert row["wrapup_seconds"] == 10
    assert row["available_seconds"] == pytest.approx(60 - busy, abs=0.1)
    assert row["occupancy"] == pytest.approx(100 * busy / 60, abs=0.1)
    made = report(
        "departments", [call], promises={"sales": Promise(wrapup_seconds=10)}, told=signed_in
    )
    assert by(made, "department")["sales"]["occupancy"] == row["occupancy"]


def test_transfers_are_counted_for_who_made_them() -> None:
    rows = by(report("agents"), "agent")
    assert rows["201"]["transferred"] == 14  # one transfer joined two calls
    assert rows["202"]["picked_up"] == 1
    assert rows["202"]["transferred"] == 1


def departments_of(call: Call) -> set[str]:
    return {visit.department for visit in call.visits}


@pytest.mark.parametrize(
    ("filters", "takes"),
    [
        (
            Filters(department="support"),
            lambda call: "support" in {v.department for v in call.visits},
        ),
        (Filters(agent="202"), lambda call: "202" in call.agents),
        (
            Filters(number="+79260000001"),
            lambda call: "+79260000001" in (call.from_number, call.to),
        ),
        (Filters(language="en"), lambda call: call.language == "en"),
        (Filters(outcome="voicemail"), lambda call: call.outcome == "voicemail"),
        (Filters(agent="%"), lambda call: False),
        (Filters(number="' OR 1=1 --"), lambda call: False),
        (
            Filters(agent="201", outcome="answered"),
            lambda call: "201" in call.agents and call.outcome == "answered",
        ),
    ],
)
def test_filters_take_what_they_say(filters: Filters, takes: Callable[[Call], bool]) -> None:
    made = report("calls", filters=filters)
    assert [row["id"] for row in made.rows] == [call.id for call in EVERY if takes(call)]
    assert made.balance == report("calls").balance
    hours = report("hours", filters=filters).total
    assert hours is not None
    inbound = [call for call in EVERY if takes(call) and call.id in INBOUND]
    assert hours["arrived"] == len(inbound)
