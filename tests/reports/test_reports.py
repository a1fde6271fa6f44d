"""The reports beside `calls` and `departments`, on the recorded calls and on plain values."""

import csv
import io
from collections import Counter
from dataclasses import replace
from typing import get_args

import pytest

from reports.agents import agents_report
from reports.call import Call, Direction, Outcome
from reports.catalogue import REPORTS, Material
from reports.departments import Promise
from reports.hours import hours_report
from reports.left_behind import fax_report, voicemail_report
from reports.menus import menus_report
from reports.numbers import numbers_report
from reports.outbound import outbound_report
from reports.owed import owed_report
from reports.period import Period
from reports.report import Report, Row
from reports.section import NAMES
from tests.reports.test_figures import DAY, EVERY, FOOT, INBOUND, MOSCOW

MATERIAL = Material(DAY, EVERY, EVERY, EVERY, {"sales": Promise()}, FOOT)


def by(report: Report, key: str) -> dict[str, Row]:
    return {row[key]: row for row in report.rows}


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_its_columns_its_definitions_and_the_balance(name: str) -> None:
    report = REPORTS[name](MATERIAL)
    assert report.rows or name == "outbound", "no recording calls outside"
    head, *lines = list(csv.reader(io.StringIO(report.as_csv())))
    assert head == list(report.columns)
    assert len(lines) == len(report.rows) + (report.total is not None)
    assert report.as_json()["balance"]["unexplained"] == 0
    shown = [*report.rows, *([report.total] if report.total else [])]
    for row in shown:
        assert {column.partition(".")[0] for column in head} <= set(row), "a column without figure"


def test_every_report_that_a_center_may_name_can_be_made() -> None:
    assert set(REPORTS) == set(get_args(NAMES))


def test_hours_are_those_of_the_centers_clock_and_sum_up_to_all_arrivals() -> None:
    report = hours_report(DAY, EVERY, FOOT)
    expected = Counter(
        DAY.local(call.began).hour for call in EVERY if call.direction is Direction.INBOUND
    )
    assert {row["hour"]: row["arrived"] for row in report.rows} == expected
    assert {row["day"] for row in report.rows} == {"sun"}
    assert report.total is not None
    assert report.total["arrived"] == len(INBOUND)


def test_numbers_tell_what_was_dialled() -> None:
    rows = by(numbers_report(DAY, EVERY, FOOT), "number")
    assert rows["+74959999999"]["arrived"] == 1
    assert rows["+74950000007"]["answered"] == 0


def test_menus_are_counted_with_each_key() -> None:
    main = by(menus_report(DAY, EVERY, FOOT), "menu")["main"]
    assert main["played"] == sum(main[part] for part in ("chosen", "wrong", "silent", "left"))
    assert main["keys"]["202"] == main["keys"]["8"] == main["keys"]["9"] == 1
    assert (main["wrong"], main["silent"]) == (1, 1)


def test_talk_of_agents_is_the_talk_of_calls_each_second_once() -> None:
    rows = by(agents_report(DAY, EVERY, FOOT), "agent")
    talked = sum(call.talked for call in EVERY if call.direction is Direction.INBOUND) / 1000
    made = sum(call.talked for call in EVERY if call.direction is not Direction.INBOUND) / 1000
    assert sum(row["talk_seconds"] for row in rows.values()) == pytest.approx(
        talked + 2 * made, abs=0.5
    )


def test_calls_made_and_rings_not_taken_are_counted() -> None:
    rows = by(agents_report(DAY, EVERY, FOOT), "agent")
    assert (rows["201"]["made"], rows["202"]["made"]) == (4, 1)
    assert rows["203"]["ring_no_answer"] == 1
    assert rows["202"]["ring_refused"] == 1


def test_an_agents_talk_is_cut_at_the_edge_of_the_period() -> None:
    call = next(call for call in EVERY if call.agents == ("201",) and call.talked > 2000)
    talk = next(part for part in call.segments if part.kind == "talk")
    edge = DAY.local(talk.began + 500)
    late = Period(edge, DAY.end, MOSCOW)
    [row] = agents_report(late, [call], FOOT).rows
    assert row["talk_seconds"] == pytest.approx((talk.lasted - 500) / 1000, abs=0.05)
    assert row["answered"] == 0, "it began before the period"


def test_messages_and_faxes_are_counted_where_they_were_left() -> None:
    [sales] = voicemail_report(DAY, EVERY, FOOT).rows
    assert (sales["reached"], sales["kept"]) == (7, 3)
    assert sales["reached"] == sales["kept"] + sales["left_nothing"]
    [office] = fax_report(DAY, EVERY, FOOT).rows
    assert (office["reached"], office["received"], office["failed"]) == (1, 0, 1)


def test_calls_to_the_outside_are_counted_by_extension() -> None:
    call = next(call for call in EVERY if call.direction is Direction.INTERNAL and call.talked)
    made = replace(call, direction=Direction.OUTBOUND, from_number="202")
    [row] = outbound_report(DAY, [made, *EVERY], FOOT).rows
    assert (row["agent"], row["made"], row["answered"]) == ("202", 1, 1)
    assert row["talk_seconds"] == pytest.approx(made.talked / 1000, abs=0.1)


def missed(at: int, number: str | None = "+79261111111", **changes: object) -> Call:
    base = next(call for call in EVERY if call.outcome is Outcome.ABANDONED_IN_QUEUE)
    call = replace(base, id=f"n-{at}", began=base.began + at, from_number=number)
    return replace(call, **changes)  # type: ignore[arg-type]


def test_who_never_got_an_answer_is_owed_one_once() -> None:
    report = owed_report(DAY, [missed(0), missed(1000), missed(2000, None)], FOOT)
    assert [(row["number"], row["times"]) for row in report.rows] == [("+79261111111", 2)]


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
    assert owed_report(DAY, [missed(0), contact], FOOT).rows == []
    assert len(owed_report(DAY, [contact, missed(10)], FOOT).rows) == 1


def test_calling_back_in_vain_clears_nothing() -> None:
    called = missed(
        9, "201", to="+79261111111", direction=Direction.OUTBOUND, outcome=Outcome.NO_ANSWER
    )
    assert len(owed_report(DAY, [missed(0), called], FOOT).rows) == 1
