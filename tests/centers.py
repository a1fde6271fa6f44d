"""Centers for tests: the contract's example, and small ones written where a test wants them."""

from collections.abc import Mapping
from pathlib import Path

from center.check import check_center
from center.load import load_center
from switchboard.problems import Problems

EXAMPLE = Path(__file__).parent / "example"

GROUND = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: en
"""
MINIMAL = GROUND + "numbers: {other: {menu: main}}\n"
MENU = """\
prompt: {say: Welcome}
otherwise: {goodbye: {say: Goodbye}}
"""


def write_center(
    directory: Path, center: str = MINIMAL, menus: Mapping[str, str] | None = None
) -> Path:
    """Write `center.yaml` and `menus/NAME.yaml`; without menus there is one, called main."""
    (directory / "menus").mkdir(parents=True, exist_ok=True)
    (directory / "center.yaml").write_text(center, "utf-8")
    for name, text in ({"main": MENU} if menus is None else menus).items():
        (directory / "menus" / f"{name}.yaml").write_text(text, "utf-8")
    return directory


def told(
    tmp_path: Path, center: str = MINIMAL, menus: Mapping[str, str] | None = None
) -> list[str]:
    """What `check` says of a small center: `FILE:LINE:COLUMN: error|warning: MESSAGE [CODE]`."""
    return told_of(write_center(tmp_path / "center", center, menus))


def told_of(directory: Path) -> list[str]:
    """What `check` says of a center that stands there, without the lines it quotes."""
    problems = Problems()
    center = load_center(directory, problems, {})
    if center is not None:
        check_center(center, problems)
    return [str(problem).splitlines()[0] for problem in problems]


def codes(told: list[str]) -> list[str]:
    """The codes alone, in the order of the places."""
    return [line.rpartition("[")[2].removesuffix("]") for line in told]
