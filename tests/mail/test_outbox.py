"""A letter is taken with the thing it announces, once, and can be followed from then on."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.claims import note, take_one
from switchboard.db import Database
from switchboard.mail import MailRefused
from switchboard.outbox import (
    GIVE_UP,
    NoSuchLetter,
    NotRetried,
    count_old,
    enqueue,
    forget_old,
    retry,
    show,
)
from tests.mail.conftest import Later
from tests.mail.letters import a_letter, put, rows, states


async def test_a_letter_waits_with_all_that_the_list_shows(
    database: Database, clock: Later
) -> None:
    letter = a_letter(7, "anna@acme.example", "boris@acme.example")
    [letter_id] = await put(database, clock(), letter)
    [row] = await rows(database)
    assert (row.id, row.kind, row.state, row.tries) == (letter_id, "test", "waiting", 0)
    assert [one.address for one in row.recipients] == ["anna@acme.example", "boris@acme.example"]
    assert (row.subject, row.message_id) == ("Number 7", "<test-7@acme.example>")
    assert (row.sender, row.due_at) == ("pbx@acme.example", clock())


async def test_the_same_letter_is_taken_once(database: Database, clock: Later) -> None:
    first, second = await put(database, clock(), a_letter(1), a_letter(1, body="again"))
    assert first == second
    assert await states(database) == ["waiting"]


async def test_the_same_letter_from_two_at_once_is_taken_once(
    database: Database, clock: Later
) -> None:
    ids = await asyncio.gather(*(put(database, clock(), a_letter(1)) for _ in range(8)))
    assert len({letter_id for [letter_id] in ids}) == 1
    assert await states(database) == ["waiting"]


async def test_what_is_undone_with_its_thing_was_never_taken(
    database: Database, clock: Later
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as session:
            await enqueue(session, a_letter(), clock())
            raise ZeroDivisionError
    assert await states(database) == []


async def test_a_letter_to_nobody_is_refused_where_it_is_made(sqlite: Database) -> None:
    with pytest.raises(ValueError, match="goes to nobody"):
        async with sqlite.begin() as session:
            await enqueue(session, replace(a_letter(), to=()))


async def test_who_stands_twice_in_a_letter_gets_it_once(sqlite: Database, clock: Later) -> None:
    await put(sqlite, clock(), a_letter(1, "anna@acme.example", "anna@acme.example"))
    [row] = await rows(sqlite)
    assert [one.address for one in row.recipients] == ["anna@acme.example"]


async def test_a_subject_with_control_characters_is_kept_harmless(
    database: Database, clock: Later
) -> None:
    await put(database, clock(), replace(a_letter(), subject="a\r\nBcc: x\0\x1b[31m\ud800 Анна"))
    assert [row.subject for row in await rows(database)] == ["a Bcc: x[31m Анна"]


async def test_a_dead_letter_is_tried_again_by_hand_for_five_days_more(
    database: Database, clock: Later
) -> None:
    [letter_id] = await put(database, clock(), a_letter())
    await _die(database, clock)
    assert await states(database) == ["dead"]
    clock.passes(days=3)
    async with database.begin() as session:
        await retry(session, letter_id, clock())
    async with database.reading() as session:
        row = await show(session, letter_id)
    assert (row.state, row.due_at, row.give_up_at) == ("waiting", clock(), clock() + GIVE_UP)
    claim = await database.work(take_one, clock())
    assert claim is not None and claim.to == ("anna@acme.example",)


async def test_a_letter_that_is_being_sent_is_not_tried_beside(
    database: Database, clock: Later
) -> None:
    [letter_id] = await put(database, clock(), a_letter())
    await database.work(take_one, clock())
    with pytest.raises(NotRetried, match="is sending"):
        async with database.begin() as session:
            await retry(session, letter_id, clock())


async def test_a_letter_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(NoSuchLetter, match="no letter 99"):
        async with database.reading() as session:
            await show(session, 99)


async def test_times_come_back_in_utc(database: Database, clock: Later) -> None:
    await put(database, clock(), a_letter())
    [row] = await rows(database)
    assert row.created_at == clock() and row.created_at.utcoffset() == timedelta(0)


async def _die(database: Database, clock: Later) -> None:
    claim = await database.work(take_one, clock())
    assert claim is not None
    answers = {"anna@acme.example": MailRefused("550 no such user")}
    await database.work(note, claim, answers, clock())


async def test_only_letters_that_were_sent_long_ago_are_forgotten(
    database: Database, clock: Later
) -> None:
    await put(database, clock(), *map(a_letter, range(4)))
    for answer in ("250 taken", MailRefused("never"), "250 taken"):
        claim = await database.work(take_one, clock())
        assert claim is not None
        await database.work(note, claim, dict.fromkeys(claim.to, answer), clock())
        clock.passes(days=30)
    before = clock() - timedelta(days=45)
    async with database.begin() as session:
        assert await count_old(session, before) == 1
        assert await forget_old(session, before) == 1
        assert await forget_old(session, before) == 0
    assert await states(database) == ["dead", "sent", "waiting"]
