"""One compiled table: at every state and event of a call, which rule leads where and what is heard.

The twin prints it as dialplan, the engine and `simulate` walk it. States are texts such as
`menu/main`, `department/sales`, `extension/201`, `voicemail/sales`, `number/+7495...`; events are
`arrives`, `key 1`, `otherwise`, `closed`, `no_agents`, `full`, `timeout`.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from callrouter.department import EVENTS
from callrouter.destination import Destination, Route
from callrouter.rules import Arm, Branch, Event, State
from callrouter.section import OTHER, RouterSection
from ivr.menu import Menu
from switchboard.numbering import NumberingPlan
from switchboard.prompt import Part, Prompt, Spoken
from switchboard.yamltext import Text
from voicemail.mailbox import Mailbox

WRONG_KEY, NOT_AVAILABLE = "wrong-key", "not-available"
SystemText = Callable[[str, str], str]  # (language, id) -> what Switchboard itself says


@dataclass(frozen=True, slots=True)
class Ask:
    """How a menu asks: ids of its prompts, and its times in seconds."""

    long: str
    short: str
    wrong: str  # what is played after a wrong key: that it was wrong, then the short prompt
    wait_seconds: float
    digit_seconds: float
    tries: int
    dialled: frozenset[str]


@dataclass(frozen=True)
class Table:
    """The moves of a version, the menus' ways of asking, and every prompt by id and language."""

    language: str
    languages: tuple[str, ...]
    moves: Mapping[tuple[State, Event], Branch]
    menus: Mapping[str, Ask]
    prompts: Mapping[str, Mapping[str, Spoken]]
    greetings: Mapping[str, str]  # mailbox -> prompt
    department_hours: Mapping[str, str]

    @property
    def outside(self) -> set[str]:
        """The outside numbers that something leads to, as they are written."""
        return _outside(self.moves)

    def events(self, state: State) -> Iterator[tuple[Event, Branch]]:
        """What can happen in a state."""
        return ((event, branch) for (at, event), branch in self.moves.items() if at == state)


def compile_table(
    router: RouterSection,
    menus: Mapping[Text, Menu],
    mailboxes: Mapping[Text, Mailbox],
    languages: tuple[str, ...],
    system_text: SystemText,
    content: Callable[[str], str] = str,
) -> Table:
    """The table of a center whose names are known to exist; the first language is the center's.

    `content` tells the content of a recording by its name, so that a new one gets a new id.
    """
    compiler = _Compiler(languages, system_text, content)
    for written, route in router.numbers.items():
        compiler.move(f"arrival/{written}", "arrives", route)
    for name, menu in menus.items():
        compiler.menu(name, menu, router)
    for name, department in router.departments.items():
        for event in EVENTS:
            written_route = department.written_route(event)
            route_taken = written_route or _default_route(name, mailboxes)
            compiler.move(f"department/{name}", event, route_taken)
        for key, route in department.keys.items():
            compiler.move(f"department/{name}", f"key {key}", route)
    for number, extension in router.extensions.items():
        route_taken = extension.otherwise or _default_route(number, mailboxes)
        compiler.move(f"extension/{number}", "otherwise", route_taken)
    known = router.outbound.numbers if router.outbound else {}
    for outside in known:
        compiler.move(f"number/{outside}", "otherwise", known[outside].otherwise)
    for named in _outside(compiler.moves) - {str(outside) for outside in known}:
        compiler.move(f"number/{named}", "otherwise", None)
    greetings = {
        str(name): compiler.prompt(f"{name}-greeting", box.greeting)
        for name, box in mailboxes.items()
        if box.greeting
    }
    return Table(
        language=languages[0],
        languages=languages,
        moves=compiler.moves,
        menus=compiler.menus,
        prompts=compiler.prompts,
        greetings=greetings,
        department_hours={
            str(name): str(department.hours)
            for name, department in router.departments.items()
            if department.hours
        },
    )


def _outside(moves: Mapping[tuple[State, Event], Branch]) -> set[str]:
    goals = (arm.goal for branch in moves.values() for arm in branch)
    return {goal.removeprefix("number/") for goal in goals if goal.startswith("number/")}


def _default_route(name: str, mailboxes: Mapping[Text, Mailbox]) -> Route | None:
    """The mailbox of the same name; None stands for the spoken goodbye."""
    return (Destination(voicemail=Text(name)),) if name in mailboxes else None


