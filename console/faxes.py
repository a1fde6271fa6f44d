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
from fax2pdf.spool import Spool
from switchboard.clock import Clock, utc_now
from switchboard.db import Database
from switchboard.supervisor import Ready, Service

SWEEP_SECONDS = 0.5
TROUBLED_SECONDS = 5.0  # what could not be taken is copied and converted anew at each try
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
        finally:
            deliverer.close()

    return Service("fax", serve)


async def _collect(deliverer: Deliverer, wiring: Wiring) -> None:
    while True:
        center, went_well = await wiring.current.center(), False
        try:
            went_well = center is None or await deliverer.do_one(lines_of(center, wiring.directory))
        except (SQLAlchemyError, OSError) as trouble:  # told by the watch over the database
            log.warning("faxes wait in the spool: %s", trouble)
        wiring.seen["fax"] = deliverer.troubles
        await asyncio.sleep(SWEEP_SECONDS if went_well else TROUBLED_SECONDS)


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
