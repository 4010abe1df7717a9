"""Bytes that are taken in before anything refers to them: whatever happens, no blob is left that nobody knows of."""

import contextlib
from collections.abc import AsyncIterator

from inference.blobs.blobs import Blobs
from inference.errors import StorageError
from inference.files.file import Part
from inference.files.file_records import FileRecords


async def take_in(records: FileRecords, blobs: Blobs, key: str, chunks: AsyncIterator[bytes]) -> Part:
    """Writes a blob under a new key.

    Raises StoreUnavailable, BlobsUnavailable and what `chunks` raises; then nothing is left of it.
    """
    await records.expect_blob(key)
    try:
        return Part(key, await blobs.write(key, chunks))
    except BaseException:
        await give_up(records, blobs, key)
        raise


async def give_up(records: FileRecords, blobs: Blobs, key: str) -> None:
    """Deletes a blob that nothing refers to. If that is not possible now, the sweeper does it."""
    with contextlib.suppress(StorageError):
        await blobs.delete([key])
        await records.forget_blobs([key])
