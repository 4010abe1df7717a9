"""A store, blobs and workers inside this process, to put batches through; and what can go wrong with each of them."""

import asyncio
import contextlib
import selectors
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
from empty_store import put_empty_store

from inference.batches.answerer import Answerer
from inference.batches.batch import ENDED, Batch, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.batches.input.scan import LimitsOf, ScanLimits
from inference.batches.line import Line, LineAnswer
from inference.batches.shard import Results, ShardLease
from inference.batches.working.fair_slots import FairSlots
from inference.batches.working.holder import Holder
from inference.batches.working.leases import Leases
from inference.batches.working.shard_run import Tools
from inference.batches.working.steps import Steps
from inference.batches.working.worker import Worker
from inference.blobs.blobs import one_chunk
from inference.blobs.memory import MemoryBlobs
from inference.errors import BlobsUnavailable, StoreUnavailable
from inference.files.content import content
from inference.files.file import File, Part, Purpose
from inference.files.file_records import FileRecords, delete_files
from inference.files.ids import new_id
from inference.store.database import BUSY_TIMEOUT_S, Database
from inference.testing.scripted_answerer import echo

LIMIT_S = 90.0

STORE = "store.sqlite3"

SPEED = 50.0
"""How much faster time goes by in a FastLoop."""


class _FastSelector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> Any:
        return super().select(None if timeout is None else timeout / SPEED)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop whose clock runs fast, so that what waits for a minute need not be waited for."""

    def __init__(self) -> None:
        super().__init__(_FastSelector())

    def time(self) -> float:
        return super().time() * SPEED


class WallClock:
    """Seconds since 1970, and as many as one likes to add."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


class BreakableBlobs(MemoryBlobs):
    """Blobs that cannot be written while `is_full`."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.refused = 0

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        if self.is_full:
            self.refused += 1
            raise BlobsUnavailable("no space left on device")
        return await super().write(key, chunks)


class BreakableLeases(Leases):
    """Leases whose commits fail, before they count or after, as often as `fails` says."""

    def __init__(self, database: Database, holder: str, kept_for: str | None = None) -> None:
        super().__init__(database, holder, kept_for)
        self.fails: list[str] = []

    async def commit(self, lease: ShardLease, results: Results) -> None:
        how = self.fails.pop() if self.fails else ""
        if how == "before":
            raise StoreUnavailable("the database is locked")
        await super().commit(lease, results)
        if how == "after":
            raise StoreUnavailable("the connection was lost")


class KnownSlots(FairSlots):
    """Slots that know how many lines of a batch have asked for one."""

    def __init__(self, slots_max: int) -> None:
        super().__init__(slots_max)
        self.asked: Counter[str] = Counter()

    async def take(self, owner: str, batch_id: str, priority: int) -> None:
        self.asked[batch_id] += 1
        await super().take(owner, batch_id, priority)


class SteppedAnswerer:
    """Answers when told to. `waiting` are those that are being asked, in the order in which they were."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Batch, Line, asyncio.Future[LineAnswer]]] = []
        self.answered: Counter[str] = Counter()
        """By batch id."""
        self.order: list[str] = []
        """The batch ids of what was asked."""

    async def answer(self, batch: Batch, line: Line) -> LineAnswer:
        turn: asyncio.Future[LineAnswer] = asyncio.get_running_loop().create_future()
        entry = (batch, line, turn)
        self.waiting.append(entry)
        self.order.append(batch.id)
        try:
            return await turn
        finally:
            if entry in self.waiting:
                self.waiting.remove(entry)

    def step(self) -> None:
        """Answers what was asked first."""
        batch, line, turn = self.waiting.pop(0)
        self.answered[batch.id] += 1
        turn.set_result(echo(line))


async def until(holds: Callable[[], bool], what: str = "") -> None:
    """Returns once `holds` is true, with a limit."""
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        await asyncio.sleep(0)
        await asyncio.to_thread(time.sleep, 0.002)


def writes_seen(store: sqlite3.Connection) -> int:
    """Changes whenever others have written. To ask it costs next to nothing, and to read a batch takes some 3 ms."""
    return int(store.execute("PRAGMA data_version").fetchone()[0])


def request(number: int, **body: Any) -> dict[str, Any]:
    return {
        "custom_id": f"r{number}",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "m", "messages": [{"role": "user", "content": f"hi {number}"}]} | body,
    }


