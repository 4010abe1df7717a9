"""The room that is left free on the disk of the blobs: what callers send does not take it.

So the database, and the results of batches that run, have somewhere to go when callers have filled the rest. How much
one caller may keep of it is not bounded here.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from inference.errors import BlobsUnavailable

LOOK_BYTES = 4 * 1024 * 1024
"""Of what comes in, after which the disk is looked at again."""


class Room:
    """The disk that `folder` is on, or will be."""

    def __init__(self, folder: Path, free_bytes_min: int) -> None:
        self._folder = folder
        self._free_bytes_min = free_bytes_min

    async def within(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks as they come, as long as there is room for them. Raises BlobsUnavailable, and what they raise."""
        unseen = LOOK_BYTES
        async for chunk in chunks:
            unseen += len(chunk)
            if unseen > LOOK_BYTES:
                await asyncio.to_thread(self.check)
                unseen = 0
            yield chunk

    def check(self) -> None:
        """Raises BlobsUnavailable if less is free than is to be left free."""
        if self._free_bytes_min and self._free_bytes() < self._free_bytes_min:
            full = (
                f"the disk that files are kept on has less than {self._free_bytes_min:,} bytes free, so no file is "
                "taken; delete files, or have room made there (TOUCHSTONE_DISK_FREE_BYTES_MIN)"
            )
            raise BlobsUnavailable(full, told=full)

    def _free_bytes(self) -> int:
        folder = next(place for place in (self._folder, *self._folder.absolute().parents) if place.exists())
        try:
            return shutil.disk_usage(folder).free
        except OSError as error:
            raise BlobsUnavailable(f"the disk that files are kept on cannot be looked at: {error.strerror}") from error
