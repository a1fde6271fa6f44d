"""Letters a second to a fast mail server, and what waiting letters cost in memory.

Each letter carries a minute of MP3 and is on the disk before it counts. Beside it, in the same
rounds, what mail programs behind a PBX do: one process for each letter, which keeps nothing.
"""

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.stand.postman import deliver
from bench.stand.sink import HOST, sink
from console.migrate import upgrade
from switchboard.db import Database, sqlite_url
from switchboard.delivery import WORKERS
from switchboard.letterhead import attach, flatten, message_id_for, new_message
from switchboard.outbox import Letter, enqueue, put

ROUNDS, LETTERS, FEWER = 5, 320, 40
MINUTE_BYTES = 480_000  # MP3 of 64 kbit/s
WAITING = (100, 10_000)
WAITING_BYTES = 48_000  # so that ten thousand fit on a disk
DELIVERED = 60  # letters, while memory is measured
DOMAINS = 4
SENDMAIL = """\
import smtplib, sys
server = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
server.sendmail("pbx@acme.example", [sys.argv[3]], sys.stdin.buffer.read())
server.quit()
"""

Turn = tuple[float, float]  # letters a second, CPU milliseconds a letter


def a_letter(number: int, sound: bytes) -> Letter:
    """A letter about a message of a minute."""
    sender, to = "Acme <pbx@acme.example>", f"u{number}@d{number % DOMAINS}.example"
    message_id = message_id_for(f"bench-{number}", "acme.example")
    message = new_message(sender, [to], "A message", message_id, datetime.now(UTC))
    message.set_content("Somebody has called.")
    attach(message, sound, "audio/mpeg", "message.mp3")
    return Letter("bench", message_id, sender, (to,), "A message", flatten(message))


async def by_outbox(letters: list[Letter], port: int, directory: Path) -> Turn:
    """An outbox that is there already, and empty."""
    with TemporaryDirectory(dir=directory) as name:
        database = Database(sqlite_url(Path(name)))
        await upgrade(database)
        turn = await measured(taken_and_delivered(database, letters, port), len(letters))
        await database.close()
        return turn


async def taken_and_delivered(database: Database, letters: list[Letter], port: int) -> None:
    """Taken by so many at once as there are workers, each on the disk before it counts."""
    delivering = asyncio.create_task(deliver(database, port, len(letters)))
    coming = iter(letters)

    async def take() -> None:
        for letter in coming:
            await database.together(put, letter)

    await asyncio.gather(*(take() for _ in range(WORKERS)))
    await delivering


async def by_processes(letters: list[Letter], port: int, at_once: int) -> Turn:
    """One process for each letter, so many at once."""
    turns = asyncio.Semaphore(at_once)

    async def send(letter: Letter) -> None:
        async with turns:
            argv = [sys.executable, "-c", SENDMAIL, HOST, str(port), letter.to[0]]
            process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.PIPE)
            await process.communicate(letter.content)
            assert process.returncode == 0

    async def send_all() -> None:
        await asyncio.gather(*map(send, letters))

    return await measured(send_all(), len(letters))


async def measured(work: Awaitable[None], letters: int) -> Turn:
    """With the CPU of ours and of our children."""
    cpu_before, before = _cpu_seconds(), time.monotonic()
    await work
    seconds, cpu_seconds = time.monotonic() - before, _cpu_seconds() - cpu_before
    return letters / seconds, cpu_seconds / letters * 1000


def _cpu_seconds() -> float:
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


async def compare(port: int, directory: Path) -> None:
    """Print the contestants' table; they take turns."""
    sound = os.urandom(MINUTE_BYTES)
    letters = [a_letter(number, sound) for number in range(LETTERS)]
    contestants: dict[str, Callable[[], Awaitable[Turn]]] = {
        "outbox": lambda: by_outbox(letters, port, directory),
        "a process a letter": lambda: by_processes(letters[:FEWER], port, 1),
        f"the same, {WORKERS} at once": lambda: by_processes(letters[:FEWER], port, WORKERS),
    }
    turns: dict[str, list[Turn]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, work in contestants.items():
            turns[name].append(await work())
    print(
        "| contestant | letters/s, median (lowest to highest round) | CPU ms | outbox is | by CPU |"
    )
    print("|---|--:|--:|--:|--:|")
    ours = turns["outbox"]
    for name, turn in turns.items():
        speeds = [speed for speed, _ in turn]
        spread = f"{median(speeds):.0f} ({min(speeds):.0f} to {max(speeds):.0f})"
        faster = median(own[0] / other[0] for own, other in zip(ours, turn, strict=True))
        cheaper = median(other[1] / own[1] for own, other in zip(ours, turn, strict=True))
        cpu = median(cpu for _, cpu in turn)
        print(f"| {name} | {spread} | {cpu:.0f} | {faster:.1f} × | {cheaper:.1f} × |")


async def memory(port: int, directory: Path) -> None:
    """Print what a process that delivers has used at most, by how many letters wait."""
    sound = os.urandom(WAITING_BYTES)
    print("\n| letters waiting | memory at most, MiB |")
    print("|--:|--:|")
    for waiting in WAITING:
        with TemporaryDirectory(dir=directory) as name:
            url = sqlite_url(Path(name))
            await _fill(url, waiting, sound)
            argv = [sys.executable, "-m", "bench.stand.postman", url, str(port), str(DELIVERED)]
            done = await asyncio.to_thread(
                subprocess.run, argv, check=True, capture_output=True, text=True
            )
            print(f"| {waiting:,} | {float(done.stdout):.0f} |")


async def _fill(url: str, waiting: int, sound: bytes) -> None:
    database = Database(url)
    await upgrade(database)
    for first in range(0, waiting, 100):
        async with database.begin() as session:
            for number in range(first, first + 100):
                await enqueue(session, a_letter(number, sound))
    await database.close()


def main() -> None:
    """`python -m bench.mail`."""
    with TemporaryDirectory(dir="/var/tmp") as name, sink(Path(name)) as port:
        asyncio.run(compare(port, Path(name)))
        asyncio.run(memory(port, Path(name)))


if __name__ == "__main__":
    main()
