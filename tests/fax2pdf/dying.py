"""A deliverer that kills itself (`python -m tests.fax2pdf.dying URL SPOOL KEPT STEP`).

Steps: before and after the copy, the PDF and the outbox, and after the commit.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

from fax2pdf import deliver
from fax2pdf.deliver import Deliverer
from fax2pdf.spool import Found, Spool
from switchboard.db import Database
from tests.fax2pdf.conftest import lines

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


async def main() -> None:
    deliverer = Deliverer(Dying(Path(SPOOL), lambda: 0.0), Database(URL), Path(KEPT))
    deliverer.prepare()
    await deliverer.do_one(lines())
    step()


if __name__ == "__main__":
    names = vars(deliver)
    names["make"] = dying(names["make"])
    names["enqueue"] = dying(names["enqueue"])
    asyncio.run(main())
