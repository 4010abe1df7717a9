"""Works off one shard: asks its requests, a few at a time, and writes what comes of them."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from inference.batches.answerer import Answerer
from inference.batches.batch import Ending
from inference.batches.fair_slots import FairSlots
from inference.batches.leases import Leases
from inference.batches.line import EXPIRED, Line, LineAnswer
from inference.batches.result_writer import SEGMENT_AGE_MAX_S, ResultWriter
from inference.batches.retry import Tries, wait_s
from inference.batches.shard import ShardLease
from inference.batches.shard_input import line_of, open_lines
from inference.blobs.blobs import Blobs


@dataclass(frozen=True, slots=True)
class Tools:
    """What every shard of a worker is worked off with."""

    answerer: Answerer
    leases: Leases
    blobs: Blobs
    slots: FairSlots
    lines_abreast: int
    """Requests of one shard that are asked at a time at the most."""
    clock: Callable[[], float]
    """Seconds, on a clock that only goes forward."""
    chance: random.Random = field(default_factory=random.Random)


class ShardRun:
    """One shard under one lease. `ending` may be set while it runs: then no further request is asked."""

    def __init__(self, tools: Tools, lease: ShardLease) -> None:
        self.lease = lease
        self.ending: Ending | None = lease.batch.ending
        self._stopping = asyncio.Event()
        self._tools = tools
        self._writer = ResultWriter(tools.leases, tools.blobs, lease)

    def end(self, ending: Ending) -> None:
        """The batch ends: what is being asked may be finished, nothing else is begun."""
        self.ending = ending
        self._stopping.set()

    async def run(self) -> None:
        """Runs to the end of the shard. Cancelled, it gives up what is being asked; `save` keeps what was answered.

        Raises LeaseLost, BlobsUnavailable and StoreUnavailable.
        """
        lines = await open_lines(self._tools.blobs, self.lease)
        if self.ending is None:
            left = iter(lines)
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._write_now_and_then())
                asking = [group.create_task(self._ask(left)) for _ in range(min(self._tools.lines_abreast, len(lines)))]
                await asyncio.wait(asking) if asking else None
                writing.cancel()
        if self.ending is Ending.EXPIRED:
            await self._expire(lines)
        await self._writer.finish()

    async def save(self) -> None:
        """Writes what was answered and gives the shard back, for others or for later. Raises as `run` does."""
        await self._writer.write()
        await self._tools.leases.give_back(self.lease)

    async def _ask(self, left: Iterator[tuple[int, bytes]]) -> None:
        for position, text in left:
            if self.ending is not None:
                return
            line = line_of(self.lease, position, text)
            answer = await self._answer(line)
            if answer is None:
                return
            self._writer.add(position, line, answer)
            if self._writer.is_due:
                await self._writer.write()

    async def _answer(self, line: Line) -> LineAnswer | None:
        """The answer after as many tries as make sense; None if the batch ends before there is one."""
        tools, batch = self._tools, self.lease.batch
        tries = Tries(tools.clock())
        while True:
            await tools.slots.take(batch.owner, batch.id, batch.priority)
            try:
                if self.ending is not None:
                    return None
                answer = await tools.answerer.answer(batch, line)
            finally:
                tools.slots.give_back()
            pause = wait_s(tries, answer, tools.clock(), tools.chance)
            if pause is None:
                return answer
            try:
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            except TimeoutError:
                continue
            return None

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(SEGMENT_AGE_MAX_S)
            if not self._writer.is_empty:
                await self._writer.write()

    async def _expire(self, lines: Sequence[tuple[int, bytes]]) -> None:
        await self._writer.write()
        for position, text in lines:
            if position not in self.lease.done:
                self._writer.add(position, line_of(self.lease, position, text), EXPIRED)
                if self._writer.is_due:
                    await self._writer.write()
