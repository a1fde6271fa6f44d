"""What extensions may dial outside, as dialplan: every rule is Asterisk's own, Python may be away.

Each is a subroutine that returns nothing, or the reason against the call: the name of what is
said to whoever dialled. `asterisk-config/parts/outbound.conf.j2` asks them in turn.
"""

from collections.abc import Mapping

from callrouter.dialplan import NOW
from callrouter.line import Outbound, Trunk
from callrouter.section import RouterSection
from switchboard.costly import costly_patterns
from switchboard.numbering import NumberingPlan
from switchboard.pbx.dialplan import Context, Step
from switchboard.yamltext import Text

NUMBER = "_+X!"  # an outside number always comes here in E.164
BURST_SECONDS, BURST_REFUSALS = 600, 5  # so many refusals within that time stop an extension
NIGHT = (22, 6)  # from this hour to that; a center whose people dial then names its `hours`
ANY = 1_000_000  # calls, where no cap is set
RELEASED_SECONDS = 12 * 3600  # for so long an extension that was released may call at night


def outbound_contexts(
    router: RouterSection, plan: NumberingPlan, zone: str, version: str
) -> list[Context]:
    """`barred-vN`, `allow-vN`, `country-vN`, `unusual-vN`, `caps-vN`, `shown-vN`, `dial-out-vN`."""
    outbound = router.outbound
    if outbound is None:
        return [Context(f"barred-{version}").extension(NUMBER, ["Return(no-such-number)"])]
    return [
        _barred(outbound, version),
        _allow(outbound, version),
        _country(outbound, version),
        _unusual(outbound, plan, zone, version),
        _caps(outbound, zone, version),
        _shown(router, outbound, plan, version),
        _dial_out(outbound, router.trunks, version),
    ]


def _barred(outbound: Outbound, version: str) -> Context:
    """Gosub(barred-vN,NUMBER,1(EXTENSION)): whether this extension may call this number now."""
    steps: list[Step | str] = ['GotoIf($["${DB(stopped/${ARG1})}"!=""]?stopped,1)']
    if outbound.hours:
        steps.append(f"Gosub(hours-{outbound.hours}-{version},s,1)")
        steps.append('GotoIf($["${GOSUB_RETVAL}"="closed"]?closed,1)')
    context = Context(f"barred-{version}", comment="why an extension may not call a number")
    context.extension(NUMBER, [*steps, f"Goto(allow-{version},${{EXTEN}},1)"])
    context.extension("stopped", ["Return(stopped)"])
    return context.extension("closed", ["Return(not-now)"])


def _allow(outbound: Outbound, version: str) -> Context:
    context = Context(f"allow-{version}")
    for prefix in dict.fromkeys(outbound.allow):
        context.extension(f"_{prefix}!", [f"Goto(country-{version},${{EXTEN}},1)"])
    return context.extension(NUMBER, ["Return(not-allowed)"])


def _country(outbound: Outbound, version: str) -> Context:
    """What costs more is refused; sets COUNTRY."""
    context = Context(f"country-{version}")
    for code, patterns in costly_patterns(outbound.allow).items():
        steps: list[Step | str] = [f"Set(COUNTRY={code})"]
        if not outbound.premium:
            national = f"${{EXTEN:{len(code) + 1}}}"
            steps += [f'GotoIf(${{REGEX("^({one})" {national})}}?costly,1)' for one in patterns]
        context.extension(f"_+{code}!", [*steps, "Return()"])
    context.extension(NUMBER, ["Return(not-allowed)"])
    return context.extension("costly", ["Return(costly)"])


def _unusual(outbound: Outbound, plan: NumberingPlan, zone: str, version: str) -> Context:
    """Gosub(unusual-vN,s,1(EXTENSION)) returns `country` or `night`: this call goes, no other."""
    first, last = NIGHT
    known = f'"${{COUNTRY}}"="{plan.code}" | "${{DB(called/${{COUNTRY}})}}"!=""'
    steps: list[Step | str] = [f"GotoIf($[{known}]?{'known' if outbound.hours else 'night'})"]
    steps += ["Set(DB(called/${COUNTRY})=${ARG1})", "Return(country)"]
    if outbound.hours:
        return Context(f"unusual-{version}").extension("s", [*steps, Step("Return()", "known")])
    released = f"${{EPOCH}} - 0${{DB(released/${{ARG1}})}} < {RELEASED_SECONDS}"
    asked = f"${{HOUR}} >= {last} & ${{HOUR}} < {first} | {released}"
    steps += [
        Step(f"Set(HOUR=$[0 + ${{STRFTIME({NOW},{zone},%k)}}])", "night"),
        f"Return(${{IF($[{asked}]?:night)}})",
    ]
    return Context(f"unusual-{version}").extension("s", steps)


_WANTED, _CALLING, _CARRIED = (
    f"${{GROUP_COUNT({one}@outbound)}}" for one in ("wanted", "calling", "carried")
)


