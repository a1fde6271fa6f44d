"""What the tests of both spools share: a clock that a test moves on, and a process that kills
itself at a step.
"""

import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any


@dataclass
class Clock:
    """The time of the spool's files, which a test moves on."""

    now: float = field(default_factory=time.time)
    asterisk_started: float = 0.0

    def __call__(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


class Dying:
    """Kills its own process when the step of a number, counted from 1, is reached."""

    def __init__(self, last: int) -> None:
        self._steps = count(1)
        self._last = last

    def step(self) -> None:
        if next(self._steps) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, names: dict[str, Any], name: str) -> None:
        """Make a step before a function of a module, and one after it."""
        function: Callable[..., Any] = names[name]

        def one(*arguments: Any) -> Any:
            self.step()
            result = function(*arguments)
            self.step()
            return result

        names[name] = one

    def around_async(self, names: dict[str, Any], name: str) -> None:
        """The same for a coroutine function."""
        function: Callable[..., Awaitable[Any]] = names[name]

        async def one(*arguments: Any) -> Any:
            self.step()
            result = await function(*arguments)
            self.step()
            return result

        names[name] = one
