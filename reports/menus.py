"""What callers did in the menus, by the version of the center that they heard."""

from collections import Counter
from itertools import zip_longest
from typing import Any

from reports.call import Call, Heard
from reports.report import Asked, Report
from reports.tally import Piece, Tally, bump, mean, nearest_rank, whole_seconds, within

COLUMNS = (
    "menu version entered played chosen wrong silent repeated otherwise left heard_mean_seconds"
    " left_p50_seconds keys"
).split()
NARROW = "menu version entered played chosen wrong silent left keys".split()
DEFINITIONS = {
    "version": "of the center that the call was on (`switchboard apply` numbers them)",
    "entered": "calls that heard the menu, in the interval they began in",
    "played": "times the menu was played = chosen + wrong + silent + left",
    "repeated": "played - entered",
    "chosen": "a key of the menu, or an extension, was dialled; `keys` says which how often",
    "wrong": "something was pressed that the menu does not know",
    "silent": "nothing was pressed",
    "otherwise": "of wrong and silent: the last try, after which the menu led on by itself",
    "left": "the caller hung up, or was a fax machine",
    "heard_mean_seconds": "from the beginning of the menu to the key, the hang-up or its end;"
    " `heard_at` has them all",
    "left_p50_seconds": "by this second of the menu half of those who left had left;"
    " `left_at` has them all",
}
_NAMES = {
    Heard.KEY: "chosen",
    Heard.WRONG: "wrong",
    Heard.SILENCE: "silent",
    Heard.LEFT: "left",
}


def count_menus(tally: Tally, call: Call, piece: Piece) -> None:
    """By menu and version."""
    if not piece.holds(call.began):
        return
    for menu, version in dict.fromkeys((step.menu, step.version) for step in call.path):
        bump(within(tally, f"{menu} {version}"), "entered")
    for step, following in zip_longest(call.path, call.path[1:]):
        own = within(tally, f"{step.menu} {step.version}")
        bump(own, _NAMES[step.result])
        bump(own, "heard", step.lasted)
        bump(within(own, "heard_at"), whole_seconds(step.lasted))
        if step.result is Heard.KEY:
            bump(within(own, "keys"), str(step.key))
        elif step.result is not Heard.LEFT and (not following or following.menu != step.menu):
            bump(own, "otherwise")
        if step.result is Heard.LEFT:
            bump(within(own, "left_at"), whole_seconds(step.lasted))


def menus_report(asked: Asked, tally: Tally) -> Report:
    """One row for each menu that was heard, and each of its versions."""
    rows = []
    for name in sorted(tally, key=_by_version):
        menu, _, version = name.partition(" ")
        rows.append({"menu": menu, "version": version} | _counted(tally[name]))
    return Report("menus", asked, COLUMNS, rows, None, DEFINITIONS, NARROW)


def _by_version(name: str) -> tuple[str, int]:
    """`v10` after `v9`."""
    menu, _, version = name.partition(" ")
    return menu, int("".join(filter(str.isdigit, version)) or 0)


def _counted(own: Tally) -> dict[str, Any]:
    results = Counter({name: own.get(name, 0) for name in _NAMES.values()})
    left_at = own.get("left_at", {})
    return {
        "entered": own["entered"],
        "played": results.total(),
        **results,
        "repeated": results.total() - own["entered"],
        "otherwise": own.get("otherwise", 0),
        "heard_mean_seconds": mean(own.get("heard", 0), results.total()),
        "left_p50_seconds": nearest_rank(left_at, 50),
        "heard_at": _by_second(own.get("heard_at", {})),
        "left_at": _by_second(left_at),
        "keys": dict(sorted(own.get("keys", {}).items())),
    }


def _by_second(counts: Tally) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: int(item[0])))
