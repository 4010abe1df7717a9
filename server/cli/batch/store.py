"""The batches of the store that the settings name, opened for one command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from server.observe.logs import configure_logs
from server.settings import Settings
from server.storage import Storage, build_storage, open_storage
from tools.batches import Batches

STORE_SETTINGS = ("data_dir", "database_url", "blobs_url", "batches_max")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BatchId = Annotated[str, typer.Argument(metavar="ID", help="Id of the batch.")]
ResultT = TypeVar("ResultT")


def with_storage(settings: Settings, work: Callable[[Storage, Batches], Awaitable[ResultT]]) -> ResultT:
    """What `work` returns. Raises what it raises, and StoreUnavailable."""
    configure_logs("warning", settings.log_format)

    async def opened() -> ResultT:
        storage = build_storage(settings)
        async with open_storage(settings, storage):
            return await work(storage, Batches(storage.batches, storage.files, settings.batches_max))

    return asyncio.run(opened())
