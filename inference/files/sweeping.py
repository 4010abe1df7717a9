"""Sweeps away what nobody needs any more: files and uploads that have expired, and blobs that nothing refers to.

A turn does a bounded amount of work and leaves the rest to the next. Several servers may sweep the same storage. What
cannot be deleted now is tried again later, and does not keep anything else from being deleted.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from inference.blobs.blobs import Blobs
from inference.errors import BlobsUnavailable, StorageError
from inference.files.file_records import Clock, FileRecords
from inference.files.upload_records import UploadRecords

PAUSE_S = 20.0
"""Between two turns. For so long may a deleted file still take up room."""

BUSY_PAUSE_S = 0.5
"""Before the next turn where one was not enough."""

RECORDS_A_TURN = 100
"""Files that are deleted, and uploads that are ended or forgotten, of each."""

BLOBS_A_TURN = 500

FAILURES_A_TURN = 5
"""Blobs that cannot be deleted, before the storage itself is taken to be in trouble."""

POSTPONED_S = 3600.0
"""For which a blob that cannot be deleted is left alone."""

TIDY_S = 3600.0
"""Between two looks for what broken-off writing has left."""

Report = Callable[[str, dict[str, Any]], None]
"""Where is told what happens: an action, and what belongs to it."""


class Sweeper:
    """Sweeps until it is cancelled, and pauses `pause_s` between two turns. `clock` gives seconds since 1970."""

    def __init__(
        self,
        files: FileRecords,
        uploads: UploadRecords,
        blobs: Blobs,
        report: Report,
        *,
        clock: Clock = time.time,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._pause_s = pause_s
        self._files = files
        self._uploads = uploads
        self._blobs = blobs
        self._report = report
        self._clock = clock
        self._tidied_s = 0.0

    async def run(self) -> None:
        """One turn after the other. Trouble with the storage is reported, and waited out."""
        while True:
            more = False
            try:
                more = await self.sweep()
            except StorageError as error:
                self._report("sweeper_waits", {"reason": error.message})
            await asyncio.sleep(BUSY_PAUSE_S if more else self._pause_s)

    async def sweep(self) -> bool:
        """One turn. Returns whether there may be more to do. Raises StoreUnavailable and BlobsUnavailable."""
        files = await self._files.expired(RECORDS_A_TURN)
        uploads = await self._uploads.expire(RECORDS_A_TURN)
        if files or uploads:
            self._report("swept", {"files": len(files), "uploads": len(uploads)})
        forgotten = await self._uploads.forget(RECORDS_A_TURN)
        doomed = await self._files.doomed(BLOBS_A_TURN)
        if doomed:
            await self._delete(doomed)
        if self._clock() - self._tidied_s >= TIDY_S:
            await self._blobs.tidy()
            self._tidied_s = self._clock()
        return RECORDS_A_TURN in (len(files), len(uploads), forgotten) or len(doomed) == BLOBS_A_TURN

    async def _delete(self, keys: Sequence[str]) -> None:
        try:
            await self._blobs.delete(keys)
        except BlobsUnavailable:
            await self._delete_one_by_one(keys)
        else:
            await self._files.forget_blobs(keys)

    async def _delete_one_by_one(self, keys: Sequence[str]) -> None:
        failed: list[str] = []
        for key in keys:
            try:
                await self._blobs.delete([key])
            except BlobsUnavailable:
                failed.append(key)
                if len(failed) == FAILURES_A_TURN:
                    break
            else:
                await self._files.forget_blobs([key])
        await self._files.postpone_blobs(failed, POSTPONED_S)
        self._report("blobs_not_deleted", {"blobs": len(failed)})
