"""What a call reaches: menus nobody comes to, departments that may leave a caller unserved."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from callrouter.department import EVENTS, Department
from callrouter.rules import State
from center.load import Center
from center.routes import WrittenWay, written_ways
from ivr.table import Table
from switchboard.problems import Problems
from switchboard.yamltext import Text


def check_reach(center: Center, table: Table, problems: Problems) -> None:
    """Warn of what no call reaches and of callers who would only hear a goodbye."""
    reached = _reached(center, table)
    _must_be_reached("menu", center.menus, reached, problems)
    _must_be_reached("department", center.router.departments, reached, problems)
    _must_be_reached("fax", center.fax.fax, reached, problems)
    for name, department in center.router.departments.items():
        _check_answers(name, department, center, problems)
    for way in written_ways(center):
        _check_event(way, center, problems)


def _reached(center: Center, table: Table) -> set[State]:
    """Every state that a call from outside or a colleague can come to."""
    goals: dict[State, set[State]] = {}
    for (state, _), branch in table.moves.items():
        for arm in branch:
            goals.setdefault(state, set()).add(arm.goal)
            if arm.fax_tone is not None:
                goals[state].add(f"fax/{arm.fax_tone}")
    departments = center.router.departments.items()
    waiting = {state for state in goals if state.startswith(("arrival/", "extension/"))}
    waiting |= {f"department/{name}" for name, one in departments if one.extension is not None}
    reached: set[State] = set()
    while waiting:
        state = waiting.pop()
        reached.add(state)
        waiting |= goals.get(state, set()) - reached
    return reached


def _must_be_reached(
    kind: str, names: Iterable[Text], reached: AbstractSet[State], problems: Problems
) -> None:
    for name in names:
        if f"{kind}/{name}" not in reached:
            message = f"no number, menu or department leads to {kind} “{name}”"
            problems.warning(name.place, message, f"unreachable-{kind}")


def can_happen(department: Department, event: str) -> bool:
    """Whether an event can befall a caller: without hours a department never closes."""
    if event == "closed":
        return department.hours is not None
    return event != "full" or department.max_callers is not None


def _check_answers(name: Text, department: Department, center: Center, problems: Problems) -> None:
    if not department.members:
        problems.warning(name.place, f"department “{name}” has no members", "no-members")
    silent = [
        f"when_{event}"
        for event in EVENTS
        if can_happen(department, event) and department.written_route(event) is None
    ]
    if silent and name not in center.voicemail.voicemail:
        message = f"a caller only hears a goodbye on {', '.join(silent)}; add `otherwise`"
        problems.warning(name.place, message, "no-answer")


def _check_event(way: WrittenWay, center: Center, problems: Problems) -> None:
    needed = {"closed": "hours", "full": "max_callers"}.get(way.event)
    if needed is None:
        return
    name = Text(way.state.removeprefix("department/"))
    if not can_happen(center.router.departments[name], way.event):
        message = f"`when_{way.event}` never happens without `{needed}`"
        problems.warning(way.place_of(way.route[0]), message, "idle-key")
