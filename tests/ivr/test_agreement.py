"""`simulate`, the twin and the engine lead the same call to the same end, over the same prompts."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from center.apply import Invalid
from tests.centers import write_center
from tests.drawn import calls, centers
from tests.walks import (
    NUMBER,
    Dialled,
    Loss,
    Printed,
    Told,
    Walked,
    carried,
    native,
    printed,
    simulated,
)

Drawn = tuple[str, dict[str, str]]

# without the phase that shrinks: for centers it takes minutes, and the call that differs is told
few = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
fewer = settings(few, max_examples=8)  # each center's calls are lost at every command, twice
many = settings(few, max_examples=500)
twenty_calls = st.lists(calls(), min_size=20, max_size=20)


def walk(
    drawn: Drawn, made: list[Dialled], demand: Callable[[Printed, Dialled], Awaitable[None]]
) -> None:
    """Demands something of each call to a drawn center."""

    async def walk_all(center: Printed) -> None:
        for call in made:
            await demand(center, call)

    with tempfile.TemporaryDirectory() as directory:
        try:
            center = printed(write_center(Path(directory), *drawn))
        except Invalid:  # a rule that is never taken, in one of twenty
            reject()
        asyncio.run(walk_all(center))


async def agree(center: Printed, call: Dialled) -> None:
    """All three walks are the same; the two in the dialplan also tell the records the same."""
    table = await simulated(center, call)
    twin = await native(center, call)
    engine = await carried(center, call)
    assert Walked(twin.heard, twin.destination, twin.language) == table, call
    assert Walked(engine.heard, engine.destination, engine.language) == table, call
    alone = f"alone numbers-v{NUMBER}"  # that there was no Python
    told = [event for event in twin.events if not event.startswith(alone)]
    assert (engine.events, engine.carried) == (told, twin.carried), call


async def survive(center: Printed, call: Dialled) -> None:
    """The engine may be lost at any of its commands, and may be silent instead of away."""
    whole = await carried(center, call)
    for count, command in enumerate(whole.commands):
        if count and whole.commands[count - 1] == "set CHANNEL(language)":
            continue  # the rule that set the language is asked again, and may ask for the language
        for stalls in (False, True):
            lost = await carried(center, call, Loss(count, stalls))
            assert in_short(lost) == in_short(whole), (call, count, command, stalls)


def in_short(told: Told) -> tuple[list[list[str]], dict[str, str], str, list[str]]:
    """What a caller notices, and his path. A rule may be asked, and told, a second time."""
    path = [event for event in told.events if event.split()[0] in ("menu", "key", "announcement")]
    return told.heard, told.destination, told.language, path


@few
@given(centers(), twenty_calls)
def test_a_call_is_the_same_in_simulate_twin_and_engine(drawn: Drawn, made: list[Dialled]) -> None:
    walk(drawn, made, agree)


@fewer
@given(centers(), st.lists(calls(), min_size=3, max_size=3))
def test_a_call_comes_to_the_same_end_wherever_its_engine_is_lost(
    drawn: Drawn, made: list[Dialled]
) -> None:
    walk(drawn, made, survive)


@pytest.mark.long
@pytest.mark.timeout(1200)
@many
@given(centers(), twenty_calls)
def test_ten_thousand_calls_are_the_same_in_simulate_twin_and_engine(
    drawn: Drawn, made: list[Dialled]
) -> None:
    walk(drawn, made, agree)


@pytest.mark.long
@pytest.mark.timeout(1200)
@many
@given(centers(), st.lists(calls(), min_size=2, max_size=2))
def test_thousands_of_calls_come_to_the_same_end_wherever_their_engine_is_lost(
    drawn: Drawn, made: list[Dialled]
) -> None:
    walk(drawn, made, survive)
