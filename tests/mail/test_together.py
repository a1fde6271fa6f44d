"""Small transactions share one commit, and none of them suffers for another."""

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from switchboard.db import FILE_NAME, Database
from switchboard.outbox import OutboxRow, put
from tests.mail.letters import a_letter, states


def fail(session: Session) -> None:
    session.connection().execute(select(OutboxRow.id))
    raise ValueError("not this one")


async def test_what_comes_at_once_is_committed_at_once_and_in_its_order(database: Database) -> None:
    commits: list[object] = []
    event.listen(database._blocking, "commit", commits.append)
    ids = await asyncio.gather(*(database.together(put, a_letter(at)) for at in range(20)))
    assert ids == sorted(ids)
    assert await states(database) == ["waiting"] * 20
    assert len(commits) <= 3


async def test_one_that_fails_fails_alone_and_undoes_nobody_else(database: Database) -> None:
    done = await asyncio.gather(
        database.together(put, a_letter(1)),
        database.together(fail),
        database.together(put, a_letter(2)),
        return_exceptions=True,
    )
    assert [type(one) for one in done] == [int, ValueError, int]
    assert await states(database) == ["waiting"] * 2


async def test_what_cannot_be_committed_is_told_to_each(sqlite: Database, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        done = await asyncio.gather(
            *(sqlite.together(put, a_letter(at)) for at in range(3)), return_exceptions=True
        )
        other.execute("ROLLBACK")
    other.close()
    assert all(isinstance(one, DBAPIError) for one in done)
    await sqlite.together(put, a_letter(9))
    assert await states(sqlite) == ["waiting"]


@pytest.mark.parametrize("waits", [True, False])
async def test_who_does_not_wait_for_the_end_keeps_nobody_waiting(
    sqlite: Database, waits: bool
) -> None:
    slow = asyncio.create_task(sqlite.together(lambda _: time.sleep(0.2)))
    leaving = asyncio.create_task(sqlite.together(put, a_letter(1)))
    await asyncio.sleep(0.05 if waits else 0)
    leaving.cancel()
    await sqlite.together(put, a_letter(2))
    await slow
    assert "waiting" in await states(sqlite)


async def test_who_comes_after_the_end_is_told_so(sqlite: Database) -> None:
    await sqlite.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        await asyncio.wait_for(sqlite.together(put, a_letter(1)), 5)
