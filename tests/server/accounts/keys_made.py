"""Keys in the store of a data folder, and what was counted for them, without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from empty_store import NAME, put_empty_store

from inference.store.database import Database
from inference.usage.usage_records import Chosen, UsageRecords
from inference.usage.used import NOTHING, UsageKey, Used
from server.accounts.key_records import KeyRecords
from tests.server.callers import Key

ROWS_MAX = 10_000
IN_A_FILE = "sqlite:///"

ResultT = TypeVar("ResultT")


def url_of(data_dir: Path) -> str:
    return f"{IN_A_FILE}{data_dir / NAME}"


def with_store(url: str, work: Callable[[Database], Awaitable[ResultT]]) -> ResultT:
    if url.startswith(IN_A_FILE):
        put_empty_store(Path(url.removeprefix(IN_A_FILE)).parent)

    async def opened() -> ResultT:
        database = Database(url)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.aclose()

    return asyncio.run(opened())


def make_keys(url: str, *names: str, admin: str = "") -> dict[str, Key]:
    """Keys of these names and, if it has a name, an administrator's."""

    async def make(database: Database) -> dict[str, Key]:
        records, made = KeyRecords(database), {}
        for name in (*names, *filter(None, [admin])):
            key, text = await records.create(name, is_admin=name == admin)
            made[name] = Key(key.id, text)
        return made

    return with_store(url, make)


def counted(url: str) -> dict[UsageKey, Used]:
    """Every row of usage in the store."""

    async def look(database: Database) -> dict[UsageKey, Used]:
        return {row.key: row.used for row in await UsageRecords(database).page(Chosen(), after=None, limit=ROWS_MAX)}

    return with_store(url, look)


def by_key_and_model(url: str) -> dict[tuple[str, str], Used]:
    """The same without the day: one may end while a test runs."""
    sums: dict[tuple[str, str], Used] = {}
    for key, used in counted(url).items():
        sums[key.key_id, key.model] = sums.get((key.key_id, key.model), NOTHING) + used
    return sums
