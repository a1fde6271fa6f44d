"""A letter that is due is handed over; what it met decides when it is tried again."""

import asyncio
from datetime import timedelta

import pytest

from switchboard.claims import JITTER, LEASE, MOST_PER_LANE, backoff, call_all, take_back, take_one
from switchboard.db import Database
from switchboard.delivery import WORKERS, deliver
from switchboard.mail import Waits
from switchboard.outbox import BodyRow
from tests.mail.conftest import Later, a_worker
from tests.mail.letters import a_letter, put, rows, states
from tests.mail.post import DOT, HANG, PostOffice
from tests.until import until


async def test_a_letter_arrives_byte_for_byte_and_lets_go_of_its_bytes(
    database: Database, post: PostOffice, clock: Later
) -> None:
    letter = a_letter(1, body=".a line that begins with a dot\n..two\n.\nконец")
    [letter_id] = await put(database, clock(), letter)
    assert await a_worker(database, post, clock).do_one()
    [taken] = post.taken
    assert (taken.sender, taken.to) == ("pbx@acme.example", ("anna@acme.example",))
    assert taken.content == letter.content
    [row] = await rows(database)
    assert (row.state, row.tries, row.last_error, row.ended_at) == ("sent", 1, "", clock())
    assert row.recipients[0].answer == "250 taken"
    async with database.reading() as session:
        assert await session.get(BodyRow, letter_id) is None


async def test_several_letters_go_over_one_connection(
    sqlite: Database, post: PostOffice, clock: Later
) -> None:
    await put(sqlite, clock(), *map(a_letter, range(5)))
    worker = a_worker(sqlite, post, clock)
    while await worker.do_one():
        pass
    assert (len(post.taken), post.connections) == (5, 1)


async def test_a_worker_that_was_told_it_is_enough_holds_no_other_letter(
    database: Database, post: PostOffice, clock: Later
) -> None:
    await put(database, clock(), *map(a_letter, range(3)))
    enough = iter((False, True))
    assert await a_worker(database, post, clock).do_some(lambda: next(enough))
    assert [row.state for row in await rows(database)] == ["sent", "sent", "waiting"]
    assert not await a_worker(database, post, clock).do_some(lambda: False)
    assert [(row.state, row.tries) for row in await rows(database)] == [("sent", 1)] * 3


async def test_a_connection_that_was_closed_while_it_rested_is_opened_again(
    sqlite: Database, post: PostOffice, clock: Later
) -> None:
    worker = a_worker(sqlite, post, clock)
    for number in range(3):
        await put(sqlite, clock(), a_letter(number))
        assert await worker.do_one()
        await post.hang_up()
    assert [(row.state, row.tries) for row in await rows(sqlite)] == [("sent", 1)] * 3
    assert post.connections == 3


async def test_each_recipient_has_its_own_result(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.says["RCPT later@acme.example"] = "450 4.2.0 greylisted"
    post.says["RCPT never@acme.example"] = "550 5.1.1 no such user"
    to = "now@acme.example", "later@acme.example", "never@acme.example"
    await put(database, clock(), a_letter(1, *to))
    worker = a_worker(database, post, clock)
    await worker.do_one()
    [row] = await rows(database)
    assert [one.state for one in row.recipients] == ["sent", "waiting", "dead"]
    assert (row.state, "greylisted" in row.last_error) == ("waiting", True)
    post.says.clear()
    clock.passes(minutes=2)
    await worker.do_one()
    assert [taken.to for taken in post.taken] == [("now@acme.example",), ("later@acme.example",)]
    [row] = await rows(database)
    assert (row.state, "no such user" in row.last_error) == ("dead", True)


async def test_the_smaller_letter_goes_where_the_larger_one_is_too_large(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.largest = 2000
    await put(database, clock(), a_letter(1, body="x" * 5000, smaller="See the console."))
    await a_worker(database, post, clock).do_one()
    [taken] = post.taken
    assert taken.message.get_content().strip() == "See the console."
    assert await states(database) == ["sent"]


async def test_the_smaller_letter_goes_also_where_the_limit_is_told_after_the_dot(
    sqlite: Database, post: PostOffice, clock: Later
) -> None:
    post.largest, post.announces_largest = 2000, False
    await put(sqlite, clock(), a_letter(1, body="x" * 5000, smaller="See the console."))
    await a_worker(sqlite, post, clock).do_one()
    assert [taken.message.get_content().strip() for taken in post.taken] == ["See the console."]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_letter_that_is_too_large_and_has_no_smaller_one_is_dead(
    sqlite: Database, post: PostOffice, clock: Later, announced: bool
) -> None:
    post.largest, post.announces_largest = 2000, announced
    await put(sqlite, clock(), a_letter(1, body="x" * 5000))
    await a_worker(sqlite, post, clock).do_one()
    [row] = await rows(sqlite)
    assert (row.state, post.taken) == ("dead", [])
    assert ("takes 2000 at most" if announced else "message too big") in row.last_error


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (90, 60)])
def test_the_pauses_double_up_to_an_hour(tries: int, minutes: int) -> None:
    pauses = [backoff(tries) / timedelta(minutes=minutes) for _ in range(200)]
    assert 1 - JITTER <= min(pauses) < max(pauses) <= 1 + JITTER


