"""The fax collector of `run`: takes faxes out of Asterisk's spool, and empties it afterwards."""

import asyncio
import logging
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from center.lines import lines_of
from center.state import State
from console.collector import last_start
from console.wiring import Wiring
from fax2pdf.deliver import Deliverer
from fax2pdf.searchable import searchable_troubles
from fax2pdf.spool import Spool
from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.supervisor import Ready, Service

SWEEP_SECONDS = 0.25
AGAIN_SECONDS = 5.0  # what could not be taken is copied and converted anew at each try
WATCH_SECONDS = 20.0
TIDY_SECONDS = 3.0

log = logging.getLogger(__name__)


def fax_service(wiring: Wiring) -> Service:
    """The sweep alone is relied on, so no event of Asterisk's can be missed."""

    async def serve(ready: Ready) -> None:
        ready()
        await wiring.migrated.wait()
        deliverer = deliverer_of(wiring.state, wiring.database, wiring.clock)
        deliverer.prepare()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_collect(deliverer, wiring))
                group.create_task(_tidy(deliverer, wiring))
                group.create_task(_watch(wiring))
        finally:
            await deliverer.close()

    return Service("fax", serve)


async def _collect(deliverer: Deliverer, wiring: Wiring) -> None:
    while True:
        center, pause = await wiring.current.center(), SWEEP_SECONDS
        try:
            if center is not None:
                await deliverer.sweep(lines_of(center, wiring.directory), AGAIN_SECONDS)
        except (SQLAlchemyError, OSError) as trouble:  # told by the watch over the database
            log.warning("faxes wait in the spool: %s", trouble)
            pause = AGAIN_SECONDS
        wiring.seen["fax"] = deliverer.troubles
        await asyncio.sleep(pause)


async def _watch(wiring: Wiring) -> None:
    """Whether text can be recognised here, where a line wants it."""
    while True:
        center = await wiring.current.center()
        wanted = lines_of(center, wiring.directory).searched if center else ()
        troubles = await asyncio.to_thread(searchable_troubles, wanted) if wanted else []
        wiring.seen["searchable"] = troubles
        await asyncio.sleep(WATCH_SECONDS)


async def _tidy(deliverer: Deliverer, wiring: Wiring) -> None:
    while True:
        center = await wiring.current.center()
        try:
            while center is not None and await deliverer.tidy(center.ground.keep.fax_days):
                pass
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("faxes that were sent are tidied up later: %s", trouble)
        await asyncio.sleep(TIDY_SECONDS)


def deliverer_of(state: State, database: Database, clock: Clock = utc_now) -> Deliverer:
    """For `run`, and for the commands that make a PDF or a letter anew."""
    spool = Spool(state.asterisk / "spool" / "fax", lambda: last_start(state))
    return Deliverer(spool, database, kept(state), clock)


def kept(state: State) -> Path:
    """Where the originals are kept, by the ids of their faxes."""
    return state.root / "fax"
