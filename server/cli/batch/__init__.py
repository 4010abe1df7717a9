"""`touchstone batch run | status | list | results | cancel`: batches in the data folder, without a server.

They are the batches of whoever sends no key. A server with the same data folder knows them too, and works on them.
"""

import typer

from server.cli.commands import Place, commands_at

COMMANDS = {
    "run": Place("server.cli.batch.run", "run", "Run a file of requests, or verify a file of answers."),
    "status": Place("server.cli.batch.look", "status", "Say how far a batch is."),
    "list": Place("server.cli.batch.look", "list_batches", "List batches, the newest first."),
    "results": Place(
        "server.cli.batch.look", "results", "Print the results of a batch, a JSON object a line, failed lines first."
    ),
    "cancel": Place("server.cli.batch.cancel", "cancel", "End a batch before its time."),
}

batch_app = typer.Typer(
    cls=commands_at(COMMANDS),
    help="Many answers or requests at once, here, without a server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@batch_app.callback(help=batch_app.info.help)
def batch() -> None:
    """Without this a Typer that registers no command is none."""
