"""F24: whatever is pressed, in whatever rhythm, a real call takes the branch that is foreseen."""

import asyncio
import random
import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.centers import write_center
from tests.journeys.center import OPEN, Center
from tests.sip.call import Call
from tests.sip.phone import PhoneError
from tests.until import until
from tests.walks import NUMBER as VERSION
from tests.walks import Dialled, native, printed

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.faults,
    pytest.mark.parametrize("carried_by", ["twin", "python"], indirect=True),
]

NUMBER = "+74950000001"
DIGIT_SECONDS = 0.6
CENTER = """\
name: Keys
timezone: Europe/Moscow
country: RU
language: en
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
numbers: {"+74950000001": {menu: main}}
extensions: {"12": {otherwise: {goodbye: {say: Twelve}}}, "201": {otherwise: {goodbye: {say: No}}}}
"""
MENU = f"""\
prompt: {{say: Please press a key}}
keys:
  1: repeat
  2: {{menu: main}}
  20: {{goodbye: {{say: Twenty}}}}
  0: {{goodbye: {{say: Zero}}}}
  "*": back
  "**": {{goodbye: {{say: Stars}}}}
dial_extensions: true
wait_seconds: 3
digit_seconds: {DIGIT_SECONDS}
tries: 2
otherwise: {{goodbye: {{say: Nothing}}}}
"""
PAUSE_OUTSIDE = re.compile(r"(?<![0-9A*]),")  # of an entry: no pause, but the beginning of silence
SILENCE = "key main t TIMEOUT"
SCRIPTS = [
    *("", "_0", "20", "2,0", "2#0", "#0", "201", "21", "12", "1,12", "**", "*,**", "A0", "2D0"),
    "9" * 200,
]


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_center(tmp_path_factory.mktemp("keys"), CENTER, {"main": MENU})


def path(center: Center, caller: str) -> list[str]:
    """What the records say of a caller's menus and keys, and where he was led."""
    rows = [row for row in center.cel() if row.fields["num"] == caller and row.event]
    told = [f"{row.event} {row.text}" for row in rows]
    return [event for event in told if event.split()[0] in ("menu", "key", "goodbye", "ring")]


async def press(center: Center, call: Call, caller: str, keys: str) -> None:
    """As a script says: a comma is a pause within an entry, `_` silence until it is noted."""
    silences = 0
    for key in keys:
        if key == ",":
            await asyncio.sleep(DIGIT_SECONDS + 0.7)
        elif key == "_":
            silences += 1
            await until(lambda: path(center, caller).count(SILENCE) >= silences or call.is_over)  # noqa: B023
        else:
            await call.press(key)


async def compare(center: Center, scripts: list[str]) -> None:
    """Each script is a call of its own, all at once."""
    expected = printed(center.running.directory)
    line = await center.caller()
    callers = {f"+79260000{number:03}": keys for number, keys in enumerate(scripts)}

    async def dial(caller: str, keys: str) -> None:
        call = await line.dial(NUMBER, from_number=caller)
        assert await call.hears("en/main-long")
        with suppress(PhoneError):  # the call is over before all is pressed
            await press(center, call, caller, keys)
        await call.ended(within=60)
        walk = await native(expected, Dialled(NUMBER, caller, OPEN, keys))
        foreseen = [event.replace(f" v{VERSION} ", " v1 ") for event in walk.events]
        foreseen = [one for one in foreseen if one.split()[0] in ("menu", "key", "goodbye", "ring")]
        assert path(center, caller)[: len(foreseen)] == foreseen, keys

    await asyncio.gather(*(dial(caller, keys) for caller, keys in callers.items()))


async def test_keys_take_the_branch_that_is_foreseen(center: Center, carried_by: None) -> None:
    await compare(center, SCRIPTS)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(4))
async def test_any_keys_take_the_branch_that_is_foreseen(
    center: Center, carried_by: None, seed: int
) -> None:
    chance = random.Random(seed)
    drawn = ["".join(chance.choices("0112**20#,_A", k=chance.randrange(9))) for _ in range(15)]
    await compare(center, [PAUSE_OUTSIDE.sub("", keys) for keys in drawn])
