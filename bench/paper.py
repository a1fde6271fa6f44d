"""Reports on paper: seconds for a month, for 5,000 and for 100,000 calls, and what they take.

Beside each PDF stands the same report as CSV: the ratio says what paper costs over plain rows.
Calls are made up on the way, so that the database is not measured.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

from reports.agents import agents_report
from reports.balance import Balance
from reports.departments import Promise, departments_report
from reports.listing import COLUMNS
from reports.paper.pdf import write_pdf
from reports.paper.sheet import sheet_of
from reports.period import Period
from reports.report import Asked, Report
from reports.tally import Tally
from reports.writing import write_csv
from switchboard.paper.house import House

MONTH = Period.of("2026-11-01", "2026-11-30", ZoneInfo("Europe/Moscow"))
NAMES = 40  # departments, extensions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the 100,000 calls")
    quick = parser.parse_args().quick
    _measured("departments, a month", _departments)
    _measured("agents, a month", _agents)
    for count in (5_000,) if quick else (5_000, 100_000):
        _measured(f"{count} calls", partial(_calls, count))


def _measured(name: str, make: Callable[[], Report]) -> None:
    began = time.perf_counter()
    write_csv(make(), StringIO())
    plain = time.perf_counter() - began
    with TemporaryFile() as out:
        began, busy = time.perf_counter(), time.process_time()
        write_pdf(sheet_of(make(), House("Acme")), out)
        took, busy = time.perf_counter() - began, time.process_time() - busy
        size = out.tell() / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:22} {took:7.2f} s ({busy:.2f} of the processor)  {took / plain:6.1f} x CSV"
        f"  {size:8.0f} KiB  peak {peak:.0f} MiB"
    )


def _asked(arrived: int) -> Asked:
    promises = {f"d{number}": Promise() for number in range(NAMES)}
    return Asked(MONTH, Balance(arrived, 0, (), {"answered": arrived}, {}), promises)


def _departments() -> Report:
    one: Tally = {
        "waits": {"answered": {str(wait): 30 for wait in range(40)}, "abandoned": {"9": 40}},
        "waited": {"answered": 24_000_000, "abandoned": 360_000},
        "handled": 200_000_000,
    }
    tally = {f"d{number}": one for number in range(NAMES)}
    return departments_report(_asked(NAMES * 1240), tally, {})


def _agents() -> Report:
    one: Tally = {"answered": 900, "signed_in": 500_000_000, "talk": 160_000_000, "talks": 900}
    return agents_report(_asked(NAMES * 900), {f"2{number:02}": one for number in range(NAMES)})


def _calls(count: int) -> Report:
    return Report("calls", _asked(count), COLUMNS, _rows(count))


def _rows(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        began = MONTH.local(MONTH.span.begin + number * 25_000)
        yield {
            "id": f"switchboard-{1_790_000_000 + number}.{number}",
            "started_at": began.isoformat(timespec="milliseconds"),
            "direction": "inbound",
            "from": f"+7926{number % 10_000_000:07}",
            "to": "+74950000001",
            "department": "sales",
            "outcome": "answered",
            "agent": str(201 + number % 40),
            "wait_seconds": number % 90 / 2,
            "talk_seconds": number % 600 / 3,
            "hold_seconds": 0.0,
        }


if __name__ == "__main__":
    main()
