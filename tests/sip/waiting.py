"""Waiting, with a limit, for what somebody else does."""

import asyncio
from collections.abc import Callable


class NotInTime(AssertionError):
    """What a test waited for did not happen; the message says what did."""


class News:
    """Told whenever something has changed, and waited on until it is what one wants."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def arrived(self) -> None:
        self._changed.set()

    async def until(self, holds: Callable[[], bool], within: float) -> bool:
        """Whether `holds()` became true within so many seconds."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True
