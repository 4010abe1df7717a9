"""Keys for a server that is measured, made in its store beside it."""

from pathlib import Path

from inference.store.database import Database
from server.accounts.key_records import KeyRecords


async def new_key(data_dir: Path, *, is_admin: bool = False) -> str:
    """The text of a new key of the server whose data is there."""
    database = Database(f"sqlite:///{data_dir / 'store.sqlite3'}")
    await database.open()
    try:
        return (await KeyRecords(database).create("benchmark", is_admin=is_admin))[1]
    finally:
        await database.aclose()
