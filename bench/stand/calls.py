"""Believable calls by the million: the same for the same seed, in the order of their beginning."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reports.call import (
    Call,
    Direction,
    Heard,
    Outcome,
    Ring,
    RingResult,
    Segment,
    Step,
    Visit,
    VisitOutcome,
)

ZONE = ZoneInfo("Europe/Moscow")
BEGIN = datetime(2024, 7, 1, tzinfo=ZONE)
DAYS = 730
DEPARTMENTS = ("sales", "support", "billing", "service", "claims")
AGENTS = {
    name: [str(200 + 10 * place + i) for i in range(8)] for place, name in enumerate(DEPARTMENTS)
}
NUMBERS = [f"+7495000000{i}" for i in range(8)]
CALLERS = 150_000  # of whom some call often
# how busy each hour of a day is, and each day of a week
HOURS = (1, 1, 1, 1, 1, 2, 4, 10, 30, 60, 75, 80, 70, 65, 70, 70, 60, 45, 30, 15, 8, 5, 3, 2)
WEEK = (1.15, 1.05, 1.0, 1.0, 0.95, 0.35, 0.25)


def believable(count: int, seed: int = 1) -> Iterator[Call]:
    """So many calls over two years."""
    chance = random.Random(seed)
    days = [BEGIN + timedelta(days=day) for day in range(DAYS)]
    weights = [WEEK[day.weekday()] * chance.uniform(0.8, 1.2) for day in days]
    per_day = [0] * DAYS
    for day in chance.choices(range(DAYS), weights, k=count):
        per_day[day] += 1
    number = 0
    for date, calls in zip(days, per_day, strict=True):
        hours = chance.choices(range(24), HOURS, k=calls)
        midnight = round(date.timestamp() * 1000)
        moments = sorted(hour * 3_600_000 + chance.randrange(3_600_000) for hour in hours)
        for moment in moments:
            number += 1
            yield _call(chance, number, midnight + moment)


class _Way:
    """Segments one after the other."""

    def __init__(self, began: int) -> None:
        self.at = began
        self.parts: list[Segment] = []

    def spends(self, kind: str, name: str, lasted: float) -> int:
        """When it began."""
        began = self.at
        self.at += max(1, round(lasted * 1000))
        self.parts.append(Segment(kind, name, began, self.at))
        return began


def _call(chance: random.Random, number: int, began: int) -> Call:
    if chance.random() < 0.12:
        return _attempt(chance, number, began)
    way, steps, rings, visits = _Way(began), [], [], []
    department = DEPARTMENTS[min(int(chance.expovariate(0.7)), 4)]
    outcome, answered, box = Outcome.ABANDONED_IN_MENU, None, None
    agents: tuple[str, ...] = ()
    for _ in range(1 + (chance.random() < 0.15)):
        lasted = chance.uniform(1, 14)
        way.spends("menu", "main", lasted)
        steps.append(Step("main", "v7", None, round(lasted * 1000), Heard.SILENCE))
    if chance.random() < 0.06:
        steps[-1] = Step("main", "v7", None, steps[-1].lasted, Heard.LEFT)
    else:
        key = str(1 + DEPARTMENTS.index(department))
        steps[-1] = Step("main", "v7", key, steps[-1].lasted, Heard.KEY)
        wait = min(chance.expovariate(1 / 25) + 1, 300)
        patience = chance.expovariate(1 / 180)
        queued = way.at
        agent = chance.choice(AGENTS[department])
        taken = wait < patience and chance.random() < 0.93
        waited = round(min(wait, patience) * 1000) + 1
        way.spends("queue", department, waited / 1000)
        talked = held = 0
        if chance.random() < 0.1:
            missed = chance.choice(AGENTS[department])
            rings.append(Ring(missed, queued, 15_000, RingResult.NO_ANSWER))
        if taken:
            outcome, agents, answered = Outcome.ANSWERED, (agent,), way.at
            rings.append(Ring(agent, queued, min(waited, 4000), RingResult.ANSWERED))
            talked = round(chance.lognormvariate(5, 0.7) * 1000)
            way.spends("talk", agent, talked / 1000)
            if chance.random() < 0.12:
                held = round(chance.uniform(5, 90) * 1000)
                way.spends("hold", agent, held / 1000)
                way.spends("talk", agent, 5)
                talked += 5000
            result = VisitOutcome.ANSWERED
        elif wait < patience:
            result, outcome, box = VisitOutcome.FLOWED_OUT, Outcome.VOICEMAIL, department
            way.spends("voicemail", department, chance.uniform(8, 60))
        else:
            result, outcome = VisitOutcome.ABANDONED, Outcome.ABANDONED_IN_QUEUE
        took = agent if taken else None
        visits.append(Visit(department, queued, waited, result, took, talked, held))
    caller = None if chance.random() < 0.03 else f"+79{int(CALLERS * chance.random() ** 2):09}"
    return _made(
        number,
        Direction.INBOUND,
        way,
        outcome,
        caller,
        chance.choices(NUMBERS, range(8, 0, -1))[0],
        answered,
        agents,
        department=department if visits else None,
        path=tuple(steps),
        rings=tuple(rings),
        visits=tuple(visits),
        voicemail=box,
    )


def _attempt(chance: random.Random, number: int, began: int) -> Call:
    """An extension calls outside."""
    agent, way = chance.choice(AGENTS[chance.choice(DEPARTMENTS)]), _Way(began)
    called = f"+79{int(CALLERS * chance.random() ** 2):09}"
    way.spends("ring", called, chance.uniform(2, 30))
    outcome, answered = Outcome.NO_ANSWER, None
    if chance.random() < 0.6:
        outcome, answered = Outcome.ANSWERED, way.at
        way.spends("talk", called, chance.lognormvariate(4.5, 0.8))
    agents = (agent,) if answered else ()
    return _made(number, Direction.OUTBOUND, way, outcome, agent, called, answered, agents)


def _made(
    number: int,
    direction: Direction,
    way: _Way,
    outcome: Outcome,
    caller: str | None,
    to: str,
    answered: int | None,
    agents: tuple[str, ...],
    department: str | None = None,
    path: tuple[Step, ...] = (),
    rings: tuple[Ring, ...] = (),
    visits: tuple[Visit, ...] = (),
    voicemail: str | None = None,
) -> Call:
    return Call(
        id=f"switchboard-{way.parts[0].began // 1000}.{number}",
        direction=direction,
        from_number=caller,
        from_name="",
        to=to,
        language="ru",
        began=way.parts[0].began,
        answered=answered,
        ended=way.at,
        outcome=outcome,
        department=department,
        agents=agents,
        path=path,
        segments=tuple(way.parts),
        rings=rings,
        visits=visits,
        voicemail=voicemail,
        fax=None,
        joined_with=(),
        transferred_by=(),
    )
