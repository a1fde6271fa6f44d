"""Faxes that are being taken, each in a task of its own: a slow one holds up no other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from fax2pdf.spool import Found, Gone
from switchboard.errors import SwitchboardError
from switchboard.letterhead import plain

Take = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """What stood in the way of a fax on a line, the last time it was tried."""

    line: str
    words: str
    at: float  # by the loop's clock


class InHand:
    """By the ids of faxes: what is being taken, and what could not be."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, Failure] = {}

    @property
    def failures(self) -> Collection[Failure]:
        return self._failures.values()

    def is_due(self, fax_id: str, again_seconds: float) -> bool:
        """Whether it is time to take it, for the first time or again."""
        if fax_id in self._tasks:
            return False
        failed = self._failures.get(fax_id)
        return failed is None or _now() >= failed.at + again_seconds

    def forget(self, seen: Collection[str]) -> None:
        """What lies in the spool no more stands in nobody's way."""
        self._failures = {one: why for one, why in self._failures.items() if one in seen}

    def begin(self, found: Found, take: Take) -> None:
        """Take a fax beside the others."""
        self._tasks[found.id] = asyncio.create_task(self._try(found, take))

    async def settle(self) -> None:
        """Wait until nothing is in hand; when cancelled, all of it is given up first."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def give_up(self) -> None:
        """Leave what is in hand to the next process."""
        for task in self._tasks.values():
            task.cancel()
        await self.settle()

    async def _try(self, found: Found, take: Take) -> None:
        words = ""
        try:
            await take()
        except Gone:
            pass  # the next sweep sees what is there
        except (SwitchboardError, SQLAlchemyError, OSError) as trouble:
            words = plain(str(trouble))
        except Exception as trouble:  # one strange fax must not hold up the others
            log.exception("fax %s", found.name)
            words = plain(f"{type(trouble).__name__}: {trouble}")
        finally:
            self._tasks.pop(found.id)
            self._failures.pop(found.id, None)
        if words:
            self._failures[found.id] = Failure(found.line, words, _now())


def _now() -> float:
    return asyncio.get_running_loop().time()
