"""How soon `run` is ready, and how long `apply` of one changed key takes with calls up.

python -m bench.apply
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from bench.stand.servers import switchboard, switchboard_run
from switchboard.pbx.installation import find_installation
from tests.sip import sipp
from tests.sip.loopback import leave_for_own_network

ROOT = Path(__file__).resolve().parents[1]
CALLS, ROUNDS = 50, 5
STAY_SECONDS = 30  # all rounds lie within a call
PROMISED_READY_SECONDS, PROMISED_APPLY_SECONDS = 15, 2
KEYS = ("  7: {voicemail: sales}", "  7: {department: support}")


async def main() -> None:
    """Print the times, and how they compare to the promises."""
    leave_for_own_network()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        center = Path(name) / "demo"
        shutil.copytree(ROOT / "demo", center)
        await apply(center)  # makes the prompts
        began = time.perf_counter()
        async with switchboard_run(center, find_installation(ROOT)):
            ready = time.perf_counter() - began
            calling = asyncio.create_task(call())
            await asyncio.sleep(CALLS / 10)
            times = [await apply_changed_key(center, number) for number in range(ROUNDS)]
            up = not calling.done()
            counts = await calling
    assert up, "the calls ended before the last apply"
    print(f"ready after `run`: {ready:.1f} s; promised: {PROMISED_READY_SECONDS} s")
    print(
        f"apply of one key, {CALLS} calls up: {min(times):.1f} to {max(times):.1f} s; "
        f"promised: {PROMISED_APPLY_SECONDS} s"
    )
    print(f"calls that were cut: {counts.failed}")


async def apply(center: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *switchboard(center, "apply"), stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


async def apply_changed_key(center: Path, number: int) -> float:
    """The seconds from the saved file to the end of the command."""
    menu = center / "menus" / "main.yaml"
    was, becomes = KEYS[number % 2], KEYS[1 - number % 2]
    text = menu.read_text()
    assert was in text
    menu.write_text(text.replace(was, becomes))
    began = time.perf_counter()
    await apply(center)
    return time.perf_counter() - began


async def call() -> sipp.Counts:
    """Callers who listen to the menu, press `repeat` and listen on."""
    fields = {
        "to": "+74950000001",
        "key": sipp.key("*"),
        "press_after_ms": str(STAY_SECONDS * 1000 // 2),
        "stay_ms": str(STAY_SECONDS * 1000 // 2),
    }
    return await sipp.run(
        "call", at="127.0.0.1:5060", calls=CALLS, within=2 * STAY_SECONDS, fields=fields
    )


if __name__ == "__main__":
    asyncio.run(main())
