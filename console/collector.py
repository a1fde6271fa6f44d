"""The collector of `run`: takes messages out of Asterisk's spool, and sees to them afterwards."""

import asyncio
import logging
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from center.boxes import boxes_of
from center.line import line_if_running, open_line
from center.state import State
from console.wiring import Wiring
from reports.records import read_start
from switchboard.db import Database
from switchboard.pbx.ami import AmiAway, AmiRefused, AmiTimeout
from switchboard.supervisor import Ready, Service
from voicemail.afterwards import Afterwards
from voicemail.calls import Calls
from voicemail.deliver import Deliverer
from voicemail.room import Room
from voicemail.spool import Spool

SWEEP_SECONDS = 0.5  # a sweep that finds nothing costs 20 ms for 500 boxes
TROUBLED_SECONDS = 5.0  # what could not be taken is copied and converted anew at each try
AFTERWARDS_SECONDS = 3.0
GUARD_SECONDS = 3.0

log = logging.getLogger(__name__)


def voicemail_service(wiring: Wiring) -> Service:
    """The sweep alone is relied on, so no event of Asterisk's can be missed."""

    async def serve(ready: Ready) -> None:
        ready()
        await wiring.migrated.wait()
        async with asyncio.TaskGroup() as group:
            group.create_task(_collect(wiring))
            group.create_task(_look_after(wiring))
            group.create_task(_guard(wiring))

    return Service("voicemail", serve)


async def _collect(wiring: Wiring) -> None:
    state = wiring.state
    calls = Calls(state.asterisk / "log" / "cel-custom" / "cel.csv")
    deliverer = Deliverer(spool_of(state), calls, wiring.database, kept(state), wiring.clock)
    deliverer.prepare()
    while True:
        center, went_well = await wiring.current.center(), False
        try:
            went_well = center is None or await deliverer.do_one(boxes_of(center, wiring.directory))
        except (SQLAlchemyError, OSError) as trouble:  # told by the watch over the database
            log.warning("messages wait in the spool: %s", trouble)
        wiring.seen["voicemail"] = deliverer.troubles
        await asyncio.sleep(SWEEP_SECONDS if went_well else TROUBLED_SECONDS)


async def _look_after(wiring: Wiring) -> None:
    afterwards = afterwards_of(wiring.state, wiring.database)
    while True:
        center = await wiring.current.center()
        try:
            while center is not None and await afterwards.do_some(
                boxes_of(center, wiring.directory)
            ):
                pass
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("messages that were sent are looked after later: %s", trouble)
        await asyncio.sleep(AFTERWARDS_SECONDS)


async def _guard(wiring: Wiring) -> None:
    """No recording begins while the disk is nearly full."""
    spool = wiring.state.asterisk / "spool"
    room = Room(spool / "voicemail", spool / "fax")
    while True:
        try:
            if room.look():
                async with open_line(wiring.state) as line:
                    await room.tell(line)
        except (OSError, AmiAway, AmiTimeout, AmiRefused) as trouble:
            log.warning("whether there is room for messages cannot be told: %s", trouble)
        wiring.seen["room"] = [room.trouble] if room.trouble else []
        await asyncio.sleep(GUARD_SECONDS)


def afterwards_of(state: State, database: Database) -> Afterwards:
    """What follows the letters, for `run` and for the command that deletes a message."""
    line = partial(line_if_running, state)
    return Afterwards(spool_of(state), database, kept(state), line)


def kept(state: State) -> Path:
    """Where the originals are kept, by the ids of their messages."""
    return state.root / "voicemail"


def spool_of(state: State) -> Spool:
    root = state.asterisk / "spool" / "voicemail" / "center"
    return Spool(root, partial(last_start, state))


def last_start(state: State) -> float:
    """When Asterisk was started last, in seconds since 1970; 0 where nobody noted it."""
    try:
        *_, last = (state.asterisk / "log" / "starts.csv").read_bytes().splitlines()
    except (OSError, ValueError):
        return 0.0
    return read_start(last) or 0.0