async def test_a_letter_is_not_tried_before_it_is_due(
    sqlite: Database, post: PostOffice, clock: Later
) -> None:
    post.says["MAIL"] = "451 later"
    await put(sqlite, clock(), a_letter())
    worker = a_worker(sqlite, post, clock)
    await worker.do_one()
    post.says.clear()
    clock.passes(seconds=50)
    assert not await worker.do_one()
    clock.passes(seconds=20)
    assert await worker.do_one()
    assert await states(sqlite) == ["sent"]


async def test_after_five_days_a_letter_is_given_up_with_what_was_said_last(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.says["RCPT"] = "450 mailbox busy"
    await put(database, clock(), a_letter())
    worker = a_worker(database, post, clock)
    for _ in range(200):
        await worker.do_one()
        clock.passes(minutes=66)
        if await states(database) == ["dead"]:
            break
    [row] = await rows(database)
    assert row.state == "dead"
    assert row.last_error.startswith("given up; the last answer:")
    assert "450 mailbox busy" in row.last_error
    assert row.ended_at is not None
    assert timedelta(days=5) <= row.ended_at - row.created_at < timedelta(days=5, hours=2)


async def test_when_the_server_is_back_all_who_waited_for_it_are_due_at_once(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.says["greeting"] = "421 closed for today"
    await put(database, clock(), *map(a_letter, range(3)))
    worker = a_worker(database, post, clock)
    for _ in range(6):  # until the pauses of the three differ
        await worker.do_one()
        await worker.do_one()
        await worker.do_one()
        clock.passes(minutes=30)
    post.says.clear()
    clock.passes(minutes=70)
    while await worker.do_one():
        pass
    assert await states(database) == ["sent"] * 3


async def test_a_worker_that_was_killed_loses_its_lease(
    database: Database, post: PostOffice, clock: Later
) -> None:
    await put(database, clock(), a_letter())
    await database.work(take_one, clock())  # and never again
    worker = a_worker(database, post, clock)
    clock.passes(minutes=1)
    assert not await worker.do_one()
    clock.now += LEASE
    assert await worker.do_one()
    assert await states(database) == ["sent"]


async def test_a_start_takes_back_what_killed_workers_held(
    database: Database, post: PostOffice, clock: Later
) -> None:
    await put(database, clock(), a_letter())
    await database.work(take_one, clock())
    await database.work(take_back, clock())
    assert await a_worker(database, post, clock).do_one()
    assert [taken.message["Message-ID"] for taken in post.taken] == ["<test-1@acme.example>"]


async def test_what_waited_for_a_server_is_due_at_once_when_another_one_is_asked(
    database: Database, post: PostOffice, clock: Later
) -> None:
    post.says["MAIL"], post.says["RCPT later@acme.example"] = "421 4.3.2 closing", "450 greylisted"
    await put(database, clock(), a_letter(1))
    assert not await a_worker(database, post, clock).do_one()
    del post.says["MAIL"]
    await put(database, clock(), a_letter(2, "later@acme.example"))
    assert await a_worker(database, post, clock).do_one()
    await database.work(call_all, clock())
    assert await a_worker(database, post, clock).do_one()
    assert not await a_worker(database, post, clock).do_one()
    assert await states(database) == ["sent", "waiting"]


async def test_two_workers_never_hold_the_same_letter(database: Database, clock: Later) -> None:
    await put(database, clock(), *(a_letter(at, f"a@d{at}.example") for at in range(12)))

    async def claim() -> int | None:
        taken = await database.work(take_one, clock())
        return taken.id if taken else None

    claimed = await asyncio.gather(*(claim() for _ in range(20)))
    held = [one for one in claimed if one is not None]
    assert len(held) == len(set(held)) > 0


async def test_letters_in_hand_are_brought_to_their_end_when_we_stop(
    sqlite: Database, post: PostOffice, clock: Later
) -> None:
    post.says[DOT] = HANG
    await put(sqlite, clock(), a_letter())
    waits = Waits(connect_seconds=5, command_seconds=5, data_seconds=0.4)
    delivering = asyncio.create_task(deliver([a_worker(sqlite, post, clock, waits)], 5))
    await until(lambda: post.connections == 1)
    delivering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    [row] = await rows(sqlite)
    assert (row.state, row.server_away) == ("waiting", True)


async def test_a_slow_domain_leaves_workers_for_the_others(
    sqlite: Database, post: PostOffice, clock: Later
) -> None:
    """F11: one slow mail server, 100 letters queued; the others go on."""
    assert MOST_PER_LANE < WORKERS
    post.says["RCPT"] = "250 ok"
    slow = [a_letter(at, f"u{at}@slow.example") for at in range(100)]
    fast = [a_letter(200 + at, f"u{at}@fast{at}.example") for at in range(20)]
    for letter in slow:
        post.says[f"RCPT {letter.to[0]}"] = HANG
    await put(sqlite, clock(), *slow)
    clock.passes(seconds=1)
    await put(sqlite, clock(), *fast)
    waits = Waits(connect_seconds=60, command_seconds=60, data_seconds=60, quit_seconds=0.1)
    workers = [a_worker(sqlite, post, clock, waits) for _ in range(WORKERS)]
    delivering = asyncio.create_task(deliver(workers, 0.1))
    try:
        await until(lambda: len(post.taken) == len(fast))
    finally:
        delivering.cancel()
        await asyncio.wait({delivering})
    assert {taken.to[0].partition("@")[2][:4] for taken in post.taken} == {"fast"}
