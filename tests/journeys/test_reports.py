"""A call that is over stands in the reports, as it went."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.center import Center, they_hear_each_other

pytestmark = pytest.mark.asterisk

SALES = "+74950000003"


async def reported(center: Center, name: str, since: datetime, *more: str) -> dict[str, Any]:
    """A report on the time since the test began."""
    file = center.running.state.root / "report.json"  # beside warnings, which are printed
    period = ["--from", since.isoformat(), "--to", "2099-01-01", "--format", "json"]
    code, told = await center.running.switchboard("report", name, *period, *more, "-o", str(file))
    assert code == 0, told
    whole: dict[str, Any] = json.loads(file.read_text())
    return whole


async def test_an_answered_call_and_one_that_gave_up_are_counted_and_explained(
    center: Center,
) -> None:
    since = datetime.now(UTC)
    anna = await center.phone("201")
    call = await center.call(SALES, caller="+79260000001", name="Ivan")
    ring = await anna.rings()
    await asyncio.sleep(1)
    answered = await ring.answer()
    began = time.monotonic()
    await they_hear_each_other(call, answered)
    talked = time.monotonic() - began
    await call.hangup()
    late = await center.call(SALES, caller="+79260000002")
    await late.answered()
    await asyncio.sleep(1)
    await late.hangup()
    await center.running.becomes_quiet()

    report = await reported(center, "calls", since)
    first, second = report["calls"]
    assert (first["outcome"], second["outcome"]) == ("answered", "abandoned_in_queue")
    assert (first["from"], first["from_name"], first["to"]) == ("+79260000001", "Ivan", SALES)
    assert (first["department"], first["agent"]) == ("sales", "201")
    assert first["talk_seconds"] == pytest.approx(talked, abs=0.5)
    assert first["wait_seconds"] == pytest.approx(1, abs=0.5)
    assert report["balance"]["arrived"] == report["balance"]["accounted"] == 2
    assert report["balance"]["unexplained"] == 0

    [sales] = [
        row
        for row in (await reported(center, "departments", since))["rows"]
        if row["department"] == "sales"
    ]
    assert (sales["offered"], sales["answered"], sales["abandoned"]) == (2, 1, 1)
    only = await reported(center, "calls", since, "--outcome", "answered")
    assert [one["id"] for one in only["calls"]] == [first["id"]]

    code, told = await center.running.switchboard("call", first["id"])
    assert code == 0
    assert told.index("queue sales") < told.index("201 rings: answered") < told.index("talk 201")


@pytest.mark.parametrize("name", ["calls", "departments", "owed"])
async def test_a_report_on_today_is_no_wider_than_a_terminal(center: Center, name: str) -> None:
    code, told = await center.running.switchboard("report", name)
    assert code == 0
    assert "unexplained 0" in told
    assert max(map(len, told.splitlines())) <= 80


async def test_files_are_written_as_they_end(center: Center) -> None:
    since, root = datetime(2000, 1, 1, tzinfo=UTC), center.running.state.root
    await (await center.call("+79990000000")).hangup()
    await center.running.becomes_quiet(within=20)
    last = (await reported(center, "calls", since))["calls"][-1]["id"]
    for name in ("today.csv", "today.xlsx"):
        code, told = await center.running.switchboard("report", "calls", "-o", str(root / name))
        assert code == 0, told
    assert (root / "today.csv").read_text("utf-8-sig").splitlines()[-1].endswith(last)
    assert (root / "today.xlsx").read_bytes().startswith(b"PK")
    code, told = await center.running.switchboard("call", last, "-o", str(root / "call.svg"))
    assert code == 0, told
    assert "<svg" in (root / "call.svg").read_text()
    assert not list(root.glob(".today*"))


async def test_a_filter_that_names_nothing_is_told(center: Center) -> None:
    words = ("report", "departments", "--department", "salse", "-o", "/dev/null")
    code, told = await center.running.switchboard(*words)
    assert code == 0
    assert "no department “salse” (did you mean “sales”?)" in told


async def test_reports_and_calls_are_written_to_be_read(center: Center, tmp_path: Path) -> None:
    today = datetime.now(UTC).astimezone(ZoneInfo("Europe/Moscow")).date().isoformat()
    period = ("--from", today, "--to", today, "--compare", "previous")
    await (await center.call("+79990000000")).hangup()
    await center.running.becomes_quiet()
    for form, begins in (("pdf", b"%PDF-"), ("html", b"<!doctype html>")):
        file = tmp_path / f"report.{form}"
        asked = ("report", "departments", *period, "-o", str(file))
        code, told = await center.running.switchboard(*asked)
        assert (code, file.read_bytes().startswith(begins)) == (0, True), told
    listed = await reported(center, "calls", datetime.now(UTC) - timedelta(hours=1))
    page = tmp_path / "call.pdf"
    code, _ = await center.running.switchboard("call", listed["calls"][-1]["id"], "-o", str(page))
    assert (code, page.read_bytes()[:5]) == (0, b"%PDF-")
    code, told = await center.running.switchboard("reports", "list", "--json")
    assert (code, [one["name"] for one in json.loads(told)]) == (0, ["morning"])
    code, told = await center.running.switchboard("reports", "run", "morning")
    assert code == 0, told
    code, told = await center.running.switchboard("reports", "last", "--json")
    assert [(one["name"], one["asked"]) for one in json.loads(told)] == [("morning", True)]
    code, told = await center.running.switchboard("reports", "run", "evening")
    assert code == 1
    assert "no report evening is scheduled" in told


async def test_making_all_calls_again_changes_nothing(center: Center) -> None:
    since = datetime(2000, 1, 1, tzinfo=UTC)
    await (await center.call("+79990000000")).hangup()
    await center.running.becomes_quiet()
    before = await reported(center, "calls", since)
    assert before["balance"]["outcomes"].get("failed") is None, before["calls"][-1]
    code, told = await center.running.switchboard("rebuild")
    assert code == 0
    assert f"{len(before['calls'])} calls\n" in told
    assert await reported(center, "calls", since) == before


@pytest.mark.parametrize(
    "period", [("2026-11-22", "2026-11-21"), ("'; drop table call", "2026-11-22")]
)
async def test_a_period_that_is_none_is_wrong_usage(
    center: Center, period: tuple[str, str]
) -> None:
    begin, end = period
    code, told = await center.running.switchboard("report", "calls", "--from", begin, "--to", end)
    assert code == 2
    assert "Traceback" not in told


async def test_a_call_that_is_none_is_told(center: Center) -> None:
    code, told = await center.running.switchboard("call", "switchboard-1.0")
    assert code == 1
    assert "there is no call switchboard-1.0" in told


async def test_a_number_is_exported_and_forgotten(center: Center) -> None:
    caller, since = "+79263334455", datetime(2000, 1, 1, tzinfo=UTC)
    await (await center.call("+79990000000", caller=caller, name="Zoya")).hangup()
    await center.running.becomes_quiet()
    code, told = await center.running.switchboard("export", caller)
    assert code == 0
    whole = json.loads(told)
    assert [call["from_name"] for call in whole["calls"]] == ["Zoya"]
    before = (await reported(center, "numbers", since))["rows"]
    code, told = await center.running.switchboard("forget", caller)
    assert (code, "1  calls" in told) == (0, True)
    assert json.loads((await center.running.switchboard("export", caller))[1]) == whole
    code, told = await center.running.switchboard("forget", caller, "--yes")
    assert code == 0, told
    assert json.loads((await center.running.switchboard("export", caller))[1])["calls"] == []
    assert (await reported(center, "numbers", since))["rows"] == before
    code, told = await center.running.switchboard("keep", "--dry-run", "--json")
    assert code == 0, told
    kinds = {one["kind"]: one["overdue"] for one in json.loads(told)}
    assert kinds == {"raw records": 0, "voicemail": 0, "fax": 0}
