"""Every way of sending with every other: twelve faxes at once, also with the twin alone."""

import asyncio
from contextlib import nullcontext
from itertools import cycle, product
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.journeys.center import Center
from tests.journeys.fax_cases import (
    ADDRESS,
    CALLED,
    FAX,
    MACHINES,
    MENU,
    SOON_SECONDS,
    Case,
    assert_shows,
    case,
)
from tests.journeys.inbox import Inbox
from tests.sip.faxmachine import FaxMachines

pytestmark = [pytest.mark.asterisk, pytest.mark.long, pytest.mark.timeout(400)]

AT_ONCE = 12
WAYS = product((98, 196, 391), ("dense", "white"), (FAX, MENU), (True, False), (True, False))
ALL = [
    case(position, number, down, pages, look, t38=t38, ecm=ecm)
    for position, ((down, look, number, t38, ecm), pages) in enumerate(
        zip(WAYS, cycle((1, 2, 3, 1, 2)), strict=False)
    )
]
HEARD = [one for one in ALL if one.number == MENU]  # in these the engine and the twin differ
TWELVES = [("engine", ALL[first::4]) for first in range(4)]
TWELVES += [("twin", HEARD[first::2]) for first in range(2)]


def test_there_are_all_of_them() -> None:
    assert len(set(map(str, ALL))) == 3 * 2 * 2 * 2 * 2
    assert {len(twelve) for _, twelve in TWELVES} == {AT_ONCE}


@pytest.mark.parametrize(
    ("carried_by", "twelve"), TWELVES, ids=[f"{by}-{at}" for at, (by, _) in enumerate(TWELVES)]
)
async def test_twelve_faxes_at_once_come_as_they_were_sent(
    carried_by: str,
    twelve: list[Case],
    center: Center,
    inbox: Inbox,
    installation: Installation,
    tmp_path: Path,
) -> None:
    inbox.letters.clear()
    python = nullcontext() if carried_by == "engine" else center.running.without_python()
    async with FaxMachines(installation, center=CALLED, listen=MACHINES) as machines:
        with python:
            went = await asyncio.gather(*(one.send(machines, tmp_path) for one in twelve))
    assert [sent.status for sent in went] == ["SUCCESS"] * AT_ONCE, went
    for one in twelve:
        letter = await inbox.letter(one.shown_number, ADDRESS, within=2 * SOON_SECONDS)
        assert_shows(letter, one, one.pages, tmp_path)
