"""The same records give the same figures on SQLite and on PostgreSQL, kept or counted now."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from reports.catalogue import REPORTS, Question, report_on
from reports.departments import Promise
from reports.follow import Follower
from reports.records import FILES, Kind
from reports.refold import rebuild
from reports.store import ALL, Filters
from reports.summary import Clockwork, keep_some
from reports.writing import write_csv, write_json, write_xlsx
from switchboard.db import Database
from switchboard.pbx.installation import NODE
from tests.mail.conftest import postgres, postgresql  # noqa: F401 - fixtures
from tests.reports.book import DAY
from tests.reports.recorded import NAMES
from tests.reports.test_follow import write, written

CLOCKWORK = Clockwork(DAY.zone, {"sales": 5}, DAY.span.end)
ASKED = [ALL, Filters(department="sales"), Filters(agent="201", outcome="answered")]


def everything(session: Session) -> dict[str, str]:
    """Every report in JSON and CSV, as text; that it can be XLSX, too."""
    told: dict[str, str] = {}
    for name in REPORTS:
        for filters in ASKED:
            question = Question(name, DAY, CLOCKWORK, {"sales": Promise()}, filters)
            for write_it in (write_json, write_csv):
                out = io.StringIO()
                write_it(report_on(session, question), out)
                told[f"{name} {filters} {write_it.__name__}"] = out.getvalue()
            write_xlsx(report_on(session, question), io.BytesIO())
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