@dataclass
class Workplace:
    """Opened by `workplace`."""

    database: Database
    folder: Path
    blobs: BreakableBlobs
    clock: WallClock = field(default_factory=WallClock)
    reports: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    limits_of: LimitsOf = lambda batch: ScanLimits()
    slots: KnownSlots = field(default_factory=lambda: KnownSlots(0))
    """Those of the last worker."""

    def __post_init__(self) -> None:
        self.files = FileRecords(self.database, self.clock)
        self.batches = BatchRecords(self.database, self.clock)
        self.steps = Steps(self.database, self.clock)

    async def batch(
        self,
        lines: int | Sequence[bytes],
        *,
        owner: str = "o",
        priority: int = 0,
        window_s: int = 86_400,
        kept_for: str | None = None,
    ) -> str:
        """A new batch with so many requests, or with these lines. Returns its id."""
        rows = [orjson.dumps(request(n)) for n in range(lines)] if isinstance(lines, int) else lines
        text = b"".join(row + b"\n" for row in rows)
        file_id, batch_id, now = new_id("file-"), new_id("batch_"), int(self.clock())
        await self.blobs.write(f"files/{file_id}", one_chunk(text))
        file = File(file_id, owner, "in.jsonl", Purpose.BATCH, len(text), now)
        await self.files.add(file, [Part(f"files/{file_id}", len(text))])
        batch = Batch(batch_id, owner, Status.VALIDATING, Endpoint.CHAT, "24h", file_id, now, now + window_s)
        await self.batches.add(replace(batch, priority=priority, kept_for=kept_for))
        return batch_id

    def leases(self, name: str) -> BreakableLeases:
        return BreakableLeases(self.database, name)

    def worker(self, answerer: Answerer, *, slots: int = 16, leases: Leases | None = None) -> Worker:
        holder = Holder(self.folder / "workers")
        loop = asyncio.get_running_loop()
        fair = self.slots = KnownSlots(slots)
        leases = leases or self.leases(holder.name)
        tools = Tools(answerer, leases, self.blobs, lambda batch, line: fair, slots, loop.time)
        tools.leases.holder = holder.name
        return Worker(tools, self.steps, holder, self.limits_of, self._report)

    def _report(self, action: str, about: Mapping[str, Any]) -> None:
        self.reports.append((action, about))

    @contextlib.asynccontextmanager
    async def working(
        self, answerer: Answerer, *, slots: int = 16, leases: Leases | None = None
    ) -> AsyncIterator[Worker]:
        """A worker beside what is inside, stopped in order at the end."""
        worker = self.worker(answerer, slots=slots, leases=leases)
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def get(self, batch_id: str, owner: str = "o") -> Batch:
        return await self.batches.get(owner, batch_id)

    async def lose_input(self, batch_id: str) -> None:
        """Deletes the input file past the rule that keeps it for its batch."""
        file_id = (await self.get(batch_id)).input_file_id
        async with self.database.writing() as connection:
            await delete_files(connection, [file_id], self.clock())

    async def ended(self, batch_id: str, owner: str = "o") -> Batch:
        """The batch once it has ended."""
        return await self.reaches(batch_id, lambda batch: batch.status in ENDED, owner)

    async def reaches(self, batch_id: str, holds: Callable[[Batch], bool], owner: str = "o") -> Batch:
        """The batch once `holds` is true of it."""
        deadline = time.monotonic() + LIMIT_S
        with contextlib.closing(sqlite3.connect(self.folder / STORE)) as store:
            while True:
                written = writes_seen(store)
                if holds(batch := await self.get(batch_id, owner)):
                    return batch
                while writes_seen(store) == written:
                    assert time.monotonic() < deadline, f"waited in vain; {batch}; {self.reports[-5:]}"
                    await asyncio.to_thread(time.sleep, 0.005)

    async def results(self, batch: Batch, kind: str = "output") -> list[dict[str, Any]]:
        """The lines of a file of results; none if there is no file."""
        file_id = batch.output_file_id if kind == "output" else batch.error_file_id
        if file_id is None:
            return []
        _, parts = await self.files.parts(batch.owner, file_id)
        text = b"".join([chunk async for chunk in content(self.blobs, parts)])
        return [orjson.loads(row) for row in text.splitlines()]

    async def ids(self, batch: Batch) -> list[str]:
        """The custom_id of every line of both files, sorted by number."""
        rows = await self.results(batch) + await self.results(batch, "error")
        return sorted((row["custom_id"] for row in rows), key=lambda name: int(name[1:]))

    def told(self, action: str) -> int:
        return sum(said == action for said, _ in self.reports)


@contextlib.asynccontextmanager
async def workplace(folder: Path) -> AsyncIterator[Workplace]:
    put_empty_store(folder)
    # A bound on what threads do, by a clock that runs fast.
    database = Database(f"sqlite:///{folder / STORE}", busy_timeout_s=BUSY_TIMEOUT_S * SPEED)
    await database.open()
    try:
        yield Workplace(database, folder, BreakableBlobs())
    finally:
        await database.aclose()


def all_ids(lines: int) -> list[str]:
    return [f"r{number}" for number in range(lines)]
