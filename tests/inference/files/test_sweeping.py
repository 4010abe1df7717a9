"""The sweeper: what has expired goes, what is in use stays, and trouble with the storage is waited out."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.blobs.blobs import one_chunk
from inference.blobs.folder import ABANDONED_S, FolderBlobs
from inference.blobs.memory import MemoryBlobs
from inference.errors import BlobsUnavailable, NotFound, StoreUnavailable
from inference.files.file import File, Part
from inference.files.file_records import UNFINISHED_S, FileRecords
from inference.files.sweeping import FAILURES_A_TURN, POSTPONED_S, RECORDS_A_TURN, Sweeper
from inference.files.upload import UPLOAD_S, Upload, UploadPart, UploadStatus
from inference.files.upload_records import REMEMBERED_S, UploadRecords
from inference.store.database import IN_MEMORY, Database

OWNER = "owner"
START = 1_800_000_000


class SomeBlobs(MemoryBlobs):
    """Blobs of which some cannot be deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck: set[str] = set()
        self.deleted = asyncio.Event()

    async def delete(self, keys: Sequence[str]) -> None:
        if self.stuck & set(keys):
            raise BlobsUnavailable("stuck")
        await super().delete(keys)
        self.deleted.set()


class Place:
    """A storage with a clock that the test moves."""

    def __init__(self, database: Database) -> None:
        self.now = float(START)
        self.database = database
        self.blobs = SomeBlobs()
        self.files = FileRecords(database, lambda: self.now)
        self.uploads = UploadRecords(database, lambda: self.now)
        self.batches = BatchRecords(database, lambda: self.now)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.sweeper = Sweeper(
            self.files, self.uploads, self.blobs, lambda *news: self.told.append(news), clock=lambda: self.now
        )

    async def file(self, name: str, expires_at: int | None = None) -> None:
        key = f"files/{name}"
        await self.files.expect_blob(key)
        await self.blobs.write(key, one_chunk(b"x"))
        await self.files.add(File(name, OWNER, "f", "batch", 1, START, expires_at), [Part(key, 1)])

    async def upload(self, name: str, part: str) -> None:
        upload = Upload(name, OWNER, "f", "batch", "m", 1, UploadStatus.PENDING, START, START + UPLOAD_S)
        await self.uploads.add(upload)
        await self.files.expect_blob(part)
        await self.blobs.write(part, one_chunk(b"x"))
        await self.uploads.add_part(OWNER, UploadPart(part, name, part, 1, START))

    async def sweep_all(self) -> None:
        async with asyncio.timeout(60):
            while await self.sweeper.sweep():
                pass


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    database = Database(IN_MEMORY)
    await database.open()
    yield Place(database)
    await database.aclose()


async def test_a_file_goes_when_it_has_expired_and_not_before(place: Place) -> None:
    await place.file("short", START + 3600)
    await place.file("for ever")
    place.now += 3599
    await place.sweep_all()
    assert set(place.blobs.held) == {"files/short", "files/for ever"}
    place.now += 1
    await place.sweep_all()
    assert set(place.blobs.held) == {"files/for ever"}


async def test_an_expired_file_is_not_found_before_it_is_swept(place: Place) -> None:
    await place.file("short", START + 3600)
    place.now += 3600
    with pytest.raises(NotFound):
        await place.files.get(OWNER, "short")


async def test_the_bytes_of_a_deleted_file_go(place: Place) -> None:
    await place.file("file")
    await place.files.delete(OWNER, "file")
    await place.sweep_all()
    assert place.blobs.held == {}


@pytest.mark.parametrize("status", list(Status))
async def test_what_a_batch_reads_is_kept_until_the_batch_has_ended(place: Place, status: Status) -> None:
    await place.file("input", START + 3600)
    batch = Batch("batch_1", OWNER, status, Endpoint.CHAT, "24h", "input", START, START + 86_400)
    await place.batches.add(batch, open_max=9)
    place.now += 3600
    await place.sweep_all()
    ended = status in (Status.FAILED, Status.COMPLETED, Status.EXPIRED, Status.CANCELLED)
    assert set(place.blobs.held) == (set() if ended else {"files/input"})


