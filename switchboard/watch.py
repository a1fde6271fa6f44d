"""Watches become alarms: what one of them sees stands until it was not seen for a while.

An alarm is raised when its trouble was there for `patience`, and cleared when it was away for
`SETTLE`, so that what comes and goes writes no letters.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from switchboard.alarms import clear_alarm, list_alarms, raise_alarm
from switchboard.clock import Clock
from switchboard.db import Database, trouble_with

SETTLE = timedelta(seconds=30)
MAIL_FAILS = ("database", "mail", "letters")  # alarms that a letter may not be able to tell

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong now. `key` is the watch's name, with `:DETAIL` where it has many."""

    key: str
    words: str
    how_to_mend: str
    patience: timedelta = timedelta(0)


def database_trouble(words: str) -> Trouble:
    """Told fresh by `switchboard alarms`, and by a letter once the database is back."""
    mend = "see that its disk has room and can be written; letters wait, and nothing is lost"
    return Trouble("database", words, mend)


# what is wrong now; None while that cannot be said, which raises and clears nothing
Watch = Callable[[], Awaitable[list[Trouble] | None]]


class Watcher:
    """`say` is told each alarm in one line when it is raised or cleared."""

    def __init__(
        self,
        database: Database,
        watches: Mapping[str, Watch],
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._database = database
        self._watches = watches
        self._clock = clock
        self._say = say
        self._seen_since: dict[str, datetime] = {}
        self._gone_since: dict[str, datetime] = {}
        self._database_trouble: str | None = None

    async def look(self) -> str:
        """Look once, and bring the alarms to what was seen; what keeps letters from arriving."""
        now = self._clock()
        seen, looked = await self._seen()
        if self._database_trouble is not None:
            seen["database"] = database_trouble(self._database_trouble)
        due = self._due(seen, now)
        try:
            async with self._database.begin() as session:
                said = await self._reconcile(session, due, seen, looked | {"database"}, now)
                standing = {alarm.key: alarm.what for alarm in await list_alarms(session)}
        except (SQLAlchemyError, OSError) as trouble:
            if self._database_trouble is None:
                self._say(trouble_with(trouble))
            self._database_trouble = trouble_with(trouble)
            return self._database_trouble
        self._database_trouble = None
        for line in said:
            self._say(line)
        return next((standing[key] for key in MAIL_FAILS if key in standing), "")

    async def _seen(self) -> tuple[dict[str, Trouble], set[str]]:
        """Every trouble by its key, and the names of the watches that could be asked."""
        seen: dict[str, Trouble] = {}
        looked: set[str] = set()
        for name, watch in self._watches.items():
            try:
                troubles = await watch()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("the watch %s failed: %s", name, trouble)
                continue
            if troubles is not None:
                looked.add(name)
                seen |= {trouble.key: trouble for trouble in troubles}
        return seen, looked

    def _due(self, seen: Mapping[str, Trouble], now: datetime) -> list[Trouble]:
        self._seen_since = {key: self._seen_since.get(key, now) for key in seen}
        return [
            trouble
            for key, trouble in seen.items()
            if now - self._seen_since[key] >= trouble.patience
        ]

    async def _reconcile(
        self,
        session: AsyncSession,
        due: list[Trouble],
        seen: Mapping[str, Trouble],
        looked: set[str],
        now: datetime,
    ) -> list[str]:
        """Raise what is due, clear what is gone for long enough; a line for each."""
        said = []
        for trouble in due:
            if await raise_alarm(session, trouble.key, trouble.words, trouble.how_to_mend, now):
                said.append(f"alarm: {trouble.words}; {trouble.how_to_mend}")
        gone = {
            alarm.key: alarm
            for alarm in await list_alarms(session)
            if alarm.key.partition(":")[0] in looked and alarm.key not in seen
        }
        self._gone_since = {key: self._gone_since.get(key, now) for key in gone}
        for key, alarm in gone.items():
            if now - self._gone_since[key] >= SETTLE:
                await clear_alarm(session, key, now)
                said.append(f"over: {alarm.what}")
        return said
