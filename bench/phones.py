"""Whether a call is set up no slower with 500 telephones and 100 lamps than with 5 telephones.

python -m bench.phones
"""

import asyncio
import re
import statistics
import tempfile
from pathlib import Path

from bench.stand.servers import switchboard, switchboard_run
from bench.stand.telephones import Line
from center.state import State
from switchboard.pbx.installation import Installation, find_installation
from switchboard.pbx.process import ask_console
from tests.sip.loopback import leave_for_own_network

ROOT = Path(__file__).resolve().parents[1]
FEW, MANY, LAMPS, CALLS, ROUNDS = 5, 500, 100, 300, 5
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
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        center = Path(name) / "center"
        center.mkdir()
        lines = [f'  "{FIRST + one}": {{secret: "{SECRET}"}}\n' for one in range(MANY)]
        (center / "center.yaml").write_text(CENTER + "".join(lines))
        applied = await asyncio.create_subprocess_exec(
            *switchboard(center, "apply"), stdout=asyncio.subprocess.DEVNULL
        )
        assert await applied.wait() == 0
        ratios = []
        for number in range(ROUNDS):
            few, *_ = await measured(center, installation, FEW, 0)
            many, at_start, signing, calling = await measured(center, installation, MANY, LAMPS)
            ratios.append(many / few)
            print(
                f"round {number + 1}: {FEW} telephones {few:.1f} ms, {MANY} and {LAMPS} lamps "
                f"{many:.1f} ms, ratio {ratios[-1]:.2f}; deepest queue at the start {at_start}, "
                f"while they sign in {signing}, in calls {calling}"
            )
    print(f"ratio: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


async def measured(
    center: Path, installation: Installation, count: int, lamps: int
) -> tuple[float, str, str, str]:
    """Milliseconds from INVITE to answer, the median; the deepest queues at each step."""
    phones, carrier = Line("127.0.0.1", 7000), Line("127.0.0.2", 7100)
    await asyncio.gather(phones.open(), carrier.open())
    try:
        async with switchboard_run(center, installation):
            started = await queues(center, installation)
            await sign(phones, count)
            await watch(phones, lamps)
            signed = await queues(center, installation)
            seconds = await calls(carrier, min(count, 100))
            called = await queues(center, installation)
    finally:
        phones.close()
        carrier.close()
    steps = (deepest({}, started), deepest(started, signed), deepest(signed, called))
    return statistics.median(seconds) * 1000, *steps


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


async def watch(phones: Line, lamps: int) -> None:
    """As many telephones each watch one of those that are called."""
    headers = {"Event": "dialog", "Accept": "application/dialog-info+xml", "Expires": "600"}
    for number in range(lamps):
        uri = f"sip:{FIRST + number}@127.0.0.1"
        await phones.signed("SUBSCRIBE", uri, str(FIRST + FEW + number), SECRET, headers)


async def calls(carrier: Line, count: int) -> list[float]:
    """The seconds from INVITE to answer, one call after the other."""
    return [
        await carrier.call(f"+7495000{FIRST + number % count}", "+79160000000")
        for number in range(CALLS)
    ]


if __name__ == "__main__":
    asyncio.run(main())
