"""Agents who work as long as they are let, each with a clock and an account of its own.

They take what rings, talk, hand on, refuse, and call outside; whatever dies meanwhile, they go on.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.sip.call import Call
from tests.sip.phone import Phone, PhoneError
from tests.sip.waiting import NotInTime

TALK_SECONDS = 2.5
SURE_SECONDS = 1.0  # of a talk that both clocks must know; by so much they may differ
OUTSIDE = "84951234567"  # as an agent dials it
REFUSE, HAND_ON, ASK_FIRST, CALL_OUTSIDE = 5, 3, 7, 4  # of so many things that happened, the last


@dataclass
class Talk:
    """With whom an agent spoke, by the agent's telephone; `ended` is 0 while it lasts.

    When a call that is `moved` on was left, only Asterisk knows. Where nothing was `heard`, the
    caller may have gone in the moment of the answer.
    """

    agent: str
    other: str
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    moved: bool = False
    heard: bool = False

    def seconds(self, deaths: Iterable[float]) -> float:
        """How long; nobody is heard any more when Asterisk has died."""
        died = [at for at in deaths if at >= self.began]
        return min([self.ended, *died]) - self.began


class Agent:
    """`talks` are with whom rang, `outside` with whom it called; `colleague` gets what it hands on.

    `joined` are callers whom it left with the colleague, who knows only that it has called.
    """

    def __init__(self, extension: str, phone: Phone, colleague: str) -> None:
        self.talks: list[Talk] = []
        self.outside: list[Talk] = []
        self.joined: list[Talk] = []
        self._extension, self._phone, self._colleague = extension, phone, colleague

    async def works(self) -> None:
        """Until cancelled."""
        turn = 0
        while True:
            turn += 1
            with suppress(NotInTime, PhoneError, TimeoutError):
                await self._turn(turn)

    async def _turn(self, turn: int) -> None:
        if turn % CALL_OUTSIDE == 0:
            await self._calls_outside()
        try:
            ring = await self._phone.rings(within=3)
        except NotInTime:  # whoever serves now may not know this telephone
            await self._phone.register()
            return
        if turn % REFUSE == 0:
            await ring.refuse()
            return
        call = await ring.answer()
        talk = Talk(self._extension, ring.from_number)
        self.talks.append(talk)
        try:
            with suppress(NotInTime):
                await call.ended(within=TALK_SECONDS)
            talk.moved = not call.is_over and 0 in (turn % HAND_ON, turn % ASK_FIRST)
            if talk.moved and turn % HAND_ON == 0:
                await asyncio.wait_for(call.transfer(self._colleague), 10)
            elif talk.moved:
                await self._asks_first(call, talk)
        finally:
            talk.ended, talk.heard = time.time(), bool(call.sound.any())
            await _hangs_up(call)

    async def _asks_first(self, call: Call, talk: Talk) -> None:
        """An attended transfer that comes to nothing where the colleague does not answer."""
        await call.hold()
        other = await self._phone.dial(self._colleague)
        try:
            await other.answered(within=5)
            await call.join(other)
            self.joined.append(Talk(self._colleague, talk.other))
        finally:
            await _hangs_up(other)

    async def _calls_outside(self) -> None:
        call = await self._phone.dial(OUTSIDE)
        try:
            await call.answered(within=5)
            self.outside.append(Talk(self._extension, OUTSIDE))
            await asyncio.sleep(TALK_SECONDS / 2)
            self.outside[-1].ended = time.time()
        finally:
            await _hangs_up(call)


async def _hangs_up(call: Call) -> None:
    if not call.is_over:
        with suppress(NotInTime, PhoneError):
            await call.hangup()


def agents_know_the_same(
    calls: list[dict[str, Any]], agents: Sequence[Agent], deaths: Sequence[float]
) -> None:
    """Who spoke with whom, and for how long, by the agents' own telephones."""
    told = {(str(call["from"]), name): call for call in calls for name in call["agents"]}
    inbound = {pair for pair, call in told.items() if call["direction"] == "inbound"}
    talks = [talk for agent in agents for talk in agent.talks if talk.other.startswith("+")]
    joined = {(talk.other, talk.agent) for agent in agents for talk in agent.joined}
    sure = [talk for talk in talks if talk.heard and talk.seconds(deaths) > SURE_SECONDS]
    assert len(sure) > 100
    assert {(talk.other, talk.agent) for talk in sure} <= inbound
    long = {pair for pair in inbound if spoken(told[pair], pair[1]) > SURE_SECONDS}
    assert long <= {(talk.other, talk.agent) for talk in talks} | joined
    moved = {(talk.other, talk.agent) for talk in talks if talk.moved} | joined
    clocks: dict[tuple[str, str], float] = defaultdict(float)
    for talk in talks:
        clocks[talk.other, talk.agent] += talk.seconds(deaths)
    measured = [
        pair for pair in inbound & clocks.keys() - moved if told[pair]["outcome"] == "answered"
    ]
    apart = {pair: clocks[pair] - spoken(told[pair], pair[1]) for pair in measured}
    assert {pair: by for pair, by in apart.items() if abs(by) > SURE_SECONDS} == {}
    answered = {number for number, _ in inbound}
    handed_on = [call for call in calls if call["transferred_by"]]
    print(f"{len(answered)} callers answered, {len(handed_on)} handed on, {len(apart)} measured")
    assert len(answered) > 100
    assert len(handed_on) > 5
    assert len(apart) > 50
    outside = [talk for agent in agents for talk in agent.outside]
    firm = [talk for talk in outside if talk.seconds(deaths) > SURE_SECONDS]
    out = [call for call in calls if call["direction"] == "outbound" and call["answered_at"]]
    print(f"{len(out)} calls outside")
    assert len(outside) >= len(out) >= len(firm) > 10


def spoken(call: dict[str, Any], agent: str) -> float:
    """How long the agent was in it."""
    parts = [part for part in call["segments"] if part["kind"] in ("talk", "hold")]
    own = [float(part["seconds"]) for part in parts if agent in part["name"].split(", ")]
    return sum(own)