def _caps(outbound: Outbound, zone: str, version: str) -> Context:
    """Gosub(caps-vN,s,1): of all calls together; sets LIMIT, the seconds this one may last.

    It counts the call at once as one that goes out, so that of many at one moment none slips by:
    it is in `wanted` until it is dialled, then in `calling`, and its channel to the carrier, which
    a transfer leaves behind alone, in `carried`. What is not in `carried` yet may hide behind one
    that was left so: `claim` counts those once more.
    """
    calls, minutes, a_day = (
        outbound.max_calls,
        outbound.max_call_minutes,
        outbound.max_minutes_a_day,
    )
    today = f"${{STRFTIME({NOW},{zone},%F)}}"
    steps: list[Step | str] = [f"Set(LIMIT={(minutes or 0) * 60})", f"Set(TODAY={today})"]
    if calls:
        out = f"${{IF($[{_CALLING} > {_CARRIED}]?{_CALLING}:{_CARRIED})}}"
        steps += [
            "MSet(LOCKED=${LOCK(outbound)},GROUP(outbound)=wanted)",
            f"Set(GROUP(outbound)=${{IF($[{_WANTED} + {out} <= {calls}]?wanted)}})",
            "Set(LOCKED=${UNLOCK(outbound)})",
            'GotoIf($["${GROUP(outbound)}"=""]?lines,1)',
        ]
    if a_day:
        steps += [
            "Set(SPENT=${DB(outbound/spent)})",
            f'Set(LEFT=$[{a_day * 60} - ${{IF($["${{CUT(SPENT,:,1)}}"="${{TODAY}}"]'
            "?0${CUT(SPENT,:,2)}:0)}])",
            "GotoIf($[${LEFT} <= 0]?spent,1)",
            "Set(LIMIT=${IF($[${LIMIT} = 0 | ${LIMIT} > ${LEFT}]?${LEFT}:${LIMIT})})",
        ]
    context = Context(f"caps-{version}", comment="why no call more may go out; else LIMIT")
    context.extension("s", [*steps, "Return()"])
    context.extension("lines", ["Return(lines-busy)"])
    spent = ["Set(GROUP(outbound)=)", "Set(DB(outbound/refused)=${TODAY})", "Return(spent)"]
    return context.extension("spent", spent)


def _shown(router: RouterSection, outbound: Outbound, plan: NumberingPlan, version: str) -> Context:
    """Gosub(shown-vN,EXTENSION,1) returns the number that is shown outside: one of ours."""
    context = Context(f"shown-{version}")
    departments = [one for one in router.departments.values() if one.caller_id]
    for number, extension in router.extensions.items():
        served = (
            one.caller_id
            for one in departments
            if any(member.extension == number for member in one.members)
        )
        shown = extension.caller_id or next(served, None)
        if shown:
            context.extension(number, [f"Return({plan.e164(shown)})"])
    return context.extension("_[0-9a-z]!", [f"Return({plan.e164(outbound.caller_id)})"])


def _dial_out(outbound: Outbound, trunks: Mapping[Text, Trunk], version: str) -> Context:
    """Gosub(dial-out-vN,NUMBER,1(SHOWN,SECONDS,OPTIONS)): over each trunk in turn that is there.

    Returns how it went, in the words of Dial, and `MISSING` for a number that nobody has.
    """
    steps: list[Step | str] = ["Set(DIALSTATUS=CHANUNAVAIL)"]
    for position, name in enumerate(outbound.trunk):
        following = f"trunk{position + 1}"
        label, most = f"trunk{position}", trunks[name].max_calls
        block: list[str] = []
        if most:
            block.append(f"GotoIf($[${{GROUP_COUNT({name}@trunk)}} >= {most}]?{following})")
        limits = f"{outbound.max_calls or ANY}^{most or ANY}"
        claim = f"b(outside^claim^1(${{ARG1}}^{name}^${{LIMIT}}^{limits}))"
        block += [
            f"CELGenUserEvent(outside,${{EXTEN}} {name})",
            f"Dial(PJSIP/${{EXTEN}}@{name},${{ARG2}},"
            f"{claim}B(outside^release^1)U(outside)i${{ARG3}})",
            'GotoIf($["${DIALSTATUS}"!="CHANUNAVAIL" & "${DIALSTATUS}"!="CONGESTION"]?over)',
            'GotoIf($["${HANGUPCAUSE}"="1" | "${HANGUPCAUSE}"="28"]?missing,1)',
        ]
        steps += [Step(block[0], label), *block[1:]]
    steps += [Step("NoOp()", following), Step("Set(GROUP(outbound)=)", "over")]
    context = Context(f"dial-out-{version}").extension(NUMBER, [*steps, "Return(${DIALSTATUS})"])
    return context.extension("missing", ["Set(GROUP(outbound)=)", "Return(MISSING)"])
