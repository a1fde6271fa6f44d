"""The same records give the same figures on SQLite and on PostgreSQL, kept or counted now."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy.orm import Session

from console.show_reports import table
from reports.catalogue import REPORTS, Question, report_on
from reports.departments import Promise
from reports.follow import Follower
from reports.forget import channels_naming, forget
from reports.paper.page import write_html
from reports.paper.pdf import write_pdf
from reports.paper.sheet import sheet_of
from reports.records import FILES, Kind
from reports.refold import rebuild
from reports.store import ALL, Filters
from reports.summary import Clockwork, keep_some
from reports.writing import write_csv, write_json, write_xlsx
from switchboard.db import Database
from switchboard.paper.house import House
from switchboard.pbx.installation import NODE
from tests.mail.conftest import postgres, postgresql  # noqa: F401 - fixtures
from tests.reports.book import DAY
from tests.reports.recorded import NAMES
from tests.reports.test_figures import cells
from tests.reports.test_follow import write, written

CLOCKWORK = Clockwork(DAY.zone, {"sales": 5}, DAY.span.end)
HOUSE = House("Acme")
ASKED = [ALL, Filters(department="sales"), Filters(agent="201", outcome="answered")]


def everything(session: Session) -> dict[str, str]:
    """Every report in JSON and CSV, as text."""
    told: dict[str, str] = {}
    for name in REPORTS:
        for filters in ASKED:
            question = Question(name, DAY, CLOCKWORK, {"sales": Promise()}, filters)
            for write_it in (write_json, write_csv):
                out = io.StringIO()
                write_it(report_on(session, question), out)
                told[f"{name} {filters} {write_it.__name__}"] = out.getvalue()
    return told


def for_people(session: Session) -> dict[str, object]:
    """Every report as XLSX (its cells), PDF, page and table."""
    told: dict[str, object] = {}
    for name in REPORTS:
        question = Question(name, DAY, CLOCKWORK, {"sales": Promise()}, is_drawn=True)
        made = report_on(session, question)
        made = replace(made, rows=list(made.rows))
        book, pdf, page, shown = io.BytesIO(), io.BytesIO(), io.StringIO(), io.StringIO()
        write_xlsx(made, book)
        write_pdf(sheet_of(made, HOUSE), pdf)
        write_html(sheet_of(made, HOUSE), page)
        table(made, Console(file=shown, width=200), 200)
        told[f"{name} xlsx"] = [cells(zipfile.ZipFile(book), sheet) for sheet in (1, 2)]
        told[f"{name} pdf"] = pdf.getvalue()
        told[f"{name} html"] = page.getvalue()
        told[f"{name} table"] = shown.getvalue()
    return told


@pytest.fixture
async def both(
    database: Database,
    postgresql: Database,  # noqa: F811
    log: Path,
) -> AsyncIterator[tuple[Database, Database]]:
    for name in NAMES:
        for kind in Kind:
            if (log / FILES[kind].path).parent.is_dir():
                write(log, written(name, kind), kind)
    for one in (database, postgresql):
        await Follower(one, log, NODE).catch_up()
    yield database, postgresql


async def test_every_report_is_the_same_in_every_format(
    both: tuple[Database, Database],
) -> None:
    """PDF to the byte."""
    here, there = [await one.look(for_people) for one in both]
    for what, shown in here.items():
        assert shown == there[what], what


async def test_every_report_says_the_same(both: tuple[Database, Database]) -> None:
    here, there = [await one.look(everything) for one in both]
    assert here == there
    for one in both:
        while not await one.work(keep_some, CLOCKWORK, DAY.span):
            pass
    assert await both[0].look(everything) == here
    assert await both[1].look(everything) == here
    assert await both[1].work(rebuild) == await both[0].work(rebuild)
    assert await both[1].look(everything) == here


async def test_a_number_is_found_and_forgotten_in_the_same_calls(
    both: tuple[Database, Database],
) -> None:
    number = "+79260000001"
    here, there = [await one.look(channels_naming, number) for one in both]
    assert len(here) > 50
    assert here == there
    assert await both[1].work(forget, number, there) == await both[0].work(forget, number, here)
    assert [await one.look(channels_naming, number) for one in both] == [[], []]
    assert await both[0].look(everything) == await both[1].look(everything)
