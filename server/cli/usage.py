"""`touchstone usage`: what keys have used, from the store, without a server.

A server writes what it counts each second, so the last second of one that runs may not be there yet.
"""

import asyncio
import re
import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table
from rich.text import Text

from inference.errors import BadInput
from inference.store.database import Database
from inference.usage.usage_records import By, Chosen, UsageRecords, UsageSum
from inference.usage.used import NOTHING, Used, day_of
from server.accounts.key_records import KeyRecords
from server.cli.console import err, out
from server.cli.keys.named import key_named
from server.cli.options import takes_settings
from server.observe.logs import configure_logs
from server.settings import Settings
from server.storage import build_storage, open_storage
from server.wire.usage import day_in, used_json
from server.wire.verification import canonical

DAYS_MAX = 9_999
"""That `--since` may name as 7d."""

_DAYS = re.compile(r"([0-9]{1,4})d")


@takes_settings("data_dir", "database_url")
def usage(
    settings: Settings,
    since: Annotated[
        str, typer.Option("--since", help="The first day: 2026-11-01, or 7d for today and the six days before.")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="The last day: 2026-11-30.")] = "",
    key: Annotated[str, typer.Option("--key", help="Id or name of one key alone.")] = "",
    model: Annotated[str, typer.Option("--model", help="One model alone.")] = "",
    by: Annotated[By, typer.Option("--by", help="What a line of the table is.")] = By.DAY,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many requests and tokens keys have used. Days are in UTC."""
    configure_logs("warning")
    start = first_day(since, time.time()) if since else None
    end = day_in(until, "--until") if until else None
    if start and end and start > end:
        raise BadInput(f"--since: {start} comes after --until, which is {end}", "--since")
    chosen = Chosen(start, end, key or None, canonical(model) or None)
    sums = asyncio.run(_sums(settings, chosen, by))
    if json:
        typer.echo(orjson.dumps(_json(sums, by), option=orjson.OPT_INDENT_2))
    elif sums:
        out.print(_table(sums, by))
    else:
        err.print("Nothing was used then.")


def first_day(since: str, now_s: float) -> str:
    """The day that `since` names, a day or a number of days that end with that of `now_s`. Raises BadInput."""
    found = _DAYS.fullmatch(since)
    if not found:
        try:
            return day_in(since, "--since")
        except BadInput as error:
            raise BadInput(f"{error.message}, or as a number of days up to today, such as 7d", "--since") from None
    days = int(found[1])
    if not 1 <= days <= DAYS_MAX:
        raise BadInput(f"--since: {since} is not from 1d to {DAYS_MAX}d", "--since")
    return (date.fromisoformat(day_of(now_s)) - timedelta(days=days - 1)).isoformat()


async def _sums(settings: Settings, chosen: Chosen, by: By) -> list[UsageSum]:
    storage = build_storage(settings)
    async with open_storage(settings, storage):
        if chosen.key_id is not None:
            key_id = await _key_id(storage.database, chosen.key_id)
            chosen = replace(chosen, key_id=key_id)
        return list(await UsageRecords(storage.database).sums(chosen, by))


async def _key_id(database: Database, asked: str) -> str:
    """The id of the key that `asked` is the id or the name of. Raises NotFound. Callers whose key is not in the store
    are known by what they used."""
    if await UsageRecords(database).has(asked):
        return asked
    return key_named(await KeyRecords(database).all(), asked, time.time()).id


def _table(sums: list[UsageSum], by: By) -> Table:
    table = Table(box=None, header_style="dim", show_footer=len(sums) > 1, footer_style="bold")
    total = _total(sums)
    table.add_column(by.value, "sum")
    if by is By.KEY:
        table.add_column("name")
    for name in ("requests", "input_tokens", "output_tokens", "total_tokens"):
        table.add_column(name.removesuffix("_tokens"), f"{getattr(total, name):,}", justify="right")
    for each in sums:
        cells = [Text(each.name)] + ([Text(each.key_name or "")] if by is By.KEY else [])
        used = each.used
        counts = (used.requests, used.input_tokens, used.output_tokens, used.total_tokens)
        table.add_row(*cells, *(f"{count:,}" for count in counts))
    return table


def _total(sums: list[UsageSum]) -> Used:
    return sum((each.used for each in sums), NOTHING)


def _json(sums: list[UsageSum], by: By) -> dict[str, Any]:
    rows = []
    for each in sums:
        name: dict[str, Any] = {"date" if by is By.DAY else "key_id" if by is By.KEY else "model": each.name}
        if by is By.KEY:
            name["key_name"] = each.key_name
        rows.append(name | used_json(each.used))
    return {"by": by.value, "data": rows, "total": used_json(_total(sums))}
