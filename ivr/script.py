"""A scripted caller: keys with pauses, read against a menu as Asterisk's ReadExten reads them."""

from collections import deque
from collections.abc import Collection, Sequence

from ivr.dialogue import Answer, Entry
from switchboard.errors import SwitchboardError

PAUSE, SILENCE, DONE = ",", "_", "#"
KEYS = frozenset("0123456789*#,_")


class BadScript(SwitchboardError):
    """Keys are digits, `*`, `#`, a comma for a pause, and `_` for silence."""


class Script:
    """What the caller will press, consumed question by question; afterwards he is silent."""

    def __init__(self, keys: str) -> None:
        wrong = set(keys) - KEYS
        if wrong:
            raise BadScript(f"keys are digits, * # , and _; not {' '.join(sorted(wrong))}")
        self._keys = deque(keys)

    def answer(self, known: Collection[str], heard: Sequence[str] = ()) -> tuple[Answer, str]:
        """The answer to one question whose keys are `known`, and what was pressed for it."""
        while self._keys and self._keys[0] == PAUSE:
            self._keys.popleft()
        if not self._keys or self._keys[0] == SILENCE:
            if self._keys:
                self._keys.popleft()
            return Answer(Entry.SILENCE), ""
        typed = self._typed(known)
        if typed in known:
            return Answer(Entry.KEY, typed), typed
        return Answer(Entry.WRONG), typed

    def _typed(self, known: Collection[str]) -> str:
        """Digits until no longer entry is possible, the caller pauses, or `#` ends the entry."""
        typed = ""
        while self._keys and self._keys[0] not in (PAUSE, SILENCE):
            key = self._keys.popleft()
            if key == DONE:
                break
            typed += key
            if not any(one != typed and one.startswith(typed) for one in known):
                break
        return typed
