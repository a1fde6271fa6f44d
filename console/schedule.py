"""The clerk of `run`: makes the scheduled reports and puts their letters into the outbox."""

import asyncio
import logging
from datetime import datetime
from io import BytesIO
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from center.load import Center
from center.state import State
from console.accounts import Request, report_in
from console.letters import DatabaseAway
from console.show_reports import Format, write_to
from console.wiring import Wiring
from reports.letter import Address, Enclosed, report_letter
from reports.paper.sheet import sheet_of
from reports.report import Report
from reports.runs import ReportRun, forget_others, last_due
from reports.schedule import dates_of, missed
from reports.section import ScheduledReport
from switchboard.clock import Clock
from switchboard.db import Database
from switchboard.errors import SwitchboardError
from switchboard.outbox import Letter, enqueue
from switchboard.paper.house import House
from switchboard.supervisor import Ready, Service
from switchboard.watch import Trouble

LOOK_SECONDS = 5.0
AGAIN_SECONDS = 30.0  # after one that could not be made

log = logging.getLogger(__name__)


class NoSuchReport(SwitchboardError):
    """No report of this name is scheduled."""


class NobodyToTell(SwitchboardError):
    """There is no mail server, or nobody to send the report to."""


class Clerk:
    """`directory` is the working center, where its logo lies."""

    def __init__(self, state: State, directory: Path, database: Database, clock: Clock) -> None:
        self._state, self._directory = state, directory
        self._database, self._clock = database, clock

    async def do_one(self, center: Center) -> bool:
        """Send the report that has been due for longest; whether there was one.

        Raises SQLAlchemyError, DatabaseAway, OSError: then it is due still.
        """
        now = self._clock()
        due = await self._most_overdue(center, now)
        if due is None:
            return False
        at, name = due
        await self.send(center, name, at, is_asked=False)
        return True

    async def send(self, center: Center, name: str, at: datetime, *, is_asked: bool) -> str:
        """Make a report as of a moment, and put its letter into the outbox; its Message-ID.

        Raises NoSuchReport, NobodyToTell, and as `do_one`.
        """
        wanted = scheduled(center).get(name)
        if wanted is None:
            raise NoSuchReport(f"no report {name} is scheduled; see `switchboard reports list`")
        letter = await self._letter(center, name, wanted, at, is_asked)
        run = ReportRun(name=name, due_at=at, is_asked=is_asked, message_id=letter.message_id)
        async with self._database.begin() as session:
            session.add(run)
            await session.flush()  # a second one of this moment ends here
            await enqueue(session, letter, self._clock())
        return letter.message_id

    async def _most_overdue(self, center: Center, now: datetime) -> tuple[datetime, str] | None:
        """Schedules that were not seen before begin now."""
        wanted = {name: one for name, one in scheduled(center).items() if one.email}
        if center.ground.mail is None:
            wanted = {}
        async with self._database.begin() as session:
            await forget_others(session, wanted)
            found = []
            for name, one in wanted.items():
                last = await last_due(session, name)
                if last is None:
                    session.add(ReportRun(name=name, due_at=now))
                elif (due := missed(one, last, now, center.ground.zone)) is not None:
                    found.append((due, name))
        return min(found, default=None)

    async def _letter(
        self, center: Center, name: str, wanted: ScheduledReport, at: datetime, is_asked: bool
    ) -> Letter:
        if center.ground.mail is None or not wanted.email:
            raise NobodyToTell(f"the report {name} goes to nobody, or there is no `mail:`")
        begin, end = dates_of(wanted.period, at, center.ground.zone)
        asked = Request(wanted.report, begin, end, compare=wanted.compare, is_drawn=True)
        made: list[Enclosed] = []

        def use(report: Report, _: int, house: House) -> None:
            made.append(enclosed(report, wanted.format, house))

        await report_in(center, self._state, asked, use, self._directory)
        thing = f"report-{name}-{at:%Y%m%dT%H%M%S}" + ("-asked" if is_asked else "")
        to = tuple(map(str, wanted.email))
        address = Address(str(center.ground.mail.sender), to, thing)
        written_at = self._clock().astimezone(center.ground.zone)
        return await asyncio.to_thread(report_letter, made[0], address, written_at)


def scheduled(center: Center) -> dict[str, ScheduledReport]:
    """The scheduled reports by name."""
    return {str(name): one for name, one in center.reports.reports.items()}


def enclosed(report: Report, form: Format, house: House) -> Enclosed:
    """A report as a file in memory."""
    out = BytesIO()
    write_to(report, form, out, house)
    return Enclosed(sheet_of(report, house), form, out.getvalue())


def reports_service(wiring: Wiring) -> Service:
    """Looks every few seconds whether a report is due; calls never wait for it."""

    async def serve(ready: Ready) -> None:
        ready()
        await wiring.migrated.wait()
        clerk = Clerk(wiring.state, wiring.directory, wiring.database, wiring.clock)
        while True:
            center = await wiring.current.center()
            try:
                while center is not None and await clerk.do_one(center):
                    pass
                wiring.seen["reports"] = []
                await asyncio.sleep(LOOK_SECONDS)
            except (SQLAlchemyError, DatabaseAway, OSError) as trouble:
                log.warning("a report is made later: %s", trouble)
                wiring.seen["reports"] = [_not_made(trouble)]
                await asyncio.sleep(AGAIN_SECONDS)

    return Service("reports", serve)


def _not_made(trouble: Exception) -> Trouble:
    words = f"a scheduled report cannot be made: {' '.join(str(trouble).split())}"
    return Trouble(
        "reports", words, "see `switchboard reports list`; it is sent once it can be made"
    )
