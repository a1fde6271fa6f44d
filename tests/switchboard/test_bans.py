"""Guessing and flooding are banned by address for a time; an office is not locked out."""

from datetime import UTC, datetime, timedelta

from switchboard.bans import FIRST_BAN, MOST_FAILURES, MOST_UNANSWERED, WINDOW, Bans, address_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
THERE = "203.0.113.9"


def guesses(bans: Bans, count: int, since: datetime, every: timedelta = SECOND) -> None:
    for number in range(count):
        bans.note("ChallengeResponseFailed", THERE, since + every * number)


def untils(bans: Bans, now: datetime) -> dict[str, datetime | None]:
    return {ban.address: ban.until for ban in bans.standing(now)}


def test_so_many_guesses_within_a_minute_ban_and_fewer_do_not() -> None:
    bans = Bans()
    guesses(bans, MOST_FAILURES - 1, NOON)
    assert not bans.standing(NOON + 9 * SECOND)
    guesses(bans, 100, NOON + timedelta(hours=1), every=WINDOW / (MOST_FAILURES - 1) + SECOND)
    assert not bans.standing(NOON + timedelta(hours=2))
    guesses(bans, MOST_FAILURES, NOON + timedelta(hours=3))
    at = NOON + timedelta(hours=3) + 9 * SECOND
    assert untils(bans, at) == {THERE: at + FIRST_BAN}


def test_a_ban_ends_and_the_next_one_is_longer_until_a_day_has_passed() -> None:
    bans, now = Bans(), NOON
    for lasts in (FIRST_BAN, 2 * FIRST_BAN, 4 * FIRST_BAN):
        guesses(bans, MOST_FAILURES, now, every=timedelta(0))
        assert untils(bans, now) == {THERE: now + lasts}
        now += lasts
        assert not bans.standing(now)
    now += timedelta(hours=25)
    guesses(bans, MOST_FAILURES, now, every=timedelta(0))
    assert untils(bans, now) == {THERE: now + FIRST_BAN}


def test_a_flood_that_never_says_who_it_is_is_banned_and_an_office_that_signs_in_is_not() -> None:
    bans = Bans()
    for number in range(MOST_UNANSWERED):
        bans.note("ChallengeSent", THERE, NOON)
        bans.note("ChallengeSent", "10.0.0.1", NOON)
        bans.note("SuccessfulAuth", "10.0.0.1", NOON)
        assert (THERE in untils(bans, NOON)) == (number == MOST_UNANSWERED - 1)
    assert "10.0.0.1" not in untils(bans, NOON)


def test_where_a_telephone_has_signed_in_guessing_is_told_but_not_banned() -> None:
    bans = Bans()
    bans.note("SuccessfulAuth", THERE, NOON)
    guesses(bans, 3 * MOST_FAILURES, NOON, every=timedelta(0))
    assert untils(bans, NOON) == {THERE: None}
    assert not bans.standing(NOON + FIRST_BAN)


def test_a_carrier_is_never_banned_and_nobody_for_what_cannot_be_read() -> None:
    bans = Bans()
    bans.never = frozenset({THERE})
    guesses(bans, 2 * MOST_FAILURES, NOON)
    for _ in range(2 * MOST_FAILURES):
        bans.note("InvalidAccountID", address_of("nonsense"), NOON)
    assert not bans.standing(NOON + 20 * SECOND)
    assert address_of("IPV6/TCP/2001:db8::1/5060") == "2001:db8::1"
