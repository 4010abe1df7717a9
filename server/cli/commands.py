"""Commands that are named here and imported when they are run: `touchstone --help` imports none of them.

To import all that a server is made of takes seconds. A group of commands therefore knows of each no more than what its
own help shows, and where it is. That is the one place where a module is imported by its name.
"""

import contextlib
import gc
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from server.cli.grouped_help import GroupedCommand


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is, which is a function or a `typer.Typer` of several; and the first sentence of its help."""

    module: str
    name: str
    help: str


def commands_at(places: Mapping[str, Place]) -> type[TyperGroup]:
    """A group of the commands with these names, in this order, for `typer.Typer(cls=...)`."""

    class Group(TyperGroup):
        def __init__(self, **more: Any) -> None:
            named = {name: TyperCommand(name, help=place.help) for name, place in places.items()}
            super().__init__(**more | {"commands": named})

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            name, command, rest = super().resolve_command(ctx, args)
            return name, command and imported(places[args[0]]), rest

    return Group


def imported(place: Place) -> Any:
    """The command itself."""
    with _without_looks_for_garbage():
        found = getattr(importlib.import_module(place.module), place.name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cls=GroupedCommand)(found)
        found = alone
    return typer.main.get_command(found)


@contextlib.contextmanager
def _without_looks_for_garbage() -> Iterator[None]:
    """For imports: next to nothing of what they make is garbage, and to look for it again and again while it grows took
    a fifth of the start of a server. What is there at the end stays, and is left out of later looks."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
