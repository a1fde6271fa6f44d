"""Small transactions of many callers, committed together: one wait for the disk instead of many."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

MOST = 32  # tasks in one transaction

Task = Callable[[Session], Any]


class Together:
    """Tasks that come while others are being committed wait for the next commit, in their order."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "together")
        self._waiting: list[tuple[Task, asyncio.Future[Any]]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, task: Task) -> Any:
        """What the task returned, once it is on the disk. Raises what it raised, or the commit."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((task, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await done

    def close(self) -> None:
        """Take no more; what is being done comes to its end."""
        self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            tasks = [task for task, _ in some]
            try:
                results = await loop.run_in_executor(self._thread, self._all_or_each, tasks)
            except RuntimeError as closed:  # nobody may wait for ever
                results = [closed] * len(tasks)
            for (_, done), result in zip(some, results, strict=True):
                if done.cancelled():
                    continue
                if isinstance(result, Exception):
                    done.set_exception(result)
                else:
                    done.set_result(result)

    def _all_or_each(self, tasks: list[Task]) -> list[Any]:
        """Result or error of each; where one fails, it must not undo what the others did."""
        try:
            return self._transaction(tasks)
        except Exception as failed:
            if len(tasks) == 1:
                return [failed]
            return [result for task in tasks for result in self._all_or_each([task])]

    def _transaction(self, tasks: list[Task]) -> list[Any]:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            return [task(session) for task in tasks]
