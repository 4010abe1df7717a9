"""The command line: `touchstone serve | worker | mcp | verify | verify-document | batch | keys | corpus |
usage | doctor`.

A command parses, calls, prints. Results go to stdout, everything else to stderr. Exit codes: 0 done and nothing wrong
found, 1 the response is not to be trusted, 2 the command could not be carried out.
"""

from typing import Annotated

import typer

from server.cli.commands import Place, commands_at
from server.version import VERSION

COMMANDS = {
    "serve": Place("server.cli.serve", "serve", "Start the server: REST under /v1, MCP at /v1/mcp and /stream."),
    "worker": Place(
        "server.cli.worker", "worker", "Work off batches of the store that the settings name, until told to stop."
    ),
    "mcp": Place("server.cli.stdio", "mcp", "Serve MCP over stdio, for a client that starts it."),
    "verify": Place("server.cli.verify", "verify", "Verify an answer against the corpora and the web."),
    "verify-document": Place("server.cli.verify", "verify_document", "Verify an answer against a document alone."),
    "usage": Place("server.cli.usage", "usage", "Say how many requests and tokens keys have used."),
    "doctor": Place(
        "server.cli.doctor", "doctor", "Check that verifications, batches and keys would work with these settings."
    ),
    "batch": Place("server.cli.batch", "batch_app", "Many answers or requests at once, here, without a server."),
    "keys": Place("server.cli.keys", "keys_app", "API keys that callers send."),
    "corpus": Place("server.cli.corpus", "corpus_app", "Your own files as evidence."),
}

app = typer.Typer(
    name="touchstone",
    cls=commands_at(COMMANDS),
    help="Says whether a response of a language model can be trusted, and which evidence says so.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: the boxes cut the names of variables off at 80 columns
    pretty_exceptions_enable=False,  # a plain traceback can be pasted into an issue, and shows no local values
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"touchstone {VERSION}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Says whether a response of a language model can be trusted, and which evidence says so."""
