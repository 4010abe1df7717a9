"""Checks of where files and batches are kept: the database and the blobs. Nothing is made that is not there."""

from inference.blobs.room import Room
from inference.errors import SettingsError, StorageError
from server.doctor.finding import Finding, fine, wrong
from server.settings import Settings
from server.storage import build_storage

_MADE = "made when it is needed"


async def store(settings: Settings) -> Finding:
    """Whether the database of files and batches opens; that brings its tables up to date."""
    name = "database"
    own = settings.data_dir / "store.sqlite3"
    if not settings.database_url.get_secret_value() and not own.exists():
        return fine(name, f"{own}, {_MADE}")
    try:
        database = build_storage(settings).database
        await database.open()
    except (StorageError, SettingsError) as error:
        return wrong(name, error.message, "see that it runs, can be written, and that database_url names it")
    await database.aclose()
    where = database.url.render_as_string(hide_password=True)
    return fine(name, f"{where} opens", tables="up to date")


async def blobs(settings: Settings) -> Finding:
    """Whether the bytes of files can be written."""
    name = "files"
    if not settings.blobs_url and not settings.blobs_dir.exists():
        return fine(name, f"{settings.blobs_dir}, {_MADE}")
    try:
        kept = build_storage(settings).blobs
        try:
            await kept.check()
            if not settings.blobs_url:
                Room(settings.blobs_dir, settings.disk_free_bytes_min).check()
        finally:
            await kept.aclose()
    except (StorageError, SettingsError) as error:
        return wrong(name, error.message, "free some room, or see to blobs_url and its rights")
    return fine(name, f"{settings.blobs_url or settings.blobs_dir} can be written")
