"""Whether there is a key where one is needed: asked before the server listens."""

import contextlib
from collections.abc import AsyncIterator

from inference.errors import SettingsError
from inference.store.database import Database
from server.accounts.key_records import KeyRecords
from server.settings import Settings, is_loopback
from server.storage import make_folder


@contextlib.asynccontextmanager
async def stored_keys(settings: Settings) -> AsyncIterator[KeyRecords]:
    """The keys of the store, for whoever has nothing else of it open. Raises StoreUnavailable and SettingsError."""
    database = Database(settings.store_url)
    if not settings.database_url.get_secret_value():
        make_folder(settings.data_dir)
    try:
        await database.open()
        yield KeyRecords(database)
    finally:
        await database.aclose()


async def check_keys(settings: Settings) -> None:
    """Raises SettingsError if callers need keys and no key would open the server; and StoreUnavailable if that cannot
    be known. Where the settings have keys, or none is needed, the store is not asked."""
    if settings.api_keys or not settings.needs_keys:
        return
    async with stored_keys(settings) as records:
        if await records.count():
            return
        are_old = bool(await records.all())
    why = "require_keys is set" if is_loopback(settings.host) else f"host {settings.host!r} can be reached by others"
    there = "none that still opens anything" if are_old else "none"
    raise SettingsError(
        f"{why}, so callers need keys, and there is {there}: make one with `touchstone keys create NAME`, given the "
        "same --data-dir or --database-url, or set TOUCHSTONE_API_KEYS to one or more keys"
        + ("" if is_loopback(settings.host) else ", or listen on 127.0.0.1")
    )
