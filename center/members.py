"""Members of departments: who is new in the file signs in, who left it goes.

Signing out and pausing belong to the agents: Asterisk keeps both over restarts, and nothing here
undoes them. `members.json` in the state directory says who was put in before.
"""

import asyncio
import json
from contextlib import suppress

from callrouter.house import member_interface, memberships
from callrouter.line import Extension
from callrouter.section import RouterSection
from center.state import Entries, Members, State
from switchboard.files import write_whole
from switchboard.pbx.ami import Ami, AmiRefused

# Asterisk writes its database once a second: one killed before that has forgotten what it was told,
# and what is noted here too early would never be told again
KEPT_AFTER_SECONDS = 1.5


def members_of(router: RouterSection) -> Members:
    """The members that the file names."""
    members: Members = {str(name): {} for name in router.departments}
    for number, departments in memberships(router).items():
        extension = router.extensions.get(number, Extension())
        name = str(extension.name or number)
        for department, penalty in departments.items():
            members[department][member_interface(number, extension)] = (penalty, name)
    return members


async def sync_members(ami: Ami, wanted: Members, state: State) -> None:
    """Bring a running Asterisk from the members it was last given to those of the file."""
    path = state.root / "members.json"
    known = _by_interface(json.loads(path.read_text())) if path.exists() else {}
    wanted = _by_interface(wanted)
    changed = False
    for department in known.keys() | wanted.keys():
        before, after = known.get(department, {}), wanted.get(department, {})
        changed |= before.keys() != after.keys()
        await _sync(ami, department, before, after)
    if changed:
        await asyncio.sleep(KEPT_AFTER_SECONDS)
    write_whole(path, json.dumps(wanted, ensure_ascii=False, indent=1))


async def _sync(ami: Ami, department: str, before: Entries, after: Entries) -> None:
    left = {_number(interface): interface for interface in before.keys() - after.keys()}
    for interface, (penalty, name) in after.items():
        if interface in before:
            if before[interface][0] != penalty:
                await _quietly(ami, "QueuePenalty", department, interface, Penalty=str(penalty))
        elif _number(interface) in left:  # it has several phones now, or one
            old = left.pop(_number(interface))
            await _replace(ami, department, old, interface, penalty, name)
        else:
            await _add(ami, department, interface, penalty, name)
    for interface in left.values():
        await _quietly(ami, "QueueRemove", department, interface)


async def _replace(ami: Ami, department: str, old: str, new: str, penalty: int, name: str) -> None:
    """Who was signed in stays so, and paused for the same reason."""
    for member in await ami.action("QueueStatus", Queue=department, Member=old):
        if member.name == "QueueMember":
            await _quietly(ami, "QueueRemove", department, old)
            await _add(ami, department, new, penalty, name, Paused=member["Paused"])
            if member["Paused"] == "1" and member["PausedReason"]:
                why = {"Paused": "true", "Reason": member["PausedReason"]}
                await _quietly(ami, "QueuePause", department, new, **why)


async def _add(
    ami: Ami, department: str, interface: str, penalty: int, name: str, **more: str
) -> None:
    phones = f"PJSIP/{_number(interface)}"  # whose state is the member's
    details = {"Penalty": str(penalty), "MemberName": name, "StateInterface": phones, **more}
    await _quietly(ami, "QueueAdd", department, interface, **details)


async def _quietly(ami: Ami, action: str, department: str, interface: str, **details: str) -> None:
    # refused means that it is so already: the agent was faster, or Asterisk remembered
    with suppress(AmiRefused):
        await ami.ask(action, Queue=department, Interface=interface, **details)


def _number(interface: str) -> str:
    """The extension of `PJSIP/201`, or of `Local/201@member`."""
    return interface.partition("/")[2].partition("@")[0]


def _by_interface(members: Members) -> Members:
    """What was noted before extensions could ring several phones names them by number alone."""
    return {
        department: {key if "/" in key else f"PJSIP/{key}": entry for key, entry in entries.items()}
        for department, entries in members.items()
    }
