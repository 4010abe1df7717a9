"""What every keeper of blobs promises: folder, memory, object store, and a real S3 server."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from inference.blobs.blobs import CHUNK_BYTES, Blobs, one_chunk
from inference.blobs.object_store import KEYS_A_REQUEST, PIECE_BYTES
from inference.errors import BlobMissing, BlobsUnavailable

MIB = 1024 * 1024


async def read(blobs: Blobs, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start, end)])


async def chunks(count: int, size: int = MIB, fail_at: int | None = None) -> AsyncIterator[bytes]:
    for number in range(count):
        if number == fail_at:
            raise RuntimeError("whoever sends it has left")
        yield number.to_bytes(4, "big") * (size // 4)


async def test_what_was_written_is_read(blobs: Blobs) -> None:
    assert await blobs.write("files/file-1", one_chunk(b"hello")) == 5
    assert await read(blobs, "files/file-1") == b"hello"


async def test_a_blob_may_be_empty(blobs: Blobs) -> None:
    assert await blobs.write("files/file-1", chunks(0)) == 0
    assert await read(blobs, "files/file-1") == b""


async def test_a_blob_is_replaced_as_a_whole(blobs: Blobs) -> None:
    await blobs.write("files/file-1", one_chunk(b"a long first one"))
    await blobs.write("files/file-1", one_chunk(b"short"))
    assert await read(blobs, "files/file-1") == b"short"


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [(0, None, b"0123456789"), (3, 7, b"3456"), (7, None, b"789"), (9, 10, b"9"), (10, None, b""), (4, 4, b"")],
)
async def test_any_range_is_read(blobs: Blobs, start: int, end: int | None, wanted: bytes) -> None:
    await blobs.write("files/file-1", one_chunk(b"0123456789"))
    assert await read(blobs, "files/file-1", start, end) == wanted


@pytest.mark.parametrize(("start", "end"), [(5, 11), (10, 11), (20, 30)])
async def test_a_range_beyond_the_end_is_an_error(blobs: Blobs, start: int, end: int) -> None:
    await blobs.write("files/file-1", one_chunk(b"0123456789"))
    with pytest.raises(BlobMissing, match="ends before byte"):
        await read(blobs, "files/file-1", start, end)


@pytest.mark.parametrize("end", [None, 0, 5])
async def test_a_blob_that_is_not_there_is_an_error(blobs: Blobs, end: int | None) -> None:
    with pytest.raises(BlobMissing, match="missing"):
        await read(blobs, "files/file-1", 0, end)


async def test_a_long_blob_arrives_whole_in_chunks(blobs: Blobs) -> None:
    sent = hashlib.sha256()
    async for chunk in chunks(50):
        sent.update(chunk)
    assert await blobs.write("files/file-1", chunks(50)) == 50 * MIB
    got, size = hashlib.sha256(), 0
    async for chunk in blobs.read("files/file-1"):
        assert len(chunk) <= CHUNK_BYTES
        got.update(chunk)
        size += len(chunk)
    assert (size, got.digest()) == (50 * MIB, sent.digest())
    across = await read(blobs, "files/file-1", PIECE_BYTES - 2, PIECE_BYTES + 2)
    assert across == (7).to_bytes(4, "big")[2:] + (8).to_bytes(4, "big")[:2]


@pytest.mark.parametrize("fail_at", [0, 1, 30])
async def test_of_a_blob_whose_writing_fails_nothing_is_there(blobs: Blobs, fail_at: int) -> None:
    with pytest.raises(RuntimeError, match="has left"):
        await blobs.write("files/file-1", chunks(40, fail_at=fail_at))
    with pytest.raises(BlobMissing, match="missing"):
        await read(blobs, "files/file-1")
    assert [key async for key in blobs.keys("files/")] == []


async def test_keys_are_listed_by_prefix(blobs: Blobs) -> None:
    for key in ("batches/b1/index", "batches/b1/output/000001-1", "batches/b2/index", "files/batches/b1/x"):
        await blobs.write(key, one_chunk(b"x"))
    assert {key async for key in blobs.keys("batches/b1/")} == {"batches/b1/index", "batches/b1/output/000001-1"}
    assert [key async for key in blobs.keys("batches/b3/")] == []


async def test_blobs_are_deleted_whether_they_are_there_or_not(blobs: Blobs) -> None:
    await blobs.write("files/file-1", one_chunk(b"x"))
    await blobs.write("files/file-2", one_chunk(b"x"))
    await blobs.delete(["files/file-3", "files/file-1", "files/file-4"])
    await blobs.delete([])
    assert [key async for key in blobs.keys("files/")] == ["files/file-2"]


async def test_more_blobs_are_deleted_than_a_store_takes_at_once(blobs: Blobs) -> None:
    await blobs.write(f"files/file-{KEYS_A_REQUEST}", one_chunk(b"x"))
    await blobs.delete([f"files/file-{number}" for number in range(KEYS_A_REQUEST + 5)])
    assert [key async for key in blobs.keys("files/")] == []


async def test_the_check_passes_and_leaves_nothing(blobs: Blobs) -> None:
    await blobs.check()
    assert [key async for key in blobs.keys("checks/")] == []
    await blobs.aclose()


@pytest.mark.parametrize("key", ["files/../../etc/passwd", "/etc/passwd", "files//x", "."])
async def test_a_key_that_leads_elsewhere_is_refused(blobs: Blobs, key: str) -> None:
    if type(blobs).__name__ == "MemoryBlobs":
        return  # there is no elsewhere in a dictionary
    with pytest.raises(BlobsUnavailable, match="no key"):
        await blobs.write(key, one_chunk(b"x"))
    with pytest.raises(BlobsUnavailable, match="no key"):
        await read(blobs, key)
