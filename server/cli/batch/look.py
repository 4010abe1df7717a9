"""`touchstone batch status | list | results`: what is in the data folder. No line is answered here."""

import time
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table
from rich.text import Text

from inference.batches.batch import ENDED, Batch, Status
from server.accounts.caller import LOCAL_OWNER
from server.cli.batch.listing import listed
from server.cli.batch.outcome import Places, write_outcome
from server.cli.batch.store import STORE_SETTINGS, BatchId, Json, with_storage
from server.cli.console import err, fail, out
from server.cli.options import takes_settings
from server.settings import Settings
from server.storage import Storage
from server.wire.batches import batch_json
from server.wire.slim_result import is_failing, slim_result
from tools.batch_results import Cursor
from tools.batches import PAGE_MAX, Batches

_STYLES = {Status.COMPLETED: "green", Status.FAILED: "red", Status.EXPIRED: "yellow", Status.CANCELLED: "yellow"}


@takes_settings(*STORE_SETTINGS)
def status(
    settings: Settings,
    batch_id: Annotated[str, typer.Argument(metavar="[ID]", help="Id of the batch; the newest if left out.")] = "",
    json: Json = False,
) -> None:
    """Say how far a batch is."""

    async def look(storage: Storage, batches: Batches) -> Batch | None:
        if batch_id:
            return await batches.get(LOCAL_OWNER, batch_id)
        newest = (await batches.page(LOCAL_OWNER, limit=1)).batches
        return newest[0] if newest else None

    batch = with_storage(settings, look)
    if batch is None:
        fail("there is no batch in this data folder; touchstone batch run FILE makes one")
    if json:
        typer.echo(orjson.dumps(batch_json(batch), option=orjson.OPT_INDENT_2))
    else:
        _print_batch(batch)


@takes_settings(*STORE_SETTINGS)
def list_batches(
    settings: Settings,
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MAX, help="Batches at most.")] = 20,
    after: Annotated[str, typer.Option(help="Id of a batch: those that were made before it.")] = "",
    json: Json = False,
) -> None:
    """List batches, the newest first."""

    async def look(storage: Storage, batches: Batches) -> tuple[list[Batch], bool]:
        page = await batches.page(LOCAL_OWNER, after=after or None, limit=limit)
        return list(page.batches), page.has_more

    found, has_more = with_storage(settings, look)
    if json:
        typer.echo(orjson.dumps([batch_json(batch) for batch in found], option=orjson.OPT_INDENT_2))
        return
    if not found:
        err.print("No batches here. touchstone batch run FILE makes one.")
        return
    header, *lines = listed(found, out.width if out.is_terminal else None)
    out.print(Text(header, style="dim"), soft_wrap=True)
    for batch, line in zip(found, lines, strict=True):
        text = Text(line)
        text.highlight_words([batch.status], _STYLES.get(batch.status, ""))
        out.print(text, soft_wrap=True)
    if has_more:
        err.print(f"There are more: --after {found[-1].id}", markup=False)


@takes_settings(*STORE_SETTINGS)
def results(
    settings: Settings,
    batch_id: BatchId,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write them to this file, and failed lines beside it.")
    ] = None,
    failing: Annotated[
        bool, typer.Option("--failing", help="Only what is not to be trusted, and failed lines.")
    ] = False,
    slim: Annotated[bool, typer.Option("--slim", help="Verdicts and failing claims alone.")] = False,
) -> None:
    """Print the results of a batch, a JSON object a line, failed lines first. Works while it runs."""
    if output is None:
        with_storage(settings, lambda storage, batches: _print_results(storage, batch_id, failing, slim))
    elif failing or slim:
        fail("--output writes results whole; leave --failing and --slim out, or send what is printed to a file")
    else:
        places = Places.at(output)
        with_storage(settings, lambda storage, batches: _write_results(storage, batches, batch_id, places))


async def _print_results(storage: Storage, batch_id: str, failing: bool, slim: bool) -> None:
    cursor = Cursor()
    while True:
        page = await storage.batch_results.page(LOCAL_OWNER, batch_id, cursor)
        for line in page.lines:
            cursor = line.after
            body = slim_result(line) if failing or slim else {}
            if not failing or is_failing(body):
                typer.echo(orjson.dumps(body) if slim else line.text)
        if not page.has_more:
            break
    if page.batch.status not in ENDED:
        err.print(f"The batch is {page.batch.status}; there will be more.", markup=False)


async def _write_results(storage: Storage, batches: Batches, batch_id: str, places: Places) -> None:
    batch = await batches.get(LOCAL_OWNER, batch_id)
    if batch.status not in ENDED:
        fail(f"the batch is {batch.status}: without --output what there is is printed")
    written = await write_outcome(storage, LOCAL_OWNER, batch_id, places)
    err.print(f"written: {written.results}", markup=False, soft_wrap=True)
    if written.errors is not None:
        err.print(f"failed lines: {written.errors}", markup=False, soft_wrap=True)


def _print_batch(batch: Batch) -> None:
    grid = Table.grid(padding=(0, 2))
    done = batch.completed + batch.failed
    rows: dict[str, str | Text] = {
        "batch": batch.id,
        "status": Text(batch.status, style=_STYLES.get(batch.status, "bold")),
        "endpoint": batch.endpoint.value,
        "lines": f"{done:,} of {batch.total:,}" if batch.total else "not read yet",
        "failed": f"{batch.failed:,}" if batch.failed else "",
        "made": _time(batch.created_at),
        "expires": "" if batch.status in ENDED else _time(batch.expires_at),
    }
    for name, value in rows.items():
        if value:
            grid.add_row(Text(name, style="dim"), value)
    out.print(grid)
    for error in batch.errors[:20]:
        out.print(f"line {error.line}: {error.message}" if error.line else error.message, markup=False, style="red")


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
