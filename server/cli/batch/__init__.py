"""`touchstone batch run | status | list | results | cancel`: batches in the data folder, without a server.

They are the batches of whoever sends no key. A server with the same data folder knows them too, and works on them.
"""

import typer

from server.cli.batch.look import cancel, list_batches, results, status
from server.cli.batch.run import run

batch_app = typer.Typer(
    help="Many answers or requests at once, here, without a server.", no_args_is_help=True, rich_markup_mode=None
)
batch_app.command()(run)
batch_app.command()(status)
batch_app.command(name="list")(list_batches)
batch_app.command()(results)
batch_app.command()(cancel)
