"""What callers did in the menus."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from reports.balance import Balance
from reports.call import Call, Heard, Step
from reports.departments import mean
from reports.period import Period
from reports.report import Report

COLUMNS = "menu played chosen wrong silent left heard_mean_seconds keys".split()
DEFINITIONS = {
    "played": "times the menu was played, repeats included = chosen + wrong + silent + left",
    "chosen": "a key of the menu, or an extension, was dialled; `keys` says which how often",
    "wrong": "something was pressed that the menu does not know",
    "silent": "nothing was pressed",
    "left": "the caller hung up, or was a fax machine",
    "heard_mean_seconds": "from the beginning of the menu to the key, the hang-up or its end",
}


def menus_report(period: Period, calls: Iterable[Call], foot: Balance) -> Report:
    """One row for each menu that was heard."""
    by_menu: dict[str, list[Step]] = {}
    for call in calls:
        for step in call.path:
            by_menu.setdefault(step.menu, []).append(step)
    rows = [{"menu": menu} | _counted(by_menu[menu]) for menu in sorted(by_menu)]
    return Report("menus", period, COLUMNS, rows, foot, None, DEFINITIONS)


def _counted(steps: list[Step]) -> dict[str, Any]:
    results = Counter(step.result for step in steps)
    keys = Counter(str(step.key) for step in steps if step.result is Heard.KEY)
    return {
        "played": len(steps),
        "chosen": results[Heard.KEY],
        "wrong": results[Heard.WRONG],
        "silent": results[Heard.SILENCE],
        "left": results[Heard.LEFT],
        "heard_mean_seconds": mean([step.lasted / 1000 for step in steps]),
        "keys": dict(sorted(keys.items())),
    }
