"""Whether a call is set up no slower with 500 telephones and 100 lamps than with 5 telephones.

python -m bench.phones
"""

import asyncio
import re
import statistics
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.stand.servers import switchboard, switchboard_run
from bench.stand.telephones import Line
from center.state import State
from switchboard.pbx.installation import Installation, find_installation
from switchboard.pbx.process import ask_console
from tests.centers import write_center
from tests.sip.loopback import leave_for_own_network

ROOT = Path(__file__).resolve().parents[1]
FEW, MANY, LAMPS, CALLS, ROUNDS = 5, 500, 100, 200, 5
FIRST = 1000
SECRET = "Kd83-bench-fw2Lq"
CENTER = """\
name: Phones
timezone: Europe/Moscow
country: RU
language: en
trunks: {carrier: {host: "127.0.0.2:7100", accept_from: ["127.0.0.2"]}}
numbers: {"+74950001000..+74950001499": {extension: "last 4"}}
extensions:
"""
QUEUED = re.compile(r"^(\S+) +\d+ +\d+ +(\d+) ", re.MULTILINE)  # the third is the most ever

Queues = dict[str, int]  # a taskprocessor of Asterisk -> how many tasks have waited there at once


async def main() -> None:
    """Print the times of each round, their ratio, and how deep the queues of Asterisk were."""
    leave_for_own_network()
    installation = find_installation(ROOT)
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        ratios = []
        for number in range(ROUNDS):
            took = {}
            for count, lamps in sorted({FEW: 0, MANY: LAMPS}.items(), reverse=number % 2 == 1):
                # a new center each time: Asterisk remembers who has signed in and who watches
                center = await applied(Path(home) / f"{number}-{count}")
                took[count] = await measured(center, installation, count, lamps)
            (alone, *_), (dark, lit, at_start, signing, calling) = took[FEW], took[MANY]
            ratios.append(dark / alone)
            print(
                f"round {number + 1}: {FEW} telephones {alone:.1f} ms, {MANY} and {LAMPS} lamps "
                f"{dark:.1f} ms, ratio {ratios[-1]:.2f}, one that is watched {lit:.1f} ms; deepest "
                f"queue at the start {at_start}, while they sign in {signing}, in calls {calling}"
            )
    print(f"ratio: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


async def applied(directory: Path) -> Path:
    """A center of MANY extensions."""
    lines = [f'  "{FIRST + one}": {{secret: "{SECRET}"}}\n' for one in range(MANY)]
    center = write_center(directory, CENTER + "".join(lines), {})
    applying = await asyncio.create_subprocess_exec(*switchboard(center, "apply"), stdout=DEVNULL)
    assert await applying.wait() == 0
    return center


async def measured(
    center: Path, installation: Installation, count: int, lamps: int
) -> tuple[float, float, str, str, str]:
    """Milliseconds from INVITE to answer, of telephones without a lamp elsewhere and of those with
    one; the deepest queues at each step."""
    phones, carrier = Line("127.0.0.1", 7000), Line("127.0.0.2", 7100)
    await asyncio.gather(phones.open(), carrier.open())
    try:
        async with switchboard_run(center, installation):
            started = await queues(center, installation)
            await sign(phones, count)
            async with watching(lamps):
                signed = await queues(center, installation)
                lit = await calls(carrier, FIRST, lamps) if lamps else 0.0
                dark = await calls(carrier, FIRST + lamps, min(count - lamps, 100))
                called = await queues(center, installation)
    finally:
        phones.close()
        carrier.close()
    steps = (deepest({}, started), deepest(started, signed), deepest(signed, called))
    return dark, lit, *steps


async def queues(center: Path, installation: Installation) -> Queues:
    """The most that ever waited, since the start."""
    command = (*installation.command, "-C", str(State.beside(center).etc / "asterisk.conf"))
    shown = await ask_console(command, "core show taskprocessors", 10)
    return {name: int(most) for name, most in QUEUED.findall(shown)}


def deepest(before: Queues, after: Queues) -> str:
    """Of those that have become deeper."""
    deeper = [(most, name) for name, most in after.items() if most > before.get(name, 0)]
    most, name = max(deeper, default=(0, "none"))
    return f"{most} ({name})"


async def sign(phones: Line, count: int) -> None:
    """Register telephones, twenty at a time."""
    room = asyncio.Semaphore(20)

    async def one(number: int) -> None:
        async with room:
            user = str(FIRST + number)
            await phones.signed("REGISTER", "sip:127.0.0.1", user, SECRET, {"Expires": "600"})

    await asyncio.gather(*map(one, range(count)))


@asynccontextmanager
async def watching(lamps: int) -> AsyncIterator[None]:
    """As many other telephones each watch one of those that are called."""
    argv = [sys.executable, "-m", "bench.stand.lamps", SECRET]
    watchers = await asyncio.create_subprocess_exec(
        *argv, *map(str, (FIRST + FEW, FIRST, lamps)), stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    assert watchers.stdin and watchers.stdout
    assert await watchers.stdout.readline() == b"watching\n"
    try:
        yield
    finally:
        watchers.stdin.close()
        await watchers.wait()


async def calls(carrier: Line, first: int, count: int) -> float:
    """Milliseconds from INVITE to answer, the median of CALLS, one after the other."""
    seconds = [
        await carrier.call(f"+7495000{first + number % count}", "+79160000000")
        for number in range(CALLS)
    ]
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    asyncio.run(main())
