"""Every definition that reports promise is a figure of a report, and told beside it."""

from functools import cache

import pytest

from reports.catalogue import REPORTS
from reports.report import Report, cell, figures
from reports.sessions import SIGNED_IN, Told
from tests.reports.book import DAY, report

# what is counted -> the report, its figure, and under which word the report tells how it is made
CARRIED = {
    "offered": ("departments", "offered", "offered"),
    "answered": ("departments", "answered", "answered"),
    "abandoned": ("departments", "abandoned", "abandoned"),
    "short abandoned": ("departments", "short_abandoned", "short_abandoned"),
    "true abandoned": ("departments", "true_abandoned", "true_abandoned"),
    "flowed out": ("departments", "flowed_out", "flowed_out"),
    "picked up": ("departments", "picked_up", "picked_up"),
    "cut": ("departments", "cut", "cut"),
    "refused": ("departments", "refused", "refused"),
    "mean wait of all": ("departments", "wait_mean_seconds", "wait_mean_seconds"),
    "ASA": ("departments", "asa_seconds", "asa_seconds"),
    "mean time to abandon": ("departments", "abandon_mean_seconds", "abandon_mean_seconds"),
    "longest wait": ("departments", "longest_wait_seconds", "longest_wait_seconds"),
    "50th percentile": ("departments", "wait_p50_seconds", "wait_mean_seconds"),
    "90th percentile": ("departments", "wait_p90_seconds", "wait_mean_seconds"),
    "95th percentile": ("departments", "wait_p95_seconds", "wait_mean_seconds"),
    "AHT": ("departments", "aht_seconds", "aht_seconds"),
    "occupancy of a department": ("departments", "occupancy", "occupancy"),
    "SL-1": ("departments", "service_level.SL-1", "SL-1"),
    "SL-2": ("departments", "service_level.SL-2", "SL-2"),
    "SL-3": ("departments", "service_level.SL-3", "SL-3"),
    "SL-4": ("departments", "service_level.SL-4", "SL-4"),
    "SL-5": ("departments", "service_level.SL-5", "SL-5"),
    "SL-6": ("departments", "service_level.SL-6", "SL-6"),
    "wait of a call": ("calls", "wait_seconds", "wait_seconds"),
    "talk": ("agents", "talk_seconds", "talk_seconds"),
    "hold": ("agents", "hold_seconds", "hold_seconds"),
    "wrap-up": ("agents", "wrapup_seconds", "wrapup_seconds"),
    "available waiting": ("agents", "available_seconds", "available_seconds"),
    "pauses": ("agents", "paused_seconds", "paused_seconds"),
    "occupancy": ("agents", "occupancy", "occupancy"),
    "ring no answer": ("agents", "ring_no_answer", "ring_no_answer"),
    "a ring of 0 ms": ("agents", "ring_refused", "ring_refused"),
    "transfers of an agent": ("agents", "transferred", "transferred"),
    "transfer rate": ("numbers", "transfer_per_cent", "transfer_per_cent"),
    "repeat calls": ("numbers", "repeat_per_cent", "repeat_per_cent"),
    "owed": ("owed", "times", "owed"),
    "cleared": ("owed", "times", "cleared"),
}
NAMING = {"hour"}  # numbers that name a row


@cache
def made_of(name: str) -> Report:
    """Of all recorded calls, with an agent who is signed in all day."""
    return report(name, told=[Told(DAY.span.begin, "201", SIGNED_IN, "sales")])


@pytest.mark.parametrize("what", CARRIED)
def test_a_definition_is_a_figure_of_a_report_and_told_beside_it(what: str) -> None:
    name, figure, word = CARRIED[what]
    made = made_of(name)
    rows = list(made.lines())
    outer = figure.partition(".")[0]
    assert rows
    assert all(outer in row for row in rows)
    assert any(cell(row, figure) is not None for row in rows), "in real calls it is a number"
    assert made.definitions[word]


@pytest.mark.parametrize("name", REPORTS)
def test_no_figure_stands_there_without_its_definition(name: str) -> None:
    """Under its own name, or where another tells of it: `p50`, `pauses`."""
    made = made_of(name)
    words = " ".join([*made.definitions, *made.definitions.values()])
    for row in made.lines():
        for figure in figures(row):
            outer, _, inner = figure.partition(".")
            known = {outer, inner, outer.removeprefix("wait_").removesuffix("_seconds")} - {""}
            assert outer in NAMING or any(one in words for one in known), figure
