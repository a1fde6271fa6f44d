"""The native twin: the compiled table printed as dialplan, in contexts that carry the version.

A call that began on a version ends on it: nothing printed here names a context of another one.
What does not change with the center (`ask`, `announce`, `serve`, `ring`, ...) stands in the parts
of `asterisk-config/`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from callrouter.dialplan import callers_context, condition_steps, hours_contexts
from callrouter.rules import Arm, Branch, State, told
from callrouter.section import OTHER, RouterSection
from ivr.menu import MOST_MENUS
from ivr.table import Ask, Table, number_range
from switchboard.numbering import NumberingPlan
from switchboard.pbx.dialplan import Context, Step, literally, number_patterns

Seconds = Mapping[tuple[str, str], float]  # (prompt id, language) -> how long it plays
ANYTHING = "_[+0-9a-z]!"


def twin_contexts(
    table: Table,
    router: RouterSection,
    plan: NumberingPlan,
    zone: str,
    version: str,
    seconds: Seconds,
    days: tuple[date, date],
) -> Iterator[Context]:
    """Every context of one version; `days` bounds the holidays and dates that are listed."""
    printer = _Printer(table, version, seconds)
    yield printer.numbers(router, plan)
    for name, ask in table.menus.items():
        yield printer.menu(name, ask)
        yield printer.keys(name, ask)
    for name in router.departments:
        yield printer.department(name, router)
    yield printer.extensions(router)
    yield printer.otherwise("extension", map(str, router.extensions))
    yield printer.otherwise("number", sorted(table.outside))
    yield from hours_contexts(router.hours, version, zone, *days)
    for name, listed in router.callers.items():
        yield callers_context(name, version, listed)


class _Printer:
    def __init__(self, table: Table, version: str, seconds: Seconds) -> None:
        self._table = table
        self._version = version
        self._seconds = seconds

    def numbers(self, router: RouterSection, plan: NumberingPlan) -> Context:
        """Where a call begins: the number dialled, in E.164."""
        context = Context(f"numbers-{self._version}", comment="what callers dial")
        for written in router.numbers:
            if written == OTHER:
                continue
            branch = self._table.moves[f"arrival/{written}", "arrives"]
            first, last = map(plan.e164, number_range(written))
            patterns = [first] if first == last else number_patterns(first, last)
            for pattern in patterns:
                context.extension(pattern, self._branch(f"arrival/{written}", "arrives", branch))
        other = self._table.moves.get((f"arrival/{OTHER}", "arrives"))
        rest = (
            self._branch(f"arrival/{OTHER}", "arrives", other)
            if other
            else ["Goto(reject,missing,1)"]
        )
        context.extension(OTHER, rest)
        return context.extension(ANYTHING, [f"Goto({OTHER},1)"])

    def menu(self, name: str, ask: Ask) -> Context:
        """How a menu asks and asks again; what a key does stands in its keys context."""
        context = Context(f"menu-{name}-{self._version}", includes=["fax-tone"])
        anew = "TRIES=1,PROMPT=long,MENUS=$[0${MENUS} + 1]"
        play = "${PROMPT}-${CHANNEL(language)}"
        begin = f"Goto(${{IF($[${{MENUS}} > {MOST_MENUS}]?otherwise:{play})}},1)"
        context.extension("s", [f"MSet(TRAIL=${{MENU}}:${{TRAIL}},MENU={name},{anew})", begin])
        context.extension("anew", [f"MSet({anew})", begin])
        enough = f"$[${{TRIES}} >= {ask.tries} | ${{MENUS}} >= {MOST_MENUS}]"
        prompt_now = '${IF($["${READEXTENSTATUS}"="INVALID"]?wrong:short)}'
        again = f"PROMPT={prompt_now},TRIES=$[${{TRIES}} + 1],MENUS=$[${{MENUS}} + 1]"
        steps = [f"GotoIf({enough}?otherwise,1)", f"MSet({again})", f"Goto({play},1)"]
        context.extension("again", steps)
        context.extension("replay", [f"Goto({play},1)"])
        key = f"keys-{name}-{self._version},${{KEY}},1"
        context.extension("heard", [f'GotoIf($["${{READEXTENSTATUS}}"="OK"]?{key}:again,1)'])
        for kind, prompt in (("long", ask.long), ("short", ask.short), ("wrong", ask.wrong)):
            for language in self._table.languages:
                context.extension(f"{kind}-{language}", self._ask(ask, prompt, language))
            context.extension(f"_{literally(kind)}-.", [f"Goto({kind}-{self._table.language},1)"])
        otherwise = self._table.moves[f"menu/{name}", "otherwise"]
        context.extension("otherwise", self._branch(f"menu/{name}", "otherwise", otherwise))
        return context.extension("back", self._back())

    def _ask(self, ask: Ask, prompt: str, language: str) -> list[Step | str]:
        seconds = self._seconds[prompt, language] + ask.wait_seconds
        times = f"TIMEOUT(response)={seconds:.1f},TIMEOUT(digit)={ask.digit_seconds:g}"
        return [f"MSet(SOUND=sb/{prompt},{times})", "Goto(ask,s,1)"]

    def _back(self) -> list[Step | str]:
        return [
            'GotoIf($["${CUT(TRAIL,:,1)}"=""]?anew,1)',
            "MSet(MENU=${CUT(TRAIL,:,1)},TRAIL=${CUT(TRAIL,:,2-)})",
            f"Goto(menu-${{MENU}}-{self._version},anew,1)",
        ]

    def keys(self, name: str, ask: Ask) -> Context:
        """What each key of a menu does; ReadExten reads the keys against just this context."""
        context = Context(f"keys-{name}-{self._version}")
        for event, branch in self._table.events(f"menu/{name}"):
            if event.startswith("key "):
                key = event.removeprefix("key ")
                context.extension(key, self._branch(f"menu/{name}", event, branch, name))
        for number in sorted(ask.dialled):
            context.extension(number, [f"Goto(extension-{self._version},{number},1)"])
        return context

    def department(self, name: str, router: RouterSection) -> Context:
        """Serve a caller, or say why not: closed, no_agents, full, timeout, or a key pressed."""
        department = router.departments[name]  # type: ignore[index]
        context = Context(f"department-{name}-{self._version}", includes=["fax-tone"])
        who = f"DEPARTMENT={name},MAX_WAIT={department.max_wait_seconds}"
        # for who is put on hold; the queue's own class ends with the waiting
        music = f"CHANNEL(musicclass)={department.music or 'default'}"
        asked = f'STATE=department/{name},EVENT=enters,NATIVE="{context.name},enters,1"'
        context.extension("s", [f"MSet({who},{music},{asked})", "Goto(route,s${ALONE},1)"])
        steps: list[Step | str] = []
        if department.hours:
            steps.append(f"Gosub(hours-{department.hours}-{self._version},s,1)")
            steps.append('GotoIf($["${GOSUB_RETVAL}"="closed"]?closed,1)')
        context.extension("enters", [*steps, "Goto(serve,s,1)"])
        for event, branch in self._table.events(f"department/{name}"):
            # of the other events `overflow` has told before
            closed = [f"CELGenUserEvent(overflow,{name} closed)"] if event == "closed" else []
            context.extension(event, closed + self._branch(f"department/{name}", event, branch))
        return context

    def extensions(self, router: RouterSection) -> Context:
        """Ring a colleague's phone."""
        context = Context(f"extension-{self._version}", includes=["fax-tone"])
        for number, extension in router.extensions.items():
            several = extension.max_contacts > 1  # phones; Asterisk alone would ring the first
            context.extension(
                number,
                [
                    f"Set(RING_SECONDS={extension.ring_seconds})",
                    f"Gosub(phones-of,{number},1)" if several else f"Set(PHONES=PJSIP/{number})",
                    f"Goto(ring,{number},1)",
                ],
            )
        return context

    def otherwise(self, kind: str, numbers: Iterable[str]) -> Context:
        """Where a call goes that a colleague, or an outside number, does not take."""
        context = Context(f"{kind}-otherwise-{self._version}", includes=["fax-tone"])
        for number in numbers:
            branch = self._table.moves[f"{kind}/{number}", "otherwise"]
            context.extension(number, self._branch(f"{kind}/{number}", "otherwise", branch))
        return context

    def _branch(
        self, state: str, event: str, branch: Branch, menu: str | None = None
    ) -> list[Step | str]:
        """The rules of a branch in their order; the first that holds leads away."""
        steps: list[Step | str] = []
        for position, arm in enumerate(branch):
            conditions = condition_steps(
                arm.hours, arm.callers, arm.spoken, self._version, f"rule{position + 2}"
            )
            actions = self._arm(arm, menu or state.removeprefix("menu/"))
            if len(branch) > 1:
                rule = told(state, event, branch, position + 1)
                actions.insert(0, f"CELGenUserEvent(rule,{rule})")
            block = conditions + actions
            if position:
                first = block[0]
                text = first.application if isinstance(first, Step) else first
                block[0] = Step(text, f"rule{position + 1}")
            steps += block
        return steps

    def _arm(self, arm: Arm, menu: str) -> list[Step | str]:
        steps: list[Step | str] = []
        if arm.language:
            steps.append(f"CELGenUserEvent(language,{arm.language})")
            steps.append(f"Set(CHANNEL(language)={arm.language})")
        if arm.priority:
            steps.append(f"Set(QUEUE_PRIO={arm.priority})")
        if arm.fax_tone:
            steps += [f"Set(FAX={arm.fax_tone})", "Set(FAXOPT(faxdetect)=cng)"]
        if arm.announce:
            steps.append(f"Gosub(announce,{'barge' if arm.barge else 's'},1(sb/{arm.announce}))")
        steps += self._goto(arm.goal, menu)
        return steps

    def _goto(self, goal: str, menu: str) -> list[Step | str]:
        kind, _, name = goal.partition("/")
        version = self._version
        if kind == "extension" and name.startswith("last "):
            phone = f"extension-{version},${{EXTEN:-{name.removeprefix('last ')}}},1"
            return [f"GotoIf(${{DIALPLAN_EXISTS({phone})}}?{phone})", f"Goto({OTHER},1)"]
        return [f"Goto({place(goal, menu, version)})"]


def place(goal: State, menu: str, version: str) -> str:
    """Where the twin goes on for a goal: `CONTEXT,EXTENSION,1`; `menu` is the one left for it."""
    kind, _, name = goal.partition("/")
    own = {
        "arrival": f"numbers-{version},{name},1",
        "menu": f"menu-{name}-{version},s,1",
        "repeat": f"menu-{menu}-{version},anew,1",
        "back": f"menu-{menu}-{version},back,1",
    }
    return own.get(kind) or target(goal, version)


def target(goal: State, version: str) -> str:
    """The place in the dialplan where Python sends a call: `CONTEXT,EXTENSION,1`."""
    kind, _, name = goal.partition("/")
    targets = {
        "menu": f"enter-menu,{name},1",
        "department": f"department-{name}-{version},s,1",
        "extension": f"extension-{version},{name},1",
        "voicemail": f"voicemail-{version},{name},1",
        "fax": f"fax-{version},{name},1",
        "number": f"number-{version},{name},1",
        "goodbye": f"goodbye,{name},1",
        "reject": f"reject,{name},1",
        "hangup": "goodbye,hangup,1",
    }
    return targets[kind]
