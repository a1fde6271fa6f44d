"""Reports over a million calls: how long each takes, and whether it says what plain SQL says.

`python -m bench.reports` makes the calls (the same each time), keeps what `run` would keep of their
days, asks every report for a month and for all two years in one running process, and compares
figures with plain SQL over the calls. Beside it, in the same rounds, DuckDB scans the same rows.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bench.stand import plain_sql
from bench.stand.calls import BEGIN, DEPARTMENTS, ZONE, believable
from bench.stand.usage import most_resident_mb
from reports.call import Direction
from reports.catalogue import REPORTS, Question, report_on
from reports.departments import Promise
from reports.period import Period
from reports.report import Report
from reports.store import CallRow, LogFile, RawRecord, as_row, how_many
from reports.summary import Clockwork, keep_some
from reports.writing import write_csv, write_xlsx
from switchboard.db import Base

CALLS, ROUNDS, SOME = 1_000_000, 5, 5_000
PROMISES = {name: Promise(wrapup_seconds=10) for name in DEPARTMENTS}
CLOCKWORK = Clockwork(ZONE, dict.fromkeys(DEPARTMENTS, 10), 1 << 60)
MONTH = Period.of("2026-02-01", "2026-02-28", ZONE)
YEARS = Period.of(BEGIN.date().isoformat(), "2026-06-30", ZONE)
CLOCKWORK = Clockwork(ZONE, dict.fromkeys(DEPARTMENTS, 10), YEARS.span.end)


def fill(engine: Engine, count: int) -> None:
    """The calls, and of each arrival the raw record by which it is counted."""
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(LogFile(id=1, kind="cel", first="", path="", node="switchboard", read_bytes=0))
    position = 0
    calls = believable(count)
    while some := list(islice(calls, SOME)):
        with Session(engine) as session, session.begin():
            session.execute(insert(CallRow), [as_row(call) for call in some])
            raw = []
            for call in some:
                position += 1
                if call.direction is Direction.INBOUND:
                    raw.append(_arrival(position, call.id, call.began))
            session.execute(insert(RawRecord), raw)


def _arrival(position: int, uniqueid: str, at: int) -> dict[str, object]:
    about = {"file_id": 1, "position": position, "kind": "cel", "node": "switchboard"}
    named = {"uniqueid": uniqueid, "linkedid": uniqueid, "at": at}
    return about | named | {"is_arrival": True, "is_damaged": False, "record": b""}


def keep(engine: Engine) -> None:
    """As `run` does when it has nothing else to do."""
    are_all = False
    while not are_all:
        with Session(engine) as session, session.begin():
            are_all = keep_some(session, CLOCKWORK, YEARS.span)


def ask(engine: Engine, name: str, period: Period) -> Report:
    """A report, all its rows gone through; of a list of calls the first page."""
    with Session(engine) as session, session.begin():
        made = report_on(session, Question(name, period, CLOCKWORK, PROMISES))
        rows = list(islice(made.rows, 1000)) if name == "calls" else list(made.rows)
    return Report(name, made.asked, made.columns, rows, made.total)


@contextmanager
def told(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return median(took)


def compare(engine: Engine, period: Period) -> None:
    """Every figure that plain SQL knows is the report's. Raises AssertionError."""
    with Session(engine) as session:
        for name, query in plain_sql.QUESTIONS.items():
            bounds = {"begin": period.span.begin, "end": period.span.end}
            expected = [dict(row._mapping) for row in session.execute(text(query), bounds)]
            made = ask(engine, name, period)
            rows = {row[plain_sql.KEYS[name]]: row for row in plain_sql.told(made.rows)}
            assert expected, name
            for one in expected:
                found = rows[one[plain_sql.KEYS[name]]]
                for figure, value in one.items():
                    assert found[figure] == value, (name, figure, found[figure], one)
            print(f"  {name}: {sum(map(len, expected))} figures equal plain SQL", flush=True)


