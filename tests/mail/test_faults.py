"""F10 to F15 for letters: whatever breaks, what was taken arrives, and twice only with its name."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from console.migrate import upgrade
from switchboard.db import FILE_NAME, Database, sqlite_url
from switchboard.outbox import retry
from tests.mail.conftest import Later, a_worker
from tests.mail.letters import a_letter, put, rows, states
from tests.mail.post import CLOSE, DOT, GREETING, HANG, NONSENSE, PostOffice
from tests.until import until

pytestmark = pytest.mark.faults

FILLER = "filler"
ROOT = Path(__file__).parents[2]
END_ALL_CONNECTIONS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
)
ABOUT_US = (GREETING, "EHLO", "STARTTLS", "AUTH")
ABOUT_THE_LETTER = ("MAIL", "RCPT", "DATA", DOT)
SPOKEN = ("451 4.3.0 later", "421 4.3.2 closing", HANG, CLOSE, NONSENSE, "200 what?")


@pytest.mark.parametrize("said", [*SPOKEN, "550 5.7.1 no"])
@pytest.mark.parametrize("verb", [*ABOUT_US[:2], *ABOUT_THE_LETTER])
async def test_f10_a_server_that_fails_at_a_verb_gets_the_letter_when_it_is_well(
    sqlite: Database, post: PostOffice, clock: Later, verb: str, said: str
) -> None:
    post.says[verb] = said
    [letter_id] = await put(sqlite, clock(), a_letter())
    worker = a_worker(sqlite, post, clock)
    await worker.do_one()
    [row] = await rows(sqlite)
    dead = said.startswith("550") and verb in ABOUT_THE_LETTER
    assert row.state == ("dead" if dead else "waiting")
    assert row.last_error
    copies = len(post.taken)
    assert copies == (1 if (verb, said) == (DOT, CLOSE) else 0)

    post.says.clear()
    clock.passes(minutes=2)
    if dead:
        assert not await worker.do_one(), "5xx is dead at once"
        await _retry(sqlite, letter_id, clock)
    assert await worker.do_one()
    assert await states(sqlite) == ["sent"]
    assert len(post.taken) == copies + 1
    assert {taken.message["Message-ID"] for taken in post.taken} == {"<test-1@acme.example>"}
    await worker.do_one()
    assert len(post.taken) == copies + 1


async def _retry(database: Database, letter_id: int, clock: Later) -> None:
    async with database.begin() as session:
        await retry(session, letter_id, clock())


async def test_f13_a_locked_database_delays_and_loses_nothing(
    sqlite: Database, post: PostOffice, clock: Later, tmp_path: Path
) -> None:
    await put(sqlite, clock(), a_letter())
    worker = a_worker(sqlite, post, clock)
    with locked(tmp_path / FILE_NAME):
        assert not await worker.do_one()
        with pytest.raises(DBAPIError, match="locked"):
            await put(sqlite, clock(), a_letter(2))
        assert await states(sqlite) == ["waiting"], "reading goes on"
    assert await worker.do_one()
    assert (await states(sqlite), len(post.taken)) == (["sent"], 1)


async def test_f13_what_was_sent_while_the_database_locked_itself_is_noted_afterwards(
    sqlite: Database, post: PostOffice, clock: Later, tmp_path: Path
) -> None:
    """The letter is at the server, and nobody could write that down: it must not go out again."""
    lock = Lock(tmp_path / FILE_NAME)
    post.before[DOT] = lock.take
    await put(sqlite, clock(), a_letter())
    trying = asyncio.create_task(a_worker(sqlite, post, clock).do_one())
    await until(lambda: len(post.taken) == 1)
    await asyncio.sleep(1)
    assert not trying.done()
    lock.release()
    assert await trying
    assert (await states(sqlite), len(post.taken)) == (["sent"], 1)


async def test_f13_a_read_only_database_delays_and_loses_nothing(
    sqlite: Database, post: PostOffice, clock: Later, tmp_path: Path
) -> None:
    await put(sqlite, clock(), a_letter())
    read_only = Database(f"sqlite+aiosqlite:///file:{tmp_path / FILE_NAME}?mode=ro&uri=true")
    assert not await a_worker(read_only, post, clock).do_one()
    with pytest.raises(DBAPIError, match="readonly"):
        await put(read_only, clock(), a_letter(2))
    await read_only.close()
    assert await a_worker(sqlite, post, clock).do_one()
    assert (await states(sqlite), len(post.taken)) == (["sent"], 1)


async def test_f13_a_server_that_went_away_and_came_back_is_used_again(
    postgresql: Database, post: PostOffice, clock: Later
) -> None:
    await put(postgresql, clock(), a_letter())
    worker = a_worker(postgresql, post, clock)
    with suppress(DBAPIError):  # as a restart of the server ends all of them, this one too
        async with postgresql.engine.connect() as connection:
            await connection.execute(END_ALL_CONNECTIONS)
    await worker.do_one()
    await worker.do_one()
    assert (await states(postgresql), len(post.taken)) == (["sent"], 1)


async def test_f14_a_full_disk_refuses_letters_and_keeps_those_it_took(
    small_disk: Path, post: PostOffice, clock: Later
) -> None:
    database = Database(sqlite_url(small_disk), busy_seconds=0.2)
    await upgrade(database)
    await put(database, clock(), a_letter(1), a_letter(2))
    worker = a_worker(database, post, clock)
    fill(small_disk)
    with pytest.raises(DBAPIError, match=r"full|I/O"):
        await put(database, clock(), a_letter(3, body="x" * 300_000))
    await worker.do_one()  # it may just fit, or not
    (small_disk / FILLER).unlink()
    for _ in range(4):
        clock.passes(minutes=30)
        await worker.do_one()
    assert await states(database) == ["sent", "sent"]
    await put(database, clock(), a_letter(3, body="x" * 300_000))
    await worker.do_one()
    assert [taken.message["Message-ID"] for taken in post.taken] == [
        f"<test-{number}@acme.example>" for number in (1, 2, 3)
    ]
    await database.close()


async def test_f14_what_was_sent_while_the_disk_filled_up_is_noted_when_there_is_room(
    small_disk: Path, post: PostOffice, clock: Later
) -> None:
    database = Database(sqlite_url(small_disk), busy_seconds=0.2)
    await upgrade(database)
    await put(database, clock(), a_letter(1, body="x" * 300_000))
    post.before[DOT] = lambda: fill(small_disk)
    trying = asyncio.create_task(a_worker(database, post, clock).do_one())
    await until(lambda: len(post.taken) == 1)
    await asyncio.sleep(1)
    (small_disk / FILLER).unlink()
    assert await trying
    assert (await states(database), len(post.taken)) == (["sent"], 1)
    await database.close()


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", DOT])
async def test_a_process_killed_at_a_verb_loses_no_letter(
    sqlite: Database, post: PostOffice, tmp_path: Path, verb: str
) -> None:
    """kill -9; the next start sends what was not taken, and only after the dot a second time."""
    await put(sqlite, None, *map(a_letter, range(3)))
    postmen: list[subprocess.Popen[bytes]] = []
    post.before[verb] = lambda: postmen[0].send_signal(signal.SIGKILL)
    postmen.append(start_postman(tmp_path, post))
    try:
        await until(lambda: postmen[0].poll() is not None)
        assert postmen[0].returncode == -signal.SIGKILL
        postmen.append(start_postman(tmp_path, post))
        await until(lambda: len(post.taken) >= 3 + (verb == DOT))
        await _until_sent(sqlite)
    finally:
        postmen[-1].kill()
        postmen[-1].wait()
    ids = [taken.message["Message-ID"] for taken in post.taken]
    assert len(set(ids)) == 3
    assert len(ids) == 3 + (verb == DOT)


def start_postman(directory: Path, post: PostOffice) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "tests.mail.postman", sqlite_url(directory), str(post.port)]
    return subprocess.Popen(argv, cwd=ROOT)


async def _until_sent(database: Database) -> None:
    async with asyncio.timeout(15):
        while set(await states(database)) != {"sent"}:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


class Lock:
    """Another program that writes to the database and does not come to an end."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def take(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    lock = Lock(path)
    lock.take()
    try:
        yield
    finally:
        lock.release()


def fill(disk: Path) -> None:
    """Take every byte that is left."""
    with (disk / FILLER).open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
