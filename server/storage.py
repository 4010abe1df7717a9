"""What the server keeps: the store and the blobs that the settings name, and the records in them."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from inference.batches.batch_records import BatchRecords
from inference.batches.result_parts import ResultPlaces
from inference.blobs.blobs import Blobs
from inference.blobs.folder import FolderBlobs
from inference.errors import SettingsError, StoreUnavailable
from inference.files.file_records import FileRecords
from inference.files.upload_records import UploadRecords
from inference.private_files import make_private_folder
from inference.store.database import Database
from server.background.beside import beside
from server.observe.logs import log_action
from server.settings import Settings
from tools.batch_results import BatchResults

OPEN_AGAIN_S = 2.0
"""Between tries to open the database that could not be opened at the start."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Building it does no I/O; `open_storage` does."""

    database: Database
    blobs: Blobs
    files: FileRecords
    uploads: UploadRecords
    batches: BatchRecords
    batch_results: BatchResults


def build_storage(settings: Settings) -> Storage:
    """The storage that `settings` describe. Raises SettingsError for addresses that cannot be meant."""
    database = Database(settings.store_url)
    blobs = _blobs(settings)
    return Storage(
        database=database,
        blobs=blobs,
        files=FileRecords(database),
        uploads=UploadRecords(database),
        batches=BatchRecords(database),
        batch_results=BatchResults(ResultPlaces(database), blobs),
    )


def _blobs(settings: Settings) -> Blobs:
    if not settings.blobs_url:
        return FolderBlobs(settings.blobs_dir)
    from inference.blobs.object_store import ObjectStoreBlobs  # noqa: PLC0415  40 ms that most starts do without

    return ObjectStoreBlobs.at(settings.blobs_url)


@contextlib.asynccontextmanager
async def open_storage(settings: Settings, storage: Storage, *, patiently: bool = False) -> AsyncIterator[None]:
    """Opens it, and closes it at the end. Raises StoreUnavailable and SettingsError.

    Where the database is a file in data_dir and cannot be opened now, such as on a full disk, `patiently` goes on
    without it and opens it later. Until then whatever needs it raises StoreUnavailable; verifications do not.
    """
    make_folder(settings.data_dir)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(storage.blobs.aclose)
        stack.push_async_callback(storage.database.aclose)
        try:
            await storage.database.open()
        except StoreUnavailable as error:
            if not patiently or settings.database_url.get_secret_value():
                raise  # who names a database is told at once if it is the wrong one
            log_action("store_waits", logging.WARNING, reason=error.message)
            await stack.enter_async_context(beside(_open_later(storage.database)))
        yield


def make_folder(folder: Path) -> None:
    """Makes the data folder if it is not there, for this user alone. Raises SettingsError."""
    try:
        make_private_folder(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"setting data_dir: {folder} cannot be made ({reason}); name another with --data-dir"
        ) from None


async def _open_later(database: Database) -> None:
    while True:
        await asyncio.sleep(OPEN_AGAIN_S)
        with contextlib.suppress(StoreUnavailable):
            await database.open()
            log_action("store_opened")
            return