async def test_an_upload_that_was_not_completed_in_time_goes_with_its_parts(place: Place) -> None:
    await place.upload("upload_1", "part")
    place.now += UPLOAD_S - 1
    await place.sweep_all()
    assert set(place.blobs.held) == {"part"}
    place.now += 1
    await place.sweep_all()
    assert place.blobs.held == {}
    assert (await place.uploads.get(OWNER, "upload_1")).status is UploadStatus.EXPIRED


async def test_an_upload_that_ended_long_ago_is_forgotten(place: Place) -> None:
    await place.upload("upload_1", "part")
    await place.uploads.cancel(OWNER, "upload_1")
    place.now += UPLOAD_S + REMEMBERED_S - 1
    await place.sweep_all()
    assert (await place.uploads.get(OWNER, "upload_1")).status is UploadStatus.CANCELLED
    place.now += 1
    await place.sweep_all()
    with pytest.raises(NotFound):
        await place.uploads.get(OWNER, "upload_1")


async def test_a_blob_that_nothing_came_of_goes_after_a_day(place: Place) -> None:
    await place.files.expect_blob("files/lost")
    await place.blobs.write("files/lost", one_chunk(b"x"))
    place.now += UNFINISHED_S - 1
    await place.sweep_all()
    assert set(place.blobs.held) == {"files/lost"}
    place.now += 1
    await place.sweep_all()
    assert place.blobs.held == {}


async def test_a_turn_is_bounded_and_says_that_there_is_more(place: Place) -> None:
    for number in range(RECORDS_A_TURN + 1):
        await place.file(f"file{number}", START)
    assert await place.sweeper.sweep()
    assert len(place.blobs.held) == 1
    assert not await place.sweeper.sweep()
    assert place.blobs.held == {}


async def test_a_blob_that_cannot_be_deleted_keeps_no_other_and_is_tried_again(place: Place) -> None:
    for number in range(3):
        await place.file(f"file{number}", START)
    place.blobs.stuck = {"files/file1"}
    await place.sweep_all()
    assert set(place.blobs.held) == {"files/file1"}
    assert ("blobs_not_deleted", {"blobs": 1}) in place.told
    place.blobs.stuck = set()
    place.now += POSTPONED_S
    await place.sweep_all()
    assert place.blobs.held == {}


async def test_where_nothing_can_be_deleted_few_are_tried_and_none_is_forgotten(place: Place) -> None:
    names = [f"file{number}" for number in range(FAILURES_A_TURN + 2)]
    for name in names:
        await place.file(name, START)
    place.blobs.stuck = {f"files/{name}" for name in names}
    await place.sweep_all()
    assert ("blobs_not_deleted", {"blobs": FAILURES_A_TURN}) in place.told
    place.blobs.stuck = set()
    place.now += POSTPONED_S
    await place.sweep_all()
    assert place.blobs.held == {}


async def test_a_sweeper_waits_trouble_out(place: Place) -> None:
    await place.file("file", START)
    well = FileRecords(place.database, lambda: place.now)
    troubles = 2

    class Troubled(FileRecords):
        async def expired(self, limit: int) -> Sequence[str]:
            nonlocal troubles
            if troubles:
                troubles -= 1
                raise StoreUnavailable("locked")
            return await well.expired(limit)

    files = Troubled(place.database, lambda: place.now)
    sweeper = Sweeper(files, place.uploads, place.blobs, lambda *news: place.told.append(news), pause_s=0.01)
    running = asyncio.create_task(sweeper.run())
    async with asyncio.timeout(60):
        await place.blobs.deleted.wait()
    running.cancel()
    await asyncio.wait({running})
    assert place.blobs.held == {}
    assert place.told[:2] == [("sweeper_waits", {"reason": "locked"})] * 2


async def test_what_a_killed_process_has_left_half_written_goes(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    await blobs.write("files/whole", one_chunk(b"x"))
    left, going_on = tmp_path / "unfinished" / "left", tmp_path / "unfinished" / "going on"
    for path in (left, going_on):
        path.write_bytes(b"half a fi")
    os.utime(left, (time.time() - ABANDONED_S - 1,) * 2)
    await blobs.tidy()
    assert [path.name for path in (tmp_path / "unfinished").iterdir()] == ["going on"]
    assert [key async for key in blobs.keys("files/")] == ["files/whole"]
