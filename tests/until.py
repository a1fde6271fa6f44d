"""Waiting, with a limit, for something that tells nobody when it happens."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], within_seconds: float = 15) -> None:
    """Return once `holds()` is true; asked every 20 ms."""
    for _ in range(int(within_seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"did not happen within {within_seconds} s")
