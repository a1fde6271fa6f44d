"""Centers for tests: the contract's example, and small ones written where a test wants them."""

from collections.abc import Mapping
from pathlib import Path

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
