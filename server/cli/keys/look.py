"""`touchstone keys list`."""

import time

import orjson
import typer
from rich.text import Text

from inference.errors import SettingsError
from server.accounts.plans import Plans
from server.accounts.plans_file import load_plans
from server.cli.console import err, out
from server.cli.keys.listing import listed
from server.cli.keys.store import STORE_SETTINGS, Json, with_keys
from server.cli.options import takes_settings
from server.settings import Settings
from server.wire.keys import key_json


@takes_settings(*STORE_SETTINGS, "plans_file")
def list_keys(settings: Settings, json: Json = False) -> None:
    """List all keys, the oldest first, also those that were revoked or have expired."""
    keys, now_s = with_keys(settings, lambda records: records.all()), time.time()
    if json:
        typer.echo(orjson.dumps([key_json(key, now_s) for key in keys], option=orjson.OPT_INDENT_2))
        return
    if not keys:
        err.print("No keys here. touchstone keys create NAME makes one.")
        return
    (header, *lines), left_out = listed(keys, now_s, out.width if out.is_terminal else None, _plans(settings))
    out.print(Text(header, style="dim"), soft_wrap=True)
    for key, line in zip(keys, lines, strict=True):
        out.print(Text(line, style="" if key.opens(now_s) else "dim"), soft_wrap=True)
    if left_out:
        err.print(f"No room here for: {', '.join(left_out)}. A wider terminal shows them, and --json.", soft_wrap=True)


def _plans(settings: Settings) -> Plans | None:
    """The plans; None if they cannot be read, which is said and keeps nobody from seeing the keys."""
    try:
        return load_plans(settings.plans_file)
    except SettingsError as error:
        err.print(Text(error.message, style="yellow"), soft_wrap=True)
        return None