@dataclass
class _Compiler:
    languages: tuple[str, ...]
    system_text: SystemText
    content: Callable[[str], str]
    moves: dict[tuple[State, Event], Branch] = field(default_factory=dict)
    menus: dict[str, Ask] = field(default_factory=dict)
    prompts: dict[str, dict[str, Spoken]] = field(default_factory=dict)

    def move(self, state: State, event: Event, route: Route | None) -> None:
        where = f"{state.partition('/')[2]}-{event}"
        if route is None:
            route = (Destination(goodbye=self._unserved()),)
        last = len(route) - 1
        self.moves[state, event] = tuple(
            self._arm(f"{where}-{position}", rule, position == last)
            for position, rule in enumerate(route)
        )

    def _arm(self, where: str, rule: Destination, last: bool) -> Arm:
        return Arm(
            goal=self._goal(where, rule),
            hours=rule.hours,
            callers=tuple(map(str, rule.callers)),
            spoken=None if last else rule.language,
            language=rule.language if last else None,
            priority=rule.priority,
            announce=self.prompt(f"{where}-announce", rule.announce) if rule.announce else None,
            barge=rule.barge,
            fax_tone=rule.fax_tone,
        )

    def _goal(self, where: str, rule: Destination) -> State:
        if rule.word:
            return rule.word
        if rule.goodbye is not None:
            return f"goodbye/{self.prompt(f'{where}-goodbye', rule.goodbye)}"
        return f"{rule.kind}/{rule.name}"

    def menu(self, name: str, menu: Menu, router: RouterSection) -> None:
        dialled = menu.dial_extensions
        center = self.languages[0]
        long = {spoken: menu.spoken(False, spoken, center) for spoken in self.languages}
        short = {spoken: menu.spoken(True, spoken, center) for spoken in self.languages}
        wrong = {
            spoken: Spoken(heard.language, (self._own(heard.language, WRONG_KEY), *heard.parts))
            for spoken, heard in short.items()
        }
        self.menus[name] = Ask(
            long=self._keep(f"{name}-long", long),
            short=self._keep(f"{name}-short", short),
            wrong=self._keep(f"{name}-wrong", wrong),
            wait_seconds=menu.wait_seconds,
            digit_seconds=menu.digit_seconds,
            tries=menu.tries,
            dialled=frozenset(map(str, router.extensions if dialled is None else dialled)),
        )
        for event, route in menu.routes():
            self.move(f"menu/{name}", event, route)

    def prompt(self, where: str, prompt: Prompt) -> str:
        """Keep a prompt for every language; a missing one is heard in the center's, else in any."""
        center = self.languages[0]
        return self._keep(
            where, {spoken: prompt.spoken_for(spoken, center) for spoken in self.languages}
        )

    def _unserved(self) -> Prompt:
        """What is said to a caller for whom nothing else was written."""
        return Prompt(
            by_language={
                Text(spoken): (self._own(spoken, NOT_AVAILABLE),) for spoken in self.languages
            }
        )

    def _own(self, language: str, system_id: str) -> Part:
        return Part(say=Text(self.system_text(language, system_id)))

    def _keep(self, where: str, spoken: dict[str, Spoken]) -> str:
        """An id that reads well in a log and changes when what is heard changes."""
        content = [
            (heard.language, [part.say or self.content(part.text) for part in heard.parts])
            for heard in spoken.values()
        ]
        digest = hashlib.sha256(repr(content).encode()).hexdigest()[:10]
        readable = re.sub(r"[^a-z0-9]+", "-", where.lower()).strip("-")
        prompt_id = f"{readable}-{digest}"
        self.prompts[prompt_id] = spoken
        return prompt_id


def number_range(written: str) -> tuple[str, str]:
    """First and last number of an entry of `numbers` (`FROM..TO`, or one number twice)."""
    first, is_range, last = written.partition("..")
    return first, last if is_range else first


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Where the numbers lead that callers dial, in E.164: a single one wins over its range."""

    single: Mapping[str, State]
    ranges: tuple[tuple[str, str, State], ...]  # first, last

    def state(self, dialled: str) -> State:
        """The state of a number that was dialled: its own entry, its range, or the rest."""
        if dialled in self.single:
            return self.single[dialled]
        for first, last, state in self.ranges:
            if len(first) == len(dialled) and first <= dialled <= last:
                return state
        return f"arrival/{OTHER}"


def arrivals(table: Table, plan: NumberingPlan) -> Arrivals:
    """The arrivals of a table, its numbers brought to E.164."""
    single: dict[str, State] = {}
    ranges: list[tuple[str, str, State]] = []
    for state, event in table.moves:
        kind, _, written = state.partition("/")
        if kind == "arrival" and event == "arrives" and written != OTHER:
            first, last = map(plan.e164, number_range(written))
            if first == last:
                single[first] = state
            else:
                ranges.append((first, last, state))
    return Arrivals(single, tuple(ranges))
