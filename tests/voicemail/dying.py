"""A deliverer that kills itself (`python -m tests.voicemail.dying URL SPOOL KEPT STEP`).

Steps: before and after the copy, the conversion and the outbox, and after the commit.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

from switchboard.db import Database
from tests.voicemail.conftest import HEAD, mailbox
from voicemail import deliver, writing
from voicemail.boxes import Boxes
from voicemail.calls import Calls
from voicemail.deliver import Deliverer
from voicemail.spool import Found, Spool

URL, SPOOL, KEPT, STEP = sys.argv[1:]
steps = count(1)


def step() -> None:
    if next(steps) == int(STEP):
        os.kill(os.getpid(), signal.SIGKILL)


class Dying(Spool):
    def copy(self, found: Found, target: Path) -> None:
        step()
        super().copy(found, target)
        step()


def dying(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def one(*arguments: Any) -> Any:
        step()
        result = await function(*arguments)
        step()
        return result

    return one


def dying_at_once(function: Callable[..., Any]) -> Callable[..., Any]:
    def one(*arguments: Any) -> Any:
        step()
        result = function(*arguments)
        step()
        return result

    return one


async def main() -> None:
    deliverer = Deliverer(
        Dying(Path(SPOOL), lambda: 0.0), Calls(Path(SPOOL) / "cel"), Database(URL), Path(KEPT)
    )
    deliverer.prepare()
    await deliverer.do_one(Boxes({"sales": mailbox()}, HEAD, "ru", 90))
    step()


if __name__ == "__main__":
    vars(writing)["encode"] = dying(vars(writing)["encode"])
    vars(deliver)["put"] = dying_at_once(vars(deliver)["put"])
    asyncio.run(main())
