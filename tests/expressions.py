"""Asterisk's `$[...]`: the operators that our dialplan uses, with Asterisk's precedence."""

import re
from collections.abc import Callable

TOKEN = re.compile(r'\s*("[^"]*"|!=|>=|<=|=~|[|&=<>+!()-]|[^\s"|&=<>+!()-]+)')
NUMBER = re.compile(r"-?\d+(\.\d+)?")


class BadExpression(Exception):
    """What Asterisk would log as a syntax error, and take for nothing."""


def evaluate(text: str) -> str:
    """The value of an expression whose variables are filled in. Raises BadExpression."""
    return _Reader(text).whole()


def is_true(value: str) -> bool:
    """What a condition of GotoIf and IF takes for true."""
    return value not in ("", "0")


def _compare(left: str, right: str) -> int:
    if NUMBER.fullmatch(left) and NUMBER.fullmatch(right):
        return (float(left) > float(right)) - (float(left) < float(right))
    return (left > right) - (left < right)


def _match(left: str, right: str) -> str:
    found = re.search(right, left)
    return str(len(found[0])) if found else "0"


COMPARISONS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


class _Reader:
    """One pass from the loosest operator down."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", text):
            raise BadExpression(text)

    def whole(self) -> str:
        value = self._either()
        if self._tokens:
            raise BadExpression(self._text)
        return value

    def _next(self, *wanted: str) -> str | None:
        return self._tokens.pop(0) if self._tokens and self._tokens[0] in wanted else None

    def _either(self) -> str:
        value = self._both()
        while self._next("|"):
            other = self._both()
            value = value if is_true(value) else other if is_true(other) else "0"
        return value

    def _both(self) -> str:
        value = self._compared()
        while self._next("&"):
            other = self._compared()
            value = value if is_true(value) and is_true(other) else "0"
        return value

    def _compared(self) -> str:
        value = self._sum()
        while operator := self._next(*COMPARISONS):
            value = str(int(COMPARISONS[operator](_compare(value, self._sum()))))
        return value

    def _sum(self) -> str:
        value = self._negated()
        while operator := self._next("+", "-"):
            other = self._negated()
            try:
                value = str(int(value) + (int(other) if operator == "+" else -int(other)))
            except ValueError:
                raise BadExpression(self._text) from None
        return value

    def _negated(self) -> str:
        if self._next("!"):
            return str(int(not is_true(self._negated())))
        value = self._one()
        while self._next("=~"):
            value = _match(value, self._one())
        return value

    def _one(self) -> str:
        if self._next("("):
            value = self._either()
            if not self._next(")"):
                raise BadExpression(self._text)
            return value
        if not self._tokens or self._tokens[0] in "|&=<>+!)":
            raise BadExpression(self._text)
        return str(self._tokens.pop(0)).strip('"')
