"""How much memory 10,000 calls through the engine leave taken: Asterisk, the engine, and `run`.

python -m bench.memory [--calls 10000] [--rate 40]
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.ivr import CALL_SECONDS, CALLER, RECORDS_SECONDS, ROOT, SCENARIOS
from bench.stand.contestants import CONTESTANTS, Stand, running
from bench.stand.usage import resident_by_program
from switchboard.pbx.installation import find_installation
from tests.sip import sipp
from tests.sip.loopback import leave_for_own_network

ENGINE = next(one for one in CONTESTANTS if one.name == "engine")
TIMES = 10  # that it is looked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=40, help="calls a second")
    options = parser.parse_args()
    leave_for_own_network()
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        asyncio.run(measure(options.calls // TIMES, options.rate, Path(home)))


async def measure(calls: int, rate: int, home: Path) -> None:
    """Prints a row after each of TIMES equal parts."""
    async with running(ENGINE, home, find_installation(ROOT)) as stand:
        print("| calls | failed | Asterisk | engine | `run` |\n|--:|--:|--:|--:|--:|")
        row(0, 0, stand)
        failed = 0
        for part in range(1, TIMES + 1):
            counts = await sipp.run(
                "menu",
                folder=SCENARIOS,
                at=f"{stand.address}:5060",
                listen=CALLER,
                calls=calls,
                per_second=rate,
                within=calls / rate + CALL_SECONDS,
                fields={},
            )
            failed += counts.failed
            await asyncio.sleep(RECORDS_SECONDS)
            row(part * calls, failed, stand)


def row(calls: int, failed: int, stand: Stand) -> None:
    """MiB that are not swapped out."""
    mb = resident_by_program(stand.pid)
    print(
        f"| {calls} | {failed} | {mb['asterisk']:.0f} | {mb['engine']:.0f} | {mb['run']:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
