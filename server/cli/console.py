"""Printing for people: results on stdout, everything else on stderr."""

from typing import NoReturn

import typer
from rich.console import Console
from rich.text import Text

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def fail(message: str) -> NoReturn:
    """Ends the command: it could not be carried out."""
    err.print("error:", style="bold red", end=" ")
    err.print(message, markup=False, soft_wrap=True)
    raise typer.Exit(2)


def warn(message: str) -> None:
    err.print(Text.assemble(("warning: ", "yellow"), message), soft_wrap=True)  # at once: a bar may stand below
