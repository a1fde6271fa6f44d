"""Members of departments: who is new in the file signs in, who left it goes.

Signing out and pausing belong to the agents: Asterisk keeps both over restarts, and nothing here
undoes them. `members.json` in the state directory says who was put in before.
"""

import asyncio
import json
from contextlib import suppress

from callrouter.house import memberships
from callrouter.section import RouterSection
from center.state import Members, State
from switchboard.files import write_whole
from switchboard.pbx.ami import Ami, AmiRefused

# Asterisk writes its database once a second: one killed before that has forgotten what it was told,
# and what is noted here too early would never be told again
KEPT_AFTER_SECONDS = 1.5


def members_of(router: RouterSection) -> Members:
    """The members that the file names."""
    members: Members = {str(name): {} for name in router.departments}
    for number, departments in memberships(router).items():
        extension = router.extensions.get(number)
        name = str(extension.name) if extension and extension.name else str(number)
        for department, penalty in departments.items():
            members[department][str(number)] = (penalty, name)
    return members


async def sync_members(ami: Ami, wanted: Members, state: State) -> None:
    """Bring a running Asterisk from the members it was last given to those of the file."""
    path = state.root / "members.json"
    known = _read(path.read_text()) if path.exists() else {}
    changed = False
    for department, extensions in wanted.items():
        before = known.get(department, {})
        for number, (penalty, name) in extensions.items():
            if number not in before:
                await _add(ami, department, number, penalty, name)
                changed = True
            elif before[number][0] != penalty:
                await _quietly(ami, "QueuePenalty", department, number, Penalty=str(penalty))
    for department, extensions in known.items():
        for number in extensions.keys() - wanted.get(department, {}).keys():
            await _quietly(ami, "QueueRemove", department, number)
            changed = True
    if changed:
        await asyncio.sleep(KEPT_AFTER_SECONDS)
    write_whole(path, json.dumps(wanted, ensure_ascii=False, indent=1))


async def _add(ami: Ami, department: str, number: str, penalty: int, name: str) -> None:
    details = {"Penalty": str(penalty), "Paused": "false", "MemberName": name}
    await _quietly(ami, "QueueAdd", department, number, **details)


async def _quietly(ami: Ami, action: str, department: str, number: str, **details: str) -> None:
    # refused means that it is so already: the agent was faster, or Asterisk remembered
    with suppress(AmiRefused):
        await ami.ask(action, Queue=department, Interface=f"PJSIP/{number}", **details)


def _read(text: str) -> Members:
    members: Members = json.loads(text)
    return members
