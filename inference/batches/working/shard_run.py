"""Works off one shard: asks its requests, a few at a time, and writes what comes of them.

Where the store or the blobs cannot be used, what was answered is held, nothing more is asked, and writing is tried
again until it succeeds. So a full disk costs time, and nothing else.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from inference.batches.answerer import Answerer
from inference.batches.batch import Batch, Ending
from inference.batches.input.shard_input import ShardInput, line_of, open_input, unreadable
from inference.batches.line import EXPIRED, Again, Line, LineAnswer, LineError
from inference.batches.shard import ShardLease
from inference.batches.working.fair_slots import FairSlots
from inference.batches.working.leases import Leases
from inference.batches.working.result_writer import SEGMENT_AGE_MAX_S, ResultWriter
from inference.batches.working.retry import Tries, wait_s
from inference.blobs.blobs import Blobs
from inference.errors import BlobMissing, StorageError
from inference.spans import Fact, Watched

ENDING_GRACE_S = 10.0
"""That requests under way get to be answered when their batch is cancelled or has expired."""

TROUBLE_PAUSE_S = 2.0
"""Before another try, after the database or the blobs could not be used."""

READ_TRIES_MAX = 3
"""Of what is not where it should be, before it counts as gone."""

Report = Callable[[str, dict[str, Any]], None]
"""Where a worker tells what happens: an action, and what belongs to it. `error`, if it is there, is an exception that
nobody expected, to be shown with its traceback."""

BROKEN = LineAnswer(
    error=LineError("internal_error", "Something went wrong inside the server; its log has the details."),
    again=Again.SOON,
)

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Tools:
    """What every shard of a worker is worked off with."""

    answerer: Answerer
    leases: Leases
    blobs: Blobs
    slots: Callable[[Batch, Line], FairSlots]
    """Those that a line takes its place of."""
    lines_abreast: int
    """Requests of one shard that are asked at a time at the most."""
    clock: Callable[[], float]
    """Seconds, on a clock that only goes forward."""
    watched: Callable[[Mapping[str, Fact]], Watched] | None = None
    """Who watches a shard, of which it is told what it is; nobody if None."""
    chance: random.Random = field(default_factory=random.Random)


class ShardRun:
    """One shard under one lease, until it is finished, or `leave` is called, or its batch ends."""

    def __init__(self, tools: Tools, lease: ShardLease, report: Report) -> None:
        self.lease = lease
        self.is_leaving = False
        self._ending: Ending | None = None
        self._ended = asyncio.Event()
        """Set when the batch ends: what is being asked gets a bounded time from then on."""
        self._stopping = asyncio.Event()
        """Set when nothing more is to be begun."""
        if lease.batch.ending is not None:
            self.end(lease.batch.ending)
        self._tools = tools
        self._report = report
        self._writer = ResultWriter(tools.leases, tools.blobs, lease)
        self._to_write = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._all_asked = False

    def end(self, ending: Ending) -> None:
        """The batch ends: what is being asked gets ENDING_GRACE_S, nothing else is begun."""
        self._ending = self._ending or ending
        self._ended.set()
        self._stopping.set()

    def leave(self) -> None:
        """Somebody else is to have this one's place: what is being asked is finished, and the shard given back."""
        self.is_leaving = True
        self._stopping.set()

    async def run(self) -> None:
        """Runs until the shard is finished or given back. Cancelled, it gives up what is being asked; `save` keeps what
        was answered.

        Raises LeaseLost, InputUnusable, or whatever nobody expected, such as BlobMissing for results that are gone, as
        they are or in ExceptionGroups.
        """
        lines = await self._open()
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(self._write_along())
            asking = group.create_task(self._ask_all(lines))
            ended = group.create_task(self._ended.wait())
            await asyncio.wait({asking, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                await asyncio.wait({asking}, timeout=ENDING_GRACE_S)
            asking.cancel()
            ended.cancel()
            await asyncio.wait({asking})  # an answer that came meanwhile is written, and is told nothing else after
            self._all_asked = True
            self._to_write.set()
            await asyncio.wait({writing})
        if self._ending is Ending.EXPIRED:
            await self._expire(lines)
        if self.is_leaving and self._ending is None:
            await self._patiently(lambda: self._tools.leases.give_back(self.lease))
        else:
            await self._patiently(self._writer.finish)

    async def save(self) -> None:
        """Writes what was answered and gives the shard back, for others or for later. Raises StorageError and
        LeaseLost."""
        await self._writer.write()
        await self._tools.leases.give_back(self.lease)

    async def _open(self) -> ShardInput:
        try:
            return await self._patiently(lambda: open_input(self._tools.blobs, self.lease))
        except BlobMissing as error:
            raise unreadable(error.message) from error

    async def _ask_all(self, lines: ShardInput) -> None:
        left = lines.left(self.lease.done)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._tools.lines_abreast, self.lease.shard.lines)):
                group.create_task(self._ask(left))

    async def _ask(self, left: Iterator[tuple[int, bytes]]) -> None:
        while True:
            await self._has_room.wait()
            if self._stopping.is_set() or (found := next(left, None)) is None:
                return
            position, text = found
            line = line_of(self.lease, position, text)
            answer = await self._answer(line)
            if answer is None:
                return
            self._writer.add(position, line, answer)
            if self._writer.is_due:
                self._to_write.set()
                if self._writer.is_full:
                    self._has_room.clear()

    async def _answer(self, line: Line) -> LineAnswer | None:
        """The answer after as many tries as make sense; None if the work ends before there is one."""
        tools, batch = self._tools, self.lease.batch
        tries = Tries(tools.clock())
        slots = tools.slots(batch, line)
        while True:
            await slots.take(batch.owner, batch.id, batch.priority)
            try:
                if self._stopping.is_set():
                    return None
                answer = await self._asked(line)
            finally:
                slots.give_back()
            pause = wait_s(tries, answer, tools.clock(), tools.chance)
            if pause is None:
                return answer
            try:
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            except TimeoutError:
                continue
            return None

    async def _asked(self, line: Line) -> LineAnswer:
        try:
            return await self._tools.answerer.answer(self.lease.batch, line)
        except Exception as error:  # noqa: BLE001 - one line that nobody foresaw must not keep the others from an answer
            self._report("line_failed", {"batch": self.lease.batch.id, "line": line.number, "error": error})
            return BROKEN

    async def _write_along(self) -> None:
        while not self._all_asked:
            try:
                async with asyncio.timeout(SEGMENT_AGE_MAX_S):
                    await self._to_write.wait()
            except TimeoutError:
                pass
            self._to_write.clear()
            await self._patiently(self._writer.write)
            self._has_room.set()
        await self._patiently(self._writer.write)

    async def _expire(self, lines: ShardInput) -> None:
        for position, text in lines.left(self.lease.done):
            self._writer.add(position, line_of(self.lease, position, text), EXPIRED)
            if self._writer.is_due:
                await self._patiently(self._writer.write)

    async def _patiently(self, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Does `work`, again and again while the store or the blobs cannot be used. Raises BlobMissing for what is
        gone."""
        tries = missing = 0
        while True:
            try:
                return await work()
            except StorageError as error:
                tries += 1
                missing += isinstance(error, BlobMissing)
                if missing >= READ_TRIES_MAX:
                    raise
                if tries == 1:
                    about = {"batch": self.lease.batch.id, "shard": self.lease.shard.number, "reason": error.message}
                    self._report("shard_waits", about)
                await asyncio.sleep(TROUBLE_PAUSE_S)
