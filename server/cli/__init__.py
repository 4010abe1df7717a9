"""The command line: `touchstone serve | worker | mcp | verify | verify-document | batch | keys | corpus | doctor`.

A command parses, calls, prints. Results go to stdout, everything else to stderr. Exit codes: 0 done and nothing wrong
found, 1 the response is not to be trusted, 2 the command could not be carried out.
"""

from typing import Annotated

import typer

from server.cli.batch import batch_app
from server.cli.corpus import corpus_app
from server.cli.doctor import doctor
from server.cli.keys import keys_app
from server.cli.serve import serve
from server.cli.stdio import mcp
from server.cli.verify import verify, verify_document
from server.cli.worker import worker
from server.version import VERSION

app = typer.Typer(
    name="touchstone",
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


app.command()(serve)
app.command()(worker)
app.command()(mcp)
app.command()(verify)
app.command(name="verify-document")(verify_document)
app.command()(doctor)
app.add_typer(batch_app, name="batch")
app.add_typer(keys_app, name="keys")
app.add_typer(corpus_app, name="corpus")
