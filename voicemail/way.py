"""The way of a call through the menus until it left its message, read from its events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from switchboard.pbx.cel import CelRow


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the way.

    `kind` is `menu`, `department`, `extension` or `outside`; `outcome` the key pressed in a menu,
    how a department or a phone let the caller go (`closed`, `timeout`, `untaken`, ...), or empty.
    """

    kind: str
    name: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The number that was dialled, and the steps from there; empty where nothing is known."""

    dialled: str = ""
    steps: tuple[Step, ...] = ()


def way_to_message(rows: Iterable[CelRow], uniqueid: str) -> Way:
    """The way of the channel `uniqueid` until it last came to a mailbox."""
    dialled = ""
    steps: list[Step] = []
    taken: tuple[Step, ...] = ()
    for row in rows:
        if row.uniqueid != uniqueid:
            continue
        words = row.text.split()
        if row.event in ("arrived", "dialled") and len(words) == 2:
            dialled = words[1]
        elif row.event == "voicemail":
            taken = tuple(steps)
        elif row.event in _STEPS and words:
            steps = _added(steps, _STEPS[row.event](words))
    return Way(dialled, taken or tuple(steps))


def _added(steps: list[Step], step: Step) -> list[Step]:
    """What a menu or phone did replaces that it was entered: one step for each station."""
    if steps and (steps[-1].kind, steps[-1].name) == (step.kind, step.name):
        return [*steps[:-1], step]
    return [*steps, step]


def _menu(words: list[str]) -> Step:
    return Step("menu", words[-1])


def _key(words: list[str]) -> Step:
    """`MENU KEY STATUS`; without a key `MENU STATUS`."""
    return Step("menu", words[0], words[1] if len(words) == 3 else "")


def _overflow(words: list[str]) -> Step:
    """`DEPARTMENT closed`, or `DEPARTMENT key 1`."""
    return Step("department", words[0], " ".join(words[1:]))


_STEPS: dict[str, Callable[[list[str]], Step]] = {
    "menu": _menu,
    "key": _key,
    "overflow": _overflow,
    "ring": lambda words: Step("extension", words[0]),
    "untaken": lambda words: Step("extension", words[0], "untaken"),
    "outside": lambda words: Step("outside", words[0]),
}
