"""The service of `run` that follows what Asterisk writes, and lets go of what is too old."""

import asyncio
import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from console.accounts import clockwork_of
from console.wiring import Wiring
from reports.follow import Follower
from reports.keep import let_go
from reports.store import EVER, Span
from reports.summary import keep_some
from switchboard.db import trouble_with
from switchboard.pbx.installation import NODE
from switchboard.supervisor import Ready, Service
from switchboard.watch import Trouble

PAUSE_SECONDS = 1.0  # between two looks: at each, a call with new records is folded anew
AGAIN_SECONDS = 5.0  # after the database was away, or a file could not be read
KEEP_SECONDS = 60.0  # between two looks at what days are to be counted
DAY = 86_400_000  # milliseconds

log = logging.getLogger(__name__)


def records_service(wiring: Wiring) -> Service:
    """Takes in what Asterisk writes, seconds later (reports catch up by themselves); waits where
    it cannot."""

    async def serve(ready: Ready) -> None:
        ready()  # calls do not wait for it
        await wiring.migrated.wait()
        follower = Follower(wiring.database, wiring.state.asterisk / "log", NODE)
        keep_at = 0.0
        while True:
            try:
                await follower.catch_up()
                wiring.seen["records"] = _troubles(follower)
                if time.monotonic() >= keep_at and await _kept(wiring):
                    keep_at = time.monotonic() + KEEP_SECONDS
                await asyncio.sleep(PAUSE_SECONDS)
            except SQLAlchemyError as trouble:  # told by the watch over the database
                log.warning("records are not taken in: %s", trouble_with(trouble))
                await asyncio.sleep(AGAIN_SECONDS)
            except OSError as trouble:
                wiring.seen["records"] = [_unreadable(trouble)]
                await asyncio.sleep(AGAIN_SECONDS)

    return Service("records", serve)


async def _kept(wiring: Wiring) -> bool:
    """Count some of the days that are over, so that no report has to, and let some of the raw
    records go whose time is over; whether nothing is left to do."""
    center = await wiring.current.center()
    if center is None:
        return True
    now = clockwork_of(center)
    before = now.now - center.ground.keep.raw_days * DAY
    are_gone = await wiring.database.work(let_go, before)
    return await wiring.database.work(keep_some, now, Span(0, EVER)) and are_gone


def _troubles(follower: Follower) -> list[Trouble]:
    damaged = [_damaged(name, count) for name, count in follower.damaged.items()]
    return [_cut_short(name) for name in follower.cut_short] + damaged


def _damaged(name: str, count: int) -> Trouble:
    return Trouble(
        f"records:damaged {name}",
        f"{name} has damaged records, {count} since `run` was started: they are kept, not counted",
        "see whether something else writes to it, and whether the disk is well; `log/` names the"
        " places; the next start of `run` forgets it",
    )


def _cut_short(name: str) -> Trouble:
    return Trouble(
        f"records:{name}",
        f"{name} was cut short after it was read: calls written since may be missing in reports",
        "let log files be renamed, or copied and emptied whole; put the rest beside it as "
        f"{name}.1 and it is counted",
    )


def _unreadable(trouble: OSError) -> Trouble:
    words = f"what Asterisk writes cannot be read: {trouble.filename}: {trouble.strerror}"
    return Trouble("records", words, "let the user of `run` read it; nothing is lost meanwhile")
