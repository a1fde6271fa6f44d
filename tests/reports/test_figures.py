"""Figures by their definitions, on plain values and on the recorded calls."""

import csv
import io
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.balance import balance
from reports.call import Call, Outcome, Visit, VisitOutcome
from reports.departments import Promise, departments_report, nearest_rank
from reports.fold import calls
from reports.listing import call_json, calls_report, timeline
from reports.period import Period, PeriodInvalid
from reports.report import Report
from reports.service_level import Counts, service_levels
from tests.reports.recorded import NAMES, rows, starts

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = Period.of("2026-11-22", "2026-11-22", MOSCOW)
EVERY = calls(
    [row for name in NAMES for row in rows(name)], [at for name in NAMES for at in starts(name)]
)
INBOUND = {call.id for call in EVERY if call.direction == "inbound"}
FOOT = balance(INBOUND, EVERY)
PROMISE = Promise()


def departments(found: list[Call], promise: Promise = PROMISE) -> Report:
    return departments_report(DAY, found, {"sales": promise}, FOOT)


def with_visits(*visits: Visit) -> list[Call]:
    return [replace(EVERY[0], visits=visits)]


def visit(outcome: VisitOutcome, seconds: float, talked: float = 0) -> Visit:
    return Visit(
        "sales", EVERY[0].began, round(seconds * 1000), outcome, "201", round(talked * 1000), 0
    )


def test_the_six_service_levels_of_the_worked_example() -> None:
    """A=1000, A_T=860, B=60, B_T=20, B_S=10, F=0: 83.0, 86.0, 81.1, 82.7, 82.1, 81.1 %."""
    levels = service_levels(Counts(1000, 860, 60, 20, 10, 0))
    assert list(levels.values()) == [83.0, 86.0, 81.1, 82.7, 82.1, 81.1]


def test_where_nothing_was_counted_there_is_no_figure() -> None:
    report = departments([])
    assert set(report.rows[0]["service_level"].values()) == {None}
    assert report.rows[0]["asa_seconds"] is None
    assert set(service_levels(Counts(0, 0, 0, 0, 0, 0)).values()) == {None}


@given(st.lists(st.integers(0, 500), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    values: list[int], per_cent: int
) -> None:
    found = nearest_rank(sorted(values), per_cent)
    assert found in values

    def share(limit: int) -> float:
        return 100 * sum(value <= limit for value in values) / len(values)

    assert share(found) >= per_cent
    assert all(share(value) < per_cent for value in values if value < found)


@given(
    st.lists(
        st.builds(visit, st.sampled_from(list(VisitOutcome)), st.floats(0, 300), st.floats(0, 900))
    )
)
def test_offered_is_the_sum_of_its_outcomes(visits: list[Visit]) -> None:
    row = departments(with_visits(*visits)).rows[0]
    parts = ("answered", "abandoned", "flowed_out", "cut")
    assert row["offered"] == sum(row[part] for part in parts)
    assert row["offered"] + row["refused"] == len(visits)
    assert row["short_abandoned"] <= row["abandoned"]


def test_waits_talk_and_wrap_up_are_what_they_are_said_to_be() -> None:
    found = with_visits(
        visit(VisitOutcome.ANSWERED, 10, 60),
        visit(VisitOutcome.ANSWERED, 30, 120),
        visit(VisitOutcome.ABANDONED, 4),
        visit(VisitOutcome.FLOWED_OUT, 120),
        visit(VisitOutcome.REFUSED, 0),
    )
    row = departments(found, Promise(20, 5, wrapup_seconds=10)).rows[0]
    assert row["asa_seconds"] == 20.0
    assert row["wait_mean_seconds"] == 41.0
    assert row["longest_wait_seconds"] == 120
    assert row["aht_seconds"] == 100.0
    assert (row["abandoned"], row["short_abandoned"]) == (1, 1)
    assert row["service_level"]["SL-4"] == 50.0


def test_the_recorded_departments() -> None:
    report = departments(EVERY)
    sales = report.rows[1]
    assert [row["department"] for row in report.rows] == ["everyone", "sales", "strict", "support"]
    assert report.total is not None
    assert report.total["offered"] == sum(row["offered"] for row in report.rows)
    assert (sales["abandoned"], sales["true_abandoned"], sales["cut"]) == (1, 1, 1)


def test_a_visit_counts_in_the_period_it_began_in() -> None:
    found = with_visits(visit(VisitOutcome.ANSWERED, 1))
    later = Period.of("2026-11-23", "2026-11-23", MOSCOW)
    assert departments_report(later, found, {"sales": Promise()}, FOOT).rows[0]["offered"] == 0


def test_every_arrival_is_accounted_for() -> None:
    assert FOOT.arrived == len(INBOUND) == FOOT.accounted + FOOT.in_progress
    assert FOOT.unexplained == ()


def test_an_arrival_without_a_call_is_named() -> None:
    assert balance([*INBOUND, "switchboard-1.0"], EVERY).unexplained == ("switchboard-1.0",)


def test_a_call_is_listed_as_the_contract_says() -> None:
    found = next(call for call in EVERY if call.outcome is Outcome.ANSWERED and call.path)
    listed = call_json(found, DAY)
    wanted = (
        "id node direction from from_name to language started_at answered_at ended_at path"
        " department outcome agent agents wait_seconds talk_seconds hold_seconds segments rings"
        " voicemail fax"
    ).split()
    assert [key for key in wanted if key not in listed] == []
    assert listed["node"] == "switchboard"
    assert listed["started_at"].endswith("+03:00")
    assert sum(part["seconds"] for part in listed["segments"]) == pytest.approx(
        (found.ended or 0) / 1000 - found.began / 1000, abs=0.001
    )


def test_a_name_that_a_spreadsheet_would_compute_is_text() -> None:
    report = calls_report(DAY, EVERY, FOOT)
    cells = [cell for line in csv.reader(io.StringIO(report.as_csv())) for cell in line]
    assert "'+79260000001" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_a_timeline_tells_menus_keys_rings_and_talk_in_their_order() -> None:
    [call] = calls(rows("answered_in_sales"), [])
    assert [what for _, _, what in timeline(call, DAY)] == [
        "menu main",
        "  main: key 1 (key)",
        "queue sales",
        "  201 rings: answered",
        "talk 201",
        "answered",
    ]


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2026-03-29", "2026-03-29", 23),
        ("2026-10-25", "2026-10-25", 25),
        ("2026-02-28", "2026-03-01", 48),
        ("2028-02-29", "2028-02-29", 24),
    ],
)
def test_a_day_is_as_long_as_the_clock_of_the_center_makes_it(
    begin: str, end: str, hours: int
) -> None:
    span = Period.of(begin, end, ZoneInfo("Europe/Berlin")).span
    assert span.end - span.begin == hours * 3_600_000


@pytest.mark.parametrize(
    ("begin", "end"),
    [("2026-11-22", "2026-11-21"), ("yesterday", "2026-11-22"), ("2026-11-22", "2026-13-01")],
)
def test_a_period_that_is_none_is_refused(begin: str, end: str) -> None:
    with pytest.raises(PeriodInvalid):
        Period.of(begin, end, MOSCOW)


def test_a_date_in_to_is_included_and_a_time_is_not() -> None:
    by_date = Period.of("2026-11-22", "2026-11-22", MOSCOW)
    by_time = Period.of("2026-11-22T00:00", "2026-11-23T00:00", MOSCOW)
    assert by_date == by_time
