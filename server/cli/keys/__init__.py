"""`touchstone keys create | list | revoke | rotate | plan`: keys in the store, with or without a server on it."""

import typer

from server.cli.keys.change import create, plan, revoke, rotate
from server.cli.keys.look import list_keys

keys_app = typer.Typer(
    help="API keys that callers send.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
keys_app.command()(create)
keys_app.command(name="list")(list_keys)
keys_app.command()(revoke)
keys_app.command()(rotate)
keys_app.command()(plan)
