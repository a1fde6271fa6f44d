"""What the engine holds in memory of the versions that were applied."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from center.apply import apply_center
from center.snapshots import Snapshots
from center.state import State
from switchboard.pbx.installation import Installation
from tests.centers import EXAMPLE, GROUND, write_center

CENTER = GROUND + "numbers: {other: {menu: main}}\nvoicemail: {box: {pin: '83014'}}\n"
MENU = """\
prompt: {file: support-ru.wav}
keys: {1: {voicemail: box}}
otherwise: {goodbye: {say: Goodbye}}
"""


@pytest.fixture(scope="module")
def applied(
    tmp_path_factory: pytest.TempPathFactory, installation: Installation
) -> tuple[Path, State]:
    """A center with a recording, applied."""
    directory = write_center(tmp_path_factory.mktemp("held") / "center", CENTER, {"main": MENU})
    (directory / "sounds").mkdir()
    shutil.copy(EXAMPLE / "sounds" / "support-ru.wav", directory / "sounds")
    state = State(directory.with_name("state"))
    asyncio.run(apply_center(directory, state, installation))
    return directory, state


def copied(applied: State, tmp_path: Path, versions: int = 1) -> State:
    """A state with so many versions, each like the one that was applied."""
    state = State(tmp_path)
    for number in range(1, versions + 1):
        shutil.copytree(applied.version(1), state.version(number))
    return state


def test_a_version_is_held_as_it_was_applied(applied: tuple[Path, State], tmp_path: Path) -> None:
    """Whatever has become of the recordings since: its prompts are those that were made."""
    directory, first = applied
    state = copied(first, tmp_path)
    (directory / "sounds" / "support-ru.wav").write_bytes(b"another one")
    snapshots = Snapshots(state)
    snapshots.refresh()
    held = snapshots.get("v1")
    assert held is not None
    assert {name for name, _ in state.seconds(1)} == set(held.table.prompts)
    printed = (state.version(1) / "etc" / "version.conf").read_text()
    assert f"sb/{held.table.menus['main'].long}," in printed


def test_versions_come_and_go(applied: tuple[Path, State], tmp_path: Path) -> None:
    state = copied(applied[1], tmp_path)
    snapshots = Snapshots(state)
    assert snapshots.get("v1") is None
    snapshots.refresh()
    first = snapshots.get("v1")
    shutil.copytree(state.version(1), state.version(2))
    snapshots.refresh()
    assert snapshots.get("v2") is not None
    assert snapshots.get("v1") is first  # read once
    state.forget({1})
    snapshots.refresh()
    assert snapshots.get("v1") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda version: (version / "seconds.json").unlink(),
        lambda version: (version / "seconds.json").write_text("[[1]]"),
        lambda version: (version / "recordings.json").write_text("{}"),
        lambda version: (version / "center" / "center.yaml").write_bytes(b"\xff\0"),
        lambda version: (version / "center" / "menus" / "main.yaml").write_text("keys: ["),
        shutil.rmtree,
    ],
    ids=["no seconds", "no times", "no digest", "no text", "half a menu", "nothing"],
)
def test_a_version_that_cannot_be_read_harms_no_other(
    applied: tuple[Path, State], tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    state = copied(applied[1], tmp_path, versions=2)
    damage(state.version(1))
    state.version(1).mkdir(exist_ok=True)
    snapshots = Snapshots(state)
    snapshots.refresh()
    assert snapshots.get("v1") is None
    assert snapshots.get("v2") is not None
