"""What a call through a two-step menu costs: hand-written dialplan against what the YAML becomes.

Every contestant is an Asterisk of its own (`stand/contestants.py`); they take turns within each
round, so that whatever else the machine does hits them alike.

    python -m bench.ivr [--quick] [--json]
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

from bench.stand.contestants import CONTESTANTS, Cpu, Stand, running
from bench.stand.figures import Turn, markdown, rows
from bench.stand.usage import resident_mb
from switchboard.pbx.installation import find_installation
from tests.sip import sipp
from tests.sip.loopback import leave_for_own_network

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = Path(__file__).with_name("stand")
CALLER = "127.0.0.2"  # the center's trunk accepts it
ROUNDS, RATES = 5, (10, 30, 60)  # calls a second
LOAD_SECONDS = 5
FEWEST_CALLS = 100  # of a turn: processor time is told in steps of 10 ms
CALL_SECONDS = 20  # more than any call takes that goes well
IDLE_SECONDS = 10  # twice as long as any watchman of `run` rests
SETTLE_SECONDS = 1  # CDR, CEL and the timers of SIP outlast the hang-up
RECORDS_SECONDS = 5  # they are taken in later

Memory = dict[str, float]  # contestant -> MiB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round at 10 calls a second")
    parser.add_argument("--json", action="store_true", help="every turn, for programs")
    options = parser.parse_args()
    rounds, rates = (1, RATES[:1]) if options.quick else (ROUNDS, RATES)
    leave_for_own_network()
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        turns, before, after = asyncio.run(measure(rounds, rates, Path(home)))
    load.append(os.getloadavg()[0])
    if options.json:
        measured = {"turns": [asdict(turn) for turn in turns], "mb": [before, after], "load": load}
        print(json.dumps(measured, indent=1))
        return
    print(markdown(rows(turns)))
    for name in before:
        print(f"{name}: {before[name]:.0f} MiB before, {after[name]:.0f} MiB after all calls")
    print(f"load average {load[0]:.1f} before, {load[1]:.1f} after; {os.cpu_count()} processors")


async def measure(
    rounds: int, rates: Sequence[int], home: Path
) -> tuple[list[Turn], Memory, Memory]:
    """Every turn, and the memory of the contestants before the first and after the last."""
    installation = find_installation(ROOT)
    async with AsyncExitStack() as stack:
        stands = [
            await stack.enter_async_context(running(one, home / one.name, installation))
            for one in CONTESTANTS
        ]
        await asyncio.sleep(IDLE_SECONDS)  # what was started settles
        idle = await idle_shares(stands)
        before = memory(stands)
        turns = [
            await take_turn(number, rate, stand, idle[stand.name])
            for number in range(rounds)
            for rate in rates
            for stand in stands
            if rate in stand.rates
        ]
        return turns, before, memory(stands)


async def take_turn(number: int, rate: int, stand: Stand, idle: Cpu) -> Turn:
    """Place `rate` calls a second for LOAD_SECONDS, and no less than FEWEST_CALLS; CPU is told
    without what idling takes."""
    calls = max(FEWEST_CALLS, rate * LOAD_SECONDS)
    loop = asyncio.get_running_loop()
    began, before = loop.time(), stand.cpu()
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
    await asyncio.sleep(SETTLE_SECONDS)
    carried = stand.cpu().since(before, idle, loop.time() - began).calls
    if stand.keeps_records:
        await asyncio.sleep(RECORDS_SECONDS)
    kept = stand.cpu().since(before, idle, loop.time() - began).records
    heard = stand.cel.heard(stand.goodbye)
    return Turn(
        round=number,
        rate=rate,
        contestant=stand.name,
        calls=calls,
        failed=counts.failed,
        astray=calls - heard.goodbyes,
        cpu_ms_per_call=carried / calls * 1000,
        records_ms_per_call=kept / calls * 1000,
        key_to_sound_ms=[1000 * seconds for seconds in heard.key_to_sound_seconds],
    )


async def idle_shares(stands: Sequence[Stand]) -> dict[str, Cpu]:
    """How much of a processor each contestant uses while nobody calls."""
    before = {stand.name: stand.cpu() for stand in stands}
    await asyncio.sleep(IDLE_SECONDS)
    used = {stand.name: stand.cpu().since(before[stand.name]) for stand in stands}
    return {name: cpu.each_second(IDLE_SECONDS) for name, cpu in used.items()}


def memory(stands: Sequence[Stand]) -> Memory:
    return {stand.name: resident_mb(stand.pid) for stand in stands}


if __name__ == "__main__":
    main()
