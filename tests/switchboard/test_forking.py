"""Children that are forked for work: their limits, and that nothing of them is left."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from switchboard.convert import ConversionFailed
from switchboard.forked import Order
from switchboard.forking import Forker
from tests.until import until

MODULE = "hands"
HANDS = '''
"""What a child of these tests can do."""
import os, resource, sys, time
from pathlib import Path

def main(arguments):
    name, *values = arguments
    globals()[name](*values)

def write(text): Path("written").write_text(text)
def tell(): Path("told").write_text(f"{os.getpid()} {os.getppid()} {os.nice(0)}")
def sleep(): tell(); time.sleep(60)
def loop():
    while True: pass
def flood(): bytearray(1 << 30)
def fill():
    with open("large", "wb") as file: file.truncate(2 << 30)
def fail(): raise ValueError("no such page")
def crash(): os.abort()
def leave(): os._exit(0)
def close(): os.closerange(3, 100); time.sleep(60)
'''


@pytest.fixture
def forker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forker]:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / f"{MODULE}.py").write_text(HANDS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(modules), *sys.path)))
    forker = Forker(at_once=8)
    yield forker
    forker.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    return place


def order(place: Path, *arguments: str, seconds: int = 20) -> Order:
    return Order(MODULE, arguments, str(place), seconds, 512 << 20)


def told(place: Path) -> tuple[int, int, int]:
    """The child, its parent, how much it yields to others."""
    child, parent, nice = map(int, (place / "told").read_text().split())
    return child, parent, nice


def is_gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


async def test_children_work_in_their_directories_at_once(forker: Forker, tmp_path: Path) -> None:
    places = [tmp_path / str(number) for number in range(8)]
    for place in places:
        place.mkdir()
    await asyncio.gather(*(forker.work(order(place, "write", place.name)) for place in places))
    assert [(place / "written").read_text() for place in places] == list("01234567")


async def test_children_have_one_parent_and_yield_to_calls(forker: Forker, tmp_path: Path) -> None:
    found = []
    for number in range(2):
        place = tmp_path / str(number)
        place.mkdir()
        await forker.work(order(place, "tell"))
        found.append(told(place))
    assert found[0][0] != found[1][0]
    assert found[0][1] == found[1][1]
    assert found[0][2] == os.nice(0) + 10


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("fail", "ValueError: no such page"),
        ("flood", "MemoryError"),
        ("fill", "OSError"),
        ("crash", "it crashed"),
        ("leave", "it crashed"),
    ],
)
async def test_what_a_child_dies_of_is_told_and_harms_nobody(
    forker: Forker, place: Path, does: str, words: str
) -> None:
    with pytest.raises(ConversionFailed, match=words):
        await forker.work(order(place, does))
    await forker.work(order(place, "write", "x"))


@pytest.mark.parametrize("does", ["sleep", "loop", "close"])
async def test_at_its_deadline_a_child_is_ended(forker: Forker, place: Path, does: str) -> None:
    began = time.monotonic()
    with pytest.raises(ConversionFailed):
        await forker.work(order(place, does, seconds=1))
    assert time.monotonic() - began < 10
    if does == "sleep":
        await until(lambda: is_gone(told(place)[0]), 2)


async def test_when_cancelled_the_child_is_gone(forker: Forker, place: Path) -> None:
    working = asyncio.create_task(forker.work(order(place, "sleep")))
    await until((place / "told").exists, 10)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await until(lambda: is_gone(told(place)[0]), 2)


async def test_where_the_process_that_forks_was_killed_the_work_is_done_by_another(
    forker: Forker, place: Path, tmp_path: Path
) -> None:
    working = asyncio.create_task(forker.work(order(place, "sleep", seconds=4)))
    await until(lambda: (place / "told").exists() and (place / "told").read_text() != "", 10)
    child, parent, _ = told(place)
    os.kill(parent, signal.SIGKILL)
    await until(lambda: is_gone(child), 10)
    await until(lambda: told(place)[0] != child, 10)
    with pytest.raises(ConversionFailed, match="took longer"):
        await working


async def test_with_its_owner_goes_the_process_and_every_child(place: Path, tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from switchboard.forked import Order\n"
        "from switchboard.forking import Forker\n"
        f"order = Order({MODULE!r}, ['sleep'], {str(place)!r}, 60, 512 << 20)\n"
        "asyncio.run(Forker(at_once=8).work(order))\n"
    )
    (tmp_path / f"{MODULE}.py").write_text(HANDS)
    path = os.pathsep.join((str(tmp_path), *sys.path))
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, env=os.environ | {"PYTHONPATH": path}
    )
    await until(lambda: (place / "told").exists() and (place / "told").read_text() != "", 10)
    owner.kill()
    await owner.wait()
    child, parent, _ = told(place)
    await until(lambda: is_gone(child) and is_gone(parent), 10)
