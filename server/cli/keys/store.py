"""The keys in the store that the settings name, opened for one command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from server.accounts.key_records import KeyRecords
from server.accounts.needed_keys import stored_keys
from server.observe.logs import configure_logs
from server.settings import Settings

STORE_SETTINGS = ("data_dir", "database_url")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ResultT = TypeVar("ResultT")


def with_keys(settings: Settings, work: Callable[[KeyRecords], Awaitable[ResultT]]) -> ResultT:
    """What `work` returns. Raises what it raises, and StoreUnavailable."""
    configure_logs("warning", settings.log_format)

    async def opened() -> ResultT:
        async with stored_keys(settings) as records:
            return await work(records)

    return asyncio.run(opened())
