"""What colleagues dial, as dialplan: each other, departments, mailboxes, switches, signing in."""

from collections.abc import Mapping

from callrouter.line import Extension, Outbound, OutsideNumber
from callrouter.section import RouterSection
from switchboard.numbering import NumberingPlan
from switchboard.pbx.dialplan import Context
from switchboard.yamltext import Text
from voicemail.mailbox import Mailbox


def inside_context(
    router: RouterSection, mailboxes: Mapping[Text, Mailbox], version: str
) -> Context:
    """`inside-vN`: every number of the house. What is not here may still be a feature code."""
    context = Context(f"inside-{version}", comment="what colleagues dial")
    for number in router.extensions:
        context.extension(number, [f"Goto(extension-{version},{number},1)"])
    for name, department in router.departments.items():
        if department.extension:
            context.extension(department.extension, [f"Goto(department-{name}-{version},s,1)"])
    for name, box in mailboxes.items():
        if box.number:
            context.extension(box.number, [f"Goto(voicemail-{version},{name},1)"])
    return context


def switches_context(router: RouterSection, version: str) -> Context:
    """`switches-vN`: the codes that move the hours; for phones alone, no call is sent there."""
    context = Context(f"switches-{version}")
    for name, hours in router.hours.items():
        if hours.switch:
            context.extension(hours.switch, [f"Set(HOURS={name})", f"Goto(switch,{name},1)"])
    return context


def sign_out_context(router: RouterSection, version: str) -> Context:
    """`sign-out-vN`: takes an extension out of its departments; who was in none signs in."""
    context = Context(f"sign-out-{version}")
    for number, departments in memberships(router).items():
        member = member_interface(number, router.extensions[number])
        steps = [
            step
            for department in departments
            for step in (
                f"RemoveQueueMember({department},{member})",
                "Set(WAS=${WAS}${RQMSTATUS})",
            )
        ]
        context.extension(number, [*steps, 'Goto(signed,${IF($["${WAS}" =~ "REMOVED"]?out:in)},1)'])
    return context.extension("_X!", ["Goto(goodbye,unknown,1)"])


def sign_in_context(router: RouterSection, version: str) -> Context:
    """`sign-in-vN`: puts an extension into its departments, with the penalties of the file."""
    context = Context(f"sign-in-{version}")
    for number, departments in memberships(router).items():
        extension = router.extensions[number]
        member, name = member_interface(number, extension), extension.name or number
        steps = [
            f"AddQueueMember({department},{member},{penalty},,{name},PJSIP/{number})"
            for department, penalty in departments.items()
        ]
        context.extension(number, [*steps, "Goto(signed,in-now,1)"])
    return context


def member_interface(number: str, extension: Extension) -> str:
    """What queues know an extension by; of `PJSIP/NUMBER` they ring but the first phone."""
    return f"Local/{number}@member" if extension.max_contacts > 1 else f"PJSIP/{number}"


def memberships(router: RouterSection) -> dict[Text, dict[str, int]]:
    """The departments that each extension serves, and its penalty there."""
    served: dict[Text, dict[str, int]] = {}
    for name, department in router.departments.items():
        for member in department.members:
            served.setdefault(member.extension, {})[str(name)] = member.penalty
    return served


def number_context(
    numbers: set[str], outbound: Outbound | None, plan: NumberingPlan, version: str
) -> Context:
    """`number-vN`: the outside numbers that the YAML names."""
    context = Context(f"number-{version}")
    for number in sorted(numbers):
        known = outbound.numbers.get(Text(number)) if outbound else None
        ring_seconds = (known or OutsideNumber()).ring_seconds
        steps = [f"Set(TO={plan.e164(number)})", f"Set(RING_SECONDS={ring_seconds})"]
        context.extension(number, [*steps, f"Goto(call-number,{number},1)"])
    return context
