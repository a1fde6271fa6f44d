"""A small interpreter of the dialplan that we print: as much of Asterisk as our contexts use.

A `Channel` walks the text from one place to where a call leaves it: into a queue, to a phone, to
voicemail, or to its end. What a real Asterisk would only log (a place that is not there, an
expression it cannot read, a function we did not expect) fails the test.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.expressions import evaluate, is_true

ENDS = {"Queue", "Dial", "VoiceMail", "ReceiveFAX", "Hangup"}
SILENT = {"Answer", "NoOp", "Ringing"}
HEAD = re.compile(r"exten => ([^,]+),1,(.*)|\s*same => n(?:\((\w+)\))?,(.*)")
SLICE = re.compile(r":(-?\d+)(?::(-?\d+))?")
MOST_STEPS = 20_000

Step = tuple[str | None, str]  # label, application with its arguments
Place = tuple[str, str, int]  # context, extension, index of the step


class Broken(AssertionError):
    """The dialplan says something that Asterisk could not do."""


class Left(Exception):
    """The call has left the dialplan by this application."""


@dataclass
class Context:
    """Extensions in the order they were written, and the contexts that are included."""

    extensions: dict[str, list[Step]] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)


def read_dialplan(text: str) -> dict[str, Context]:
    """The contexts of dialplan files, comments left out."""
    contexts: dict[str, Context] = {}
    context, steps = Context(), []
    for line in text.splitlines():
        line = line.partition(";")[0].rstrip()
        if line.startswith("["):
            context = contexts.setdefault(line[1 : line.index("]")], Context())
        elif line.startswith("include => "):
            context.includes.append(line.removeprefix("include => "))
        elif step := HEAD.fullmatch(line):
            number, first, label, later = step.groups()
            if number is not None:
                steps = context.extensions.setdefault(number, [])
            steps.append((label, first or later))
    return contexts


def matches(pattern: str, number: str) -> bool:
    """Whether an extension as written, a pattern or not, is this number."""
    if not pattern.startswith("_"):
        return pattern == number
    return bool(re.fullmatch(_regex(pattern), number.replace("-", "")))


def _regex(pattern: str) -> str:
    kinds = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*", "-": ""}
    pieces = re.findall(r"\[[^\]]+\]|.", pattern[1:])
    return "".join(
        piece if piece.startswith("[") else kinds.get(piece.upper(), re.escape(piece))
        for piece in pieces
    )


def _width(pattern: str) -> list[int]:
    """How many characters each place of a pattern takes: of two patterns the narrower wins."""
    kinds = {"X": 10, "Z": 9, "N": 8, ".": 300, "!": 400}
    pieces = re.findall(r"\[[^\]]+\]|[^-]", pattern[1:])
    return [
        sum(bool(re.fullmatch(piece, chr(code))) for code in range(256))
        if piece.startswith("[")
        else kinds.get(piece.upper(), 1)
        for piece in pieces
    ]


@dataclass(frozen=True)
class World:
    """What is outside the call: the printed text, the clock, the database of Asterisk."""

    contexts: dict[str, Context]
    at: datetime
    database: dict[str, str] = field(default_factory=dict)

    def find(self, context: str, number: str) -> tuple[str, str] | None:
        """The context and the extension as written that a call finds under a number."""
        if context not in self.contexts:
            return None
        here = self.contexts[context]
        if number in here.extensions and not number.startswith("_"):
            return context, number
        fitting = [one for one in here.extensions if one[0] == "_" and matches(one, number)]
        if fitting:
            return context, min(fitting, key=_width)
        found = (self.find(included, number) for included in here.includes)
        return next((one for one in found if one), None)


class Caller:
    """What he presses: a comma is a pause within an entry, `_` silence for a whole question."""

    def __init__(self, keys: str) -> None:
        self._keys = list(keys)

    def begins(self) -> str | None:
        """The first key for a question, None for silence."""
        while self._keys[:1] == [","]:
            del self._keys[0]
        if self._keys[:1] in ([], ["_"]):
            del self._keys[:1]
            return None
        return self._keys.pop(0)

    def goes_on(self) -> str | None:
        """The next key of an entry, None when he pauses."""
        return None if self._keys[:1] in ([], [","], ["_"]) else self._keys.pop(0)


Agi = Callable[["Channel", str, list[str]], Awaitable[None]]


async def refused(channel: "Channel", route: str, args: list[str]) -> None:
    """Nobody listens on the AGI port."""


class Channel:
    """One call: `heard` are (application, sound, language), `events` what it told the records."""

    def __init__(
        self, world: World, caller: Caller, variables: dict[str, str], agi: Agi = refused
    ) -> None:
        self.world = world
        self.variables = variables
        self.heard: list[tuple[str, str, str]] = []
        self.events: list[str] = []
        self._caller = caller
        self._agi = agi
        self._place: Place = ("", "", 0)
        self._frames: list[tuple[Place, dict[str, str]]] = []
        self.steps = 0

    # ---- walking

    async def walk(self, context: str, number: str) -> tuple[str, str, str]:
        """To the end: the context, the number and the application by which the call left."""
        self.jump(f"{context},{number},1")
        try:
            await self._run(-1)
        except Left as left:
            return self._place[0], self._place[1], str(left)
        raise Broken(f"the call was let go at {self._place}")

    async def subroutine(self, place: str) -> None:
        """Run one until it returns, and come back to where the call was."""
        depth = len(self._frames)
        self._gosub(place)
        await self._run(depth)

    def jump(self, target: str) -> None:
        """Go on at `[[CONTEXT,]NUMBER,]PRIORITY`, where a priority is 1 or a label."""
        *before, priority = target.split(",")
        context, number, _ = self._place
        if before:
            *outer, number = before
            context = outer[0] if outer else context
        steps = self._steps_of(context, number)
        labels = [label for label, _ in steps]
        if priority != "1" and priority not in labels:
            raise Broken(f"no label {priority!r} at {context},{number}")
        self._place = (context, number, 0 if priority == "1" else labels.index(priority))

    def _steps_of(self, context: str, number: str) -> list[Step]:
        found = self.world.find(context, number)
        if found is None:
            raise Broken(f"there is no {context},{number}; the call was at {self._place}")
        return self.world.contexts[found[0]].extensions[found[1]]

    async def _run(self, depth: int) -> None:
        """Until the subroutine that began above `depth` frames returns. Raises Left."""
        while len(self._frames) > depth:
            context, number, index = self._place
            steps = self._steps_of(context, number)
            if index == len(steps):
                raise Broken(f"the dialplan ends at {context},{number}")
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise Broken(f"the call goes round at {context},{number}")
            self._place = (context, number, index + 1)
            await self.run(steps[index][1])

    async def run(self, written: str) -> None:
        """One application, its variables not filled in yet."""
        name, _, arguments = written.partition("(")
        arguments = self.fill(arguments.removesuffix(")"))
        if name in ENDS:
            raise Left(f"{name}({arguments})")
        if name in SILENT:
            return
        if name == "AGI":
            url, *args = arguments.split(",")
            await self._agi(self, url.rpartition("/")[2], args)
        elif name == "ExecIf":
            condition, _, application = arguments.partition("?")
            if is_true(condition):
                await self.run(application)
        else:
            APPLICATIONS[name](self, arguments)

    # ---- applications

    def _set(self, arguments: str) -> None:
        name, _, value = arguments.partition("=")
        self.variables[name.removeprefix("__").removeprefix("_")] = value

    def _mset(self, arguments: str) -> None:
        for one in _cut_at_commas(arguments):
            name, _, value = one.partition("=")
            self._set(f"{name.strip()}={value.strip(chr(34))}")

    def _goto_if(self, arguments: str) -> None:
        condition, _, targets = arguments.partition("?")
        yes, _, no = targets.partition(":")
        target = yes if is_true(condition) else no
        if target:
            self.jump(target)

    def _gosub(self, arguments: str) -> None:
        target, _, given = arguments.partition("(")
        own = {name: self.variables.pop(name) for name in list(self.variables) if _is_arg(name)}
        self._frames.append((self._place, own))
        for position, value in enumerate(given.removesuffix(")").split(",") if given else [], 1):
            self.variables[f"ARG{position}"] = value
        self.jump(target)

    def _return(self, value: str) -> None:
        for name in [name for name in self.variables if _is_arg(name)]:
            del self.variables[name]
        if not self._frames:
            raise Broken(f"a Return without a Gosub at {self._place}")
        self._place, own = self._frames.pop()
        self.variables |= own
        self.variables["GOSUB_RETVAL"] = value

    def _play(self, arguments: str) -> None:
        self.heard.append(("Playback", arguments, self.language))

    def _read(self, arguments: str) -> None:
        self.heard.append(("Playback", arguments.split(",")[1], self.language))

    def _read_exten(self, arguments: str) -> None:
        """As app_readexten.c reads: digit by digit against the extensions of a context."""
        variable, sound, context = arguments.split(",")
        known = self.world.contexts[context].extensions
        self.heard.append(("ReadExten", sound, self.language))
        entry, status = "", ""
        key = self._caller.begins()
        if key is None:
            self.variables[variable], status = "t", "TIMEOUT"
        while key is not None:
            entry += key
            if not any(one.startswith(entry) and one != entry for one in known):
                entry = entry if entry in known else entry.removesuffix("#")
                break
            key = self._caller.goes_on()
        if entry in known:
            self.variables[variable], status = entry, "OK"
        elif not status:
            self.variables[variable], status = "i", "INVALID"
        self.variables["READEXTENSTATUS"] = status

    def _note(self, arguments: str) -> None:
        name, _, text = arguments.partition(",")
        self.events.append(f"{name} {text}")

    # ---- variables and functions

    @property
    def language(self) -> str:
        """The language of the call."""
        return self.variables["CHANNEL(language)"]

    def fill(self, text: str) -> str:
        """The text with its `${...}` and `$[...]` filled in, from the inside out."""
        filled = ""
        while (start := re.search(r"\$[{\[]", text)) is not None:
            filled += text[: start.start()]
            inner, text = _balanced(text[start.start() + 1 :])
            meant = self.value if start[0] == "${" else evaluate
            filled += meant(self.fill(inner))
        return filled + text

    def value(self, name: str) -> str:
        """`NAME`, `NAME:OFFSET:LENGTH` or `FUNCTION(...)`, of which a slice may be taken."""
        head, bracket, tail = name.rpartition(")")
        slices = SLICE.fullmatch(tail) if bracket else None
        if not bracket:
            name, colon, rest = name.partition(":")
            slices = SLICE.fullmatch(colon + rest) if colon else None
            value = self._variable(name)
        else:
            value = self._function(head + bracket)
        if slices is None:
            return value
        begin, length = slices.groups()
        value = value[max(-len(value), int(begin)) :] if int(begin) < 0 else value[int(begin) :]
        return value if length is None else value[: int(length)]

    def _variable(self, name: str) -> str:
        place = {"EXTEN": self._place[1], "CONTEXT": self._place[0]}
        clock = {"EPOCH": str(int(self.world.at.timestamp()))}
        return {**self.variables, **place, **clock}.get(name, "")

    def _function(self, whole: str) -> str:
        name, _, arguments = whole.removesuffix(")").partition("(")
        if name in FUNCTIONS:
            return FUNCTIONS[name](self, arguments)
        if name in ("CHANNEL", "CALLERID", "REDIRECTING", "GLOBAL", "FAXOPT"):
            return self.variables.get(whole, "")
        raise Broken(f"the interpreter does not know ${{{whole}}}")

    def _if(self, arguments: str) -> str:
        condition, _, values = arguments.partition("?")
        yes, _, no = values.partition(":")
        return yes if is_true(condition) else no

    def _cut(self, arguments: str) -> str:
        name, mark, wanted = arguments.split(",")
        fields = self.variables.get(name, "").split(mark)
        if wanted.endswith("-"):
            return mark.join(fields[int(wanted[:-1]) - 1 :])
        return fields[int(wanted) - 1] if len(fields) >= int(wanted) else ""

    def _fields(self, arguments: str) -> str:
        name, mark = arguments.split(",")
        mark = re.sub(r"\\x(..)", lambda code: chr(int(code[1], 16)), mark)
        value = self.variables.get(name, "")
        return str(len(value.split(mark)) if value else 0)

    def _filter(self, arguments: str) -> str:
        allowed, _, text = arguments.partition(",")
        return "".join(re.findall(f"[{allowed}]", text))

    def _strftime(self, arguments: str) -> str:
        epoch, zone, form = arguments.split(",")
        return datetime.fromtimestamp(int(epoch), ZoneInfo(zone)).strftime(form)

    def _db(self, arguments: str) -> str:
        return self.world.database.get(arguments, "")

    def _exists(self, arguments: str) -> str:
        context, *number = arguments.split(",")
        if not number:
            return str(int(context in self.world.contexts))
        return str(int(self.world.find(context, number[0]) is not None))


APPLICATIONS: dict[str, Callable[[Channel, str], None]] = {
    "Set": Channel._set,
    "MSet": Channel._mset,
    "Goto": Channel.jump,
    "GotoIf": Channel._goto_if,
    "Gosub": Channel._gosub,
    "Return": Channel._return,
    "Playback": Channel._play,
    "Read": Channel._read,
    "ReadExten": Channel._read_exten,
    "CELGenUserEvent": Channel._note,
}
FUNCTIONS: dict[str, Callable[[Channel, str], str]] = {
    "IF": Channel._if,
    "CUT": Channel._cut,
    "FILTER": Channel._filter,
    "FIELDQTY": Channel._fields,
    "LEN": lambda channel, text: str(len(text.encode())),
    "STRFTIME": Channel._strftime,
    "DB": Channel._db,
    "DIALPLAN_EXISTS": Channel._exists,
    "GROUP_COUNT": lambda channel, group: "1",
}


def _is_arg(name: str) -> bool:
    return re.fullmatch(r"ARG\d+", name) is not None


def _balanced(text: str) -> tuple[str, str]:
    """What stands in the brackets that the text begins with, and what follows them."""
    closes = {"{": "}", "[": "]"}
    opened, closed = text[0], closes[text[0]]
    depth = 0
    for at, character in enumerate(text):
        depth += (character == opened) - (character == closed)
        if depth == 0:
            return text[1:at], text[at + 1 :]
    raise Broken(f"a bracket is not closed in {text!r}")


def _cut_at_commas(text: str) -> Iterator[str]:
    """The arguments of an application: commas within brackets or quotes do not count."""
    depth, quoted, begin = 0, False, 0
    for at, character in enumerate(text):
        quoted ^= character == '"'
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0 and not quoted:
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]