def duckdb_rounds(engine: Engine) -> dict[str, Callable[[], object]]:
    """What DuckDB does for the same figures, over tables of its own with just these columns."""
    import duckdb

    duck = duckdb.connect()
    duck.execute(
        "CREATE TABLE visit (department TEXT, outcome TEXT, began BIGINT, waited BIGINT, "
        "handled BIGINT)"
    )
    duck.execute("CREATE TABLE arrival (began BIGINT, outcome TEXT)")
    with Session(engine) as session:
        for table, query in (("visit", plain_sql.VISITS), ("arrival", plain_sql.ARRIVALS)):
            found = session.execute(text(query)).yield_per(50_000)
            for some in found.partitions():
                columns = [list(column) for column in zip(*some, strict=True)]
                _append(duck, table, columns)
    span = YEARS.span
    bounds = [span.begin, span.end]
    return {
        "departments": lambda: duck.execute(plain_sql.DUCK_DEPARTMENTS, bounds).fetchall(),
        "hours": lambda: duck.execute(plain_sql.DUCK_HOURS, bounds).fetchall(),
    }


def _append(duck: Any, table: str, columns: list[list[object]]) -> None:
    import numpy

    names = [f"c{number}" for number in range(len(columns))]
    frame = dict(zip(names, (numpy.array(column) for column in columns), strict=True))
    duck.register("frame", frame)
    duck.execute(f"INSERT INTO {table} SELECT {', '.join(names)} FROM frame")  # noqa: S608
    duck.unregister("frame")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--database", type=Path, help="keep the database there, and use it again")
    chosen = parser.parse_args()
    with TemporaryDirectory() as directory:
        file = chosen.database or Path(directory) / "calls.db"
        is_new = not file.exists()
        engine = create_engine(f"sqlite:///{file}")
        if is_new:
            with told(f"{chosen.calls} calls made"):
                fill(engine, chosen.calls)
        with told("days and months counted"):
            keep(engine)
        compare(engine, MONTH)
        compare(engine, YEARS)
        print("| report | a month, ms | two years, ms |\n|---|--:|--:|")
        for name in REPORTS:
            took = [milliseconds(partial(ask, engine, name, period)) for period in (MONTH, YEARS)]
            print(f"| {name} | {took[0]:.0f} | {took[1]:.0f} |", flush=True)
        exports(file)
        beside_duckdb(engine)
        print(f"at most {most_resident_mb():.0f} MiB of memory, DuckDB's included", file=sys.stderr)


def export(file: Path, form: str) -> tuple[int, float, float]:
    """Write a list of some 100,000 calls; how many, in how many seconds, MiB at most."""
    engine = create_engine(f"sqlite:///{file}")
    quarter = Period.of("2026-01-15", "2026-03-31", ZONE)
    began = time.monotonic()
    with TemporaryDirectory() as directory, Session(engine) as session, session.begin():
        made = report_on(session, Question("calls", quarter, CLOCKWORK, PROMISES))
        if form == "xlsx":
            with (Path(directory) / "calls").open("wb") as book:
                write_xlsx(made, book)
        else:
            with (Path(directory) / "calls").open("w") as text_file:
                write_csv(made, text_file)
        count = how_many(session, quarter.span)
    return count, time.monotonic() - began, most_resident_mb()


def exports(file: Path) -> None:
    """Each in a process of its own, whose memory it then is."""
    for form in ("csv", "xlsx"):
        with get_context("spawn").Pool(1) as pool:
            count, took, most = pool.apply(export, (file, form))
        print(f"{count} calls to {form}: {took:.1f} s, at most {most:.0f} MiB", flush=True)


def beside_duckdb(engine: Engine) -> None:
    """Turn by turn, so that a busy machine is as busy for both."""
    try:
        duck = duckdb_rounds(engine)
    except ImportError:
        print("DuckDB is not installed: pip install duckdb")
        return
    print("| two years | report, ms | DuckDB, ms |\n|---|--:|--:|")
    for name, scan in duck.items():
        ours, theirs = [], []
        for _ in range(ROUNDS * 2):
            ours.append(milliseconds(partial(ask, engine, name, YEARS), 1))
            theirs.append(milliseconds(scan, 1))
        print(f"| {name} | {median(ours):.1f} | {median(theirs):.1f} |")


if __name__ == "__main__":
    main()
