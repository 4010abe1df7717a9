"""The first step of a batch, as a worker takes it: it begins, fails with its reasons, or is cancelled on the way."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from inference.batches.batch import ENDED, Batch, BatchError, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.batches.input.scan import ScanLimits
from inference.batches.working.fair_slots import FairSlots
from inference.batches.working.holder import Holder
from inference.batches.working.leases import Leases
from inference.batches.working.shard_run import Tools
from inference.batches.working.steps import Steps
from inference.batches.working.worker import Worker
from inference.blobs.memory import MemoryBlobs
from inference.files.file import File, Part
from inference.files.file_records import FileRecords
from inference.store.database import Database
from inference.testing.scripted_answerer import ScriptedAnswerer

WAIT_S = 60.0


class Gated(MemoryBlobs):
    """Blobs that say when the input file is read, and let its reader wait while the gate is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        async for chunk in super().read(key, start, end):
            yield chunk
            if key == "files/1":
                self.reading.set()
                await self.gate.wait()


@dataclass
class Place:
    """A store with one worker, which starts when a test enters `working`."""

    records: BatchRecords
    files: FileRecords
    blobs: Gated
    leases: Leases
    steps: Steps
    worker: Worker

    async def add(self, text: bytes | None, *, expires_in_s: int = 3_600) -> None:
        """Adds a batch, and its file if there is a `text`."""
        now = int(time.time())
        if text is not None:
            self.blobs.held["files/1"] = text
            await self.files.add(File("file-1", "me", "f.jsonl", "batch", len(text), now), [Part("files/1", len(text))])
        await self.records.add(
            Batch("batch_1", "me", Status.VALIDATING, Endpoint.CHAT, "1h", "file-1", now, now + expires_in_s)
        )

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.worker.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def once(self, holds: Callable[[Batch], bool]) -> Batch:
        async with asyncio.timeout(WAIT_S):
            while not holds(batch := await self.records.get("me", "batch_1")):  # noqa: ASYNC110  the store tells nobody
                await asyncio.sleep(0.02)
        return batch


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    await database.open()
    blobs = Gated()
    holder = Holder(tmp_path / "workers")
    leases, steps = Leases(database, holder.name), Steps(database)
    slots = FairSlots(4)
    tools = Tools(ScriptedAnswerer(), leases, blobs, lambda batch, line: slots, 4, time.monotonic)
    worker = Worker(tools, steps, holder, lambda batch: ScanLimits(), lambda action, about: None)
    yield Place(BatchRecords(database), FileRecords(database), blobs, leases, steps, worker)
    await database.aclose()


def lines(count: int) -> bytes:
    envelope = {"method": "POST", "url": "/v1/chat/completions", "body": {"model": "m"}}
    return b"\n".join(orjson.dumps({"custom_id": f"id-{n}"} | envelope) for n in range(count))


async def test_a_valid_file_begins_and_says_its_model_and_how_many_requests_it_holds(place: Place) -> None:
    await place.add(lines(3))
    async with place.working():
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert (batch.status, batch.total, batch.completed, batch.model) == (Status.COMPLETED, 3, 3, "m")


async def test_an_invalid_file_fails_and_says_why_by_line(place: Place) -> None:
    await place.add(lines(2) + b"\n{}\n")
    async with place.working():
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert (batch.status, batch.total) == (Status.FAILED, 0)
    assert batch.errors == (BatchError("missing_required_parameter", "The line has no 'custom_id'.", "custom_id", 3),)
    assert [key for key in place.blobs.held if key.startswith("batches/")] == []


async def test_a_file_that_was_deleted_before_it_was_read_is_told_of(place: Place) -> None:
    await place.add(None)  # deleted between the look at it and the batch; later it cannot be
    async with place.working():
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["file_not_found"])


@pytest.mark.process
async def test_a_batch_that_is_cancelled_while_it_is_read_ends_without_reading_on(place: Place) -> None:
    await place.add(lines(5_000))
    place.blobs.gate.clear()
    async with place.working():
        await asyncio.wait_for(place.blobs.reading.wait(), WAIT_S)
        await place.records.cancel("me", "batch_1")
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert (batch.status, batch.total, batch.output_file_id) == (Status.CANCELLED, 0, None)
    assert list(place.blobs.held) == ["files/1"]


@pytest.mark.process
async def test_a_worker_that_stops_while_it_reads_leaves_the_batch_to_the_next(place: Place) -> None:
    await place.add(lines(5_000))
    place.blobs.gate.clear()
    async with place.working():
        await asyncio.wait_for(place.blobs.reading.wait(), WAIT_S)
    assert (await place.records.get("me", "batch_1")).status is Status.VALIDATING
    place.blobs.gate.set()
    async with place.working():
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert (batch.status, batch.completed) == (Status.COMPLETED, 5_000)


async def test_a_batch_whose_window_ends_while_it_is_read_tells_each_request_that_it_has_expired(place: Place) -> None:
    await place.add(lines(3), expires_in_s=-1)
    place.blobs.gate.clear()
    async with place.working():
        await asyncio.wait_for(place.blobs.reading.wait(), WAIT_S)
        await place.once(lambda batch: batch.ending is not None)
        place.blobs.gate.set()
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert (batch.status, batch.total, batch.failed) == (Status.EXPIRED, 3, 3)


async def test_a_batch_that_was_cancelled_before_its_faults_were_found_is_cancelled(place: Place) -> None:
    await place.add(b"{}")
    step = await place.leases.claim_step()
    assert step is not None
    await place.records.cancel("me", "batch_1")
    await place.steps.refuse(step, [BatchError("invalid_json_line", "It is none.", None, 1)])
    assert (await place.records.get("me", "batch_1")).status is Status.CANCELLING
    async with place.working():
        batch = await place.once(lambda batch: batch.status in ENDED)
    assert batch.status is Status.CANCELLED
