"""`touchstone batch cancel`: ends a batch in the data folder. No line is answered here."""

import asyncio
import contextlib
from dataclasses import replace

import orjson
import typer

from inference.batches.batch import ENDED, Batch, Status
from server.accounts.caller import LOCAL_OWNER
from server.background.executing import build_worker
from server.cli.batch.store import STORE_SETTINGS, BatchId, Json, with_storage
from server.cli.console import err, out
from server.cli.options import takes_settings
from server.house import House, build_house
from server.settings import Settings
from server.storage import Storage
from server.wire.batches import batch_json
from tools.batches import Batches

CLOSE_S = 10.0
"""For which a cancelled batch is waited for."""

LOOK_S = 0.1
"""Between two looks at it."""

CLOSING = "closing"
"""No batch is kept for this name: a worker of it answers no line of any."""


@takes_settings(*STORE_SETTINGS)
def cancel(settings: Settings, batch_id: BatchId, json: Json = False) -> None:
    """End a batch before its time. What was answered is kept."""

    async def end(storage: Storage, batches: Batches) -> Batch:
        await batches.cancel(LOCAL_OWNER, batch_id)
        return await _closed(replace(build_house(settings), storage=storage), batches, batch_id)

    batch = with_storage(settings, end)
    if json:
        typer.echo(orjson.dumps(batch_json(batch), option=orjson.OPT_INDENT_2))
        return
    out.print(f"{batch.id} is {batch.status}", markup=False)
    if batch.status is Status.CANCELLING:
        err.print("It ends by itself when what is being asked right now is answered.")


async def _closed(house: House, batches: Batches, batch_id: str) -> Batch:
    """The batch, cancelled: where nobody works on it, its files are made here. As it is, if others take too long."""
    working = asyncio.create_task(build_worker(house, kept_for=CLOSING).run())
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                while (await batches.get(LOCAL_OWNER, batch_id)).status not in ENDED and not working.done():
                    await asyncio.wait({working}, timeout=LOOK_S)
    finally:
        working.cancel()
        await asyncio.wait({working})
    return await batches.get(LOCAL_OWNER, batch_id)
