"""A deliverer that kills itself (`python -m tests.fax2pdf.dying URL SPOOL KEPT STEP`).

Steps: before and after the copy, the PDF and the outbox, and after the commit.
"""

import asyncio
import sys
from pathlib import Path

from fax2pdf import deliver
from fax2pdf.deliver import Deliverer
from fax2pdf.spool import Found, Spool
from switchboard.db import Database
from tests.collecting import Dying
from tests.fax2pdf.conftest import lines

URL, SPOOL, KEPT, STEP = sys.argv[1:]
dying = Dying(int(STEP))


class DyingSpool(Spool):
    def copy(self, found: Found, target: Path) -> None:
        dying.step()
        super().copy(found, target)
        dying.step()


async def main() -> None:
    deliverer = Deliverer(DyingSpool(Path(SPOOL), lambda: 0.0), Database(URL), Path(KEPT))
    deliverer.prepare()
    await deliverer.do_one(lines())
    dying.step()


if __name__ == "__main__":
    dying.around_async(vars(deliver), "make")
    dying.around_async(vars(deliver), "enqueue")
    asyncio.run(main())
