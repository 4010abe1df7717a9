"""What keys use, gathered here and written to the store in batches."""

import asyncio
import contextlib
import datetime
import time
from collections.abc import AsyncIterator, Callable

from inference.batches.batch import NO_TOKENS, LineTokens
from inference.errors import StoreUnavailable
from inference.usage.usage_records import UsageKey, UsageRecords, Used

WRITTEN_EVERY_S = 1.0
"""Between two writes, where there is something to write."""


class UsageMeter:
    """Counts for all keys. What is not written yet is never lost but by a kill."""

    def __init__(self, records: UsageRecords, clock: Callable[[], float] = time.time) -> None:
        """Does no I/O."""
        self._records = records
        self._clock = clock
        self._gathered: dict[UsageKey, Used] = {}
        self._writing = asyncio.Lock()

    def add(self, key_id: str, model: str, *, requests: int = 0, tokens: LineTokens = NO_TOKENS) -> None:
        """Counts for a key and a model, today."""
        key = UsageKey(key_id, self._today(), model)
        self._gathered[key] = self._gathered.get(key, Used()) + Used(requests, tokens.input, tokens.output)

    async def write(self) -> None:
        """Writes what was gathered. Raises StoreUnavailable: then it is kept, and written later."""
        async with self._writing:
            gathered, self._gathered = self._gathered, {}
            if not gathered:
                return
            try:
                await self._records.add(gathered)
            except BaseException:
                for key, used in gathered.items():
                    self._gathered[key] = self._gathered.get(key, Used()) + used
                raise

    def _today(self) -> str:
        return datetime.datetime.fromtimestamp(self._clock(), datetime.UTC).date().isoformat()


@contextlib.asynccontextmanager
async def writing_usage(meter: UsageMeter) -> AsyncIterator[None]:
    """Writes now and then beside what is inside, and once more at the end."""
    task = asyncio.create_task(_write_now_and_then(meter))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        with contextlib.suppress(StoreUnavailable):
            await meter.write()


async def _write_now_and_then(meter: UsageMeter) -> None:
    while True:
        await asyncio.sleep(WRITTEN_EVERY_S)
        with contextlib.suppress(StoreUnavailable):
            await meter.write()
