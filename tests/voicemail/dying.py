"""A deliverer that kills itself (`python -m tests.voicemail.dying URL SPOOL KEPT STEP`).

Steps: before and after the copy, the conversion and the outbox, and after the commit.
"""

import asyncio
import sys
from pathlib import Path

from switchboard.db import Database
from tests.collecting import Dying
from tests.voicemail.conftest import HEAD, mailbox
from voicemail import deliver, writing
from voicemail.boxes import Boxes
from voicemail.calls import Calls
from voicemail.deliver import Deliverer
from voicemail.spool import Found, Spool

URL, SPOOL, KEPT, STEP = sys.argv[1:]
dying = Dying(int(STEP))


class DyingSpool(Spool):
    def copy(self, found: Found, target: Path) -> None:
        dying.step()
        super().copy(found, target)
        dying.step()


async def main() -> None:
    spool = DyingSpool(Path(SPOOL), lambda: 0.0)
    deliverer = Deliverer(spool, Calls(Path(SPOOL) / "cel"), Database(URL), Path(KEPT))
    deliverer.prepare()
    await deliverer.do_one(Boxes({"sales": mailbox()}, HEAD, "ru", 90))
    dying.step()


if __name__ == "__main__":
    dying.around_async(vars(writing), "encode")
    dying.around(vars(deliver), "put")
    asyncio.run(main())
