"""Writes dialplan: contexts of extensions of steps, as text that a person can read aloud."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_UNSAFE = re.compile(r"[\x00-\x1f\x7f;]")


@dataclass(frozen=True, slots=True)
class Step:
    """One application call, with a label where something jumps to it."""

    application: str
    label: str = ""

    def __str__(self) -> str:
        return f"n({self.label}),{self.application}" if self.label else f"n,{self.application}"


@dataclass
class Context:
    """One context: extensions in the order they were added, and the contexts it includes."""

    name: str
    includes: Sequence[str] = ()
    comment: str = ""
    _lines: list[str] = field(default_factory=list)

    def extension(self, number: str, steps: Iterable[Step | str]) -> "Context":
        """Add an extension; a plain text is an application without a label."""
        for position, step in enumerate(steps):
            step = step if isinstance(step, Step) else Step(step)
            if _UNSAFE.search(step.application):
                raise ValueError(f"a line of dialplan cannot hold {step.application!r}")
            head = f"exten => {number}," if position == 0 else " same => "
            # the first step of an extension is its priority 1; a label there is never jumped to
            self._lines.append(head + (f"1,{step.application}" if position == 0 else str(step)))
        return self

    def __str__(self) -> str:
        head = [f"[{self.name}]" + (f"  ; {self.comment}" if self.comment else "")]
        return "\n".join([*head, *self._lines, *(f"include => {name}" for name in self.includes)])


def render_contexts(contexts: Iterable[Context]) -> str:
    """The text of a dialplan file."""
    return "\n\n".join(map(str, contexts)) + "\n"


def literally(text: str) -> str:
    """`text` as part of a pattern, where the letters N, X and Z would stand for digits."""
    return re.sub("([nxzNXZ])", r"[\1]", text)


def number_patterns(first: str, last: str) -> list[str]:
    """The fewest Asterisk patterns that match just the numbers from `first` to `last`.

    Both have the same length and may begin with `+`: `+7495000020X` for ...200 to ...209.
    """
    plus = "+" if first.startswith("+") else ""
    low, high = first.removeprefix("+"), last.removeprefix("+")
    return [f"_{plus}{pattern}" for pattern in _digits_between(low, high)]


def _digits_between(low: str, high: str) -> list[str]:
    if not low:
        return [""]
    if set(low) == {"0"} and set(high) == {"9"}:
        return ["X" * len(low)]
    if low[0] == high[0]:
        return [low[0] + rest for rest in _digits_between(low[1:], high[1:])]
    nines, zeros = "9" * (len(low) - 1), "0" * (len(low) - 1)
    begin, end = int(low[0]), int(high[0])
    patterns: list[str] = []
    if low[1:] != zeros:
        patterns += [low[0] + rest for rest in _digits_between(low[1:], nines)]
        begin += 1
    tail: list[str] = []
    if high[1:] != nines:
        tail = [high[0] + rest for rest in _digits_between(zeros, high[1:])]
        end -= 1
    if begin <= end:
        digit = str(begin) if begin == end else f"[{begin}-{end}]"
        patterns.append(digit + "X" * (len(low) - 1))
    return patterns + tail
