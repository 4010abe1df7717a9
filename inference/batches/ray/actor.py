"""A worker that Ray runs: an actor on a machine of its cluster.

Ray knows it as a class like any other; nothing of Ray is needed here. The actor builds its own house out of the
settings, works as every worker does, and answers the driver's looks. Whatever it does counts by its leases alone, so
Ray may end it at any moment and start it again somewhere else.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from inference.batches.working.shard_run import Report
from inference.batches.working.worker import Worker
from inference.errors import TouchstoneError

NEWS_MAX = 50
"""Events that an actor keeps for the driver's next look; of more, the first are dropped."""

TROUBLE_PAUSE_S = 5.0
"""Before another try, where the worker could not be opened: no database, no blobs."""

OpenWorker = Callable[[Mapping[str, Any], Report], AbstractAsyncContextManager[Worker]]
"""Opens a worker and all that it needs, out of settings. Raises TouchstoneError."""


@dataclass(frozen=True, slots=True)
class Look:
    """What an actor says of itself. `holder` is the name it leases under; None while it is not at work."""

    holder: str | None
    news: Sequence[tuple[str, dict[str, Any]]]


class WorkerActor:
    """Made by Ray, in the loop of the actor's process; begins to work at once."""

    def __init__(self, open_worker: OpenWorker, settings: Mapping[str, Any]) -> None:
        self._open_worker = open_worker
        self._settings = settings
        self._news: deque[tuple[str, dict[str, Any]]] = deque(maxlen=NEWS_MAX)
        self._worker: Worker | None = None
        self._working = asyncio.get_running_loop().create_task(self._work())

    async def look(self) -> Look:
        """How it is, and what has happened since the last look. Raises what ended its work, if that has ended."""
        if self._working.done() and not self._working.cancelled():
            self._working.result()
        news = tuple(self._news)
        self._news.clear()
        return Look(self._worker.holder if self._worker else None, news)

    async def release(self, holders: Sequence[str]) -> bool:
        """Frees what dead workers had leased. Whether it could."""
        if self._worker is None:
            return False
        try:
            await self._worker.release(holders)
        except TouchstoneError:
            return False
        return True

    async def stop(self) -> None:
        """Keeps what was answered, gives back what it has leased, and closes everything."""
        self._working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._working

    async def _work(self) -> None:
        while True:
            try:
                async with self._open_worker(self._settings, self._tell) as worker:
                    self._worker = worker
                    await worker.run()
            except TouchstoneError as error:
                self._tell("worker_cannot_start", {"reason": error.message})
            finally:
                self._worker = None
            await asyncio.sleep(TROUBLE_PAUSE_S)

    def _tell(self, action: str, about: dict[str, Any]) -> None:
        self._news.append((action, about))
