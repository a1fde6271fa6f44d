"""What is counted of days adds up to what is counted of all of them, kept or not."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from reports.call import Call, Segment
from reports.catalogue import REPORTS, Question, report_on
from reports.departments import Promise
from reports.period import Period
from reports.refold import untally
from reports.report import Row
from reports.sessions import PAUSED, RESUMED, SIGNED_IN, SIGNED_OUT, Told
from reports.store import CallRow, Span, TallyRow, as_row
from reports.summary import Clockwork, days, keep_some, pieces, summary
from reports.tally import Piece, add
from switchboard.db import Base
from tests.reports.book import EVERY, MOSCOW, fill

BERLIN = ZoneInfo("Europe/Berlin")
WRAPUP = {"sales": 7}
PROMISES = {"sales": Promise(wrapup_seconds=7)}
NEVER = 1 << 60


def shifted(call: Call, by: int, number: int) -> Call:
    """The same call at another time."""
    later = replace(
        call,
        id=f"{call.id}-{number}",
        began=call.began + by,
        answered=None if call.answered is None else call.answered + by,
        ended=None if call.ended is None else call.ended + by,
        segments=tuple(
            Segment(part.kind, part.name, part.began + by, part.ended + by)
            for part in call.segments
        ),
        rings=tuple(replace(ring, began=ring.began + by) for ring in call.rings),
        visits=tuple(replace(visit, began=visit.began + by) for visit in call.visits),
    )
    return later


def year(seed: int = 1) -> list[Call]:
    """Recorded calls, each at several times of some months; some around midnight."""
    chance = random.Random(seed)
    made = []
    for number in range(400):
        call = chance.choice(EVERY)
        day = date(2026, 1, 30) + timedelta(days=chance.randrange(65))
        midnight = datetime.combine(day, datetime.min.time(), MOSCOW).timestamp() * 1000
        at = midnight + chance.choice([-1500, chance.randrange(86_400_000)])
        made.append(shifted(call, round(at) - call.began, number))
    return made


YEAR = year()
SESSIONS = [
    Told(one.began + 1000 * number, agent, what, about)
    for number, one in enumerate(YEAR)
    for agent, what, about in [
        random.Random(number).choice(
            [
                ("201", SIGNED_IN, "sales"),
                ("201", SIGNED_OUT, "sales"),
                ("201", PAUSED, "lunch"),
                ("202", SIGNED_IN, "sales"),
                ("202", RESUMED, ""),
            ]
        )
    ]
]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 100), max_size=5))
def test_the_tallies_of_parts_add_up_to_that_of_the_whole(cuts: list[int]) -> None:
    begin, end = EVERY[0].began - 5000, EVERY[-1].began + 60_000
    edges = sorted({begin, end, *(begin + (end - begin) * cut // 100 for cut in cuts)})
    told = [
        Told(one.at - YEAR[0].began + begin, one.agent, one.what, one.about) for one in SESSIONS
    ]
    whole = summary(EVERY, told, Piece(Span(begin, end), MOSCOW, WRAPUP), NEVER)
    parts = [
        summary(EVERY, told, Piece(Span(first, last), MOSCOW, WRAPUP), NEVER)
        for first, last in pairwise(edges)
    ]
    for kind, tally in whole.items():
        together: dict[str, object] = {}
        for part in parts:
            add(together, part[kind])
        assert together == tally, kind


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(BERLIN)),
    st.integers(1, 400 * 86_400),
)
def test_pieces_fill_a_period_and_are_as_long_as_they_can_be(begin: datetime, lasts: int) -> None:
    first = round(begin.timestamp() * 1000)
    span = Span(first, first + lasts * 1000)
    for parts in (list(pieces(span, BERLIN)), list(days(span, BERLIN))):
        assert parts[0].begin == span.begin
        assert parts[-1].end == span.end
        assert all(one.end == other.begin for one, other in pairwise(parts))
    assert len(list(pieces(span, BERLIN))) <= 1 + lasts // (28 * 86_400) + 62


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session, YEAR, sorted(SESSIONS, key=lambda one: one.at))
        yield session
    engine.dispose()


CLOCKWORK = Clockwork(MOSCOW, WRAPUP, YEAR[0].began + NEVER)
PERIOD = Period.of("2026-02-01", "2026-03-20T12:34", MOSCOW)


def answers(session: Session, clockwork: Clockwork) -> dict[str, tuple[list[Row], Row | None]]:
    made = {
        name: report_on(session, Question(name, PERIOD, clockwork, PROMISES)) for name in REPORTS
    }
    return {name: (list(one.rows), one.total) for name, one in made.items()}


def how_many_kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(TallyRow)) or 0


def test_what_is_kept_gives_the_same_figures(session: Session) -> None:
    clockwork = replace(CLOCKWORK, now=PERIOD.span.end)
    before = answers(session, clockwork)
    while not keep_some(session, clockwork, PERIOD.span):
        pass
    assert how_many_kept(session) == (28 + 1 + 19) * 8
    assert answers(session, clockwork) == before


def test_a_day_that_changes_is_counted_again(session: Session) -> None:
    clockwork = replace(CLOCKWORK, now=PERIOD.span.end)
    while not keep_some(session, clockwork, PERIOD.span):
        pass
    before = answers(session, clockwork)
    late = shifted(EVERY[0], PERIOD.span.begin - EVERY[0].began, 1000)
    session.execute(insert(CallRow), as_row(late))
    untally(session, late.began, late.segments[-1].ended)
    assert how_many_kept(session) == (27 + 19) * 8
    counted = answers(session, clockwork)
    assert counted["hours"] != before["hours"]
    while not keep_some(session, clockwork, PERIOD.span):
        pass
    assert how_many_kept(session) == (28 + 1 + 19) * 8
    assert answers(session, clockwork) == counted


def test_another_time_to_rest_is_counted_anew(session: Session) -> None:
    clockwork = replace(CLOCKWORK, now=PERIOD.span.end)
    while not keep_some(session, clockwork, PERIOD.span):
        pass
    rested = replace(clockwork, wrapup_seconds={"sales": 70})
    assert answers(session, rested)["agents"] != answers(session, clockwork)["agents"]
    while not keep_some(session, rested, PERIOD.span):
        pass
    assert how_many_kept(session) == (28 + 1 + 19) * 8
