"""Command-line options out of the settings, so that flags, variables and TOML keys never drift apart."""

import functools
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from inference.errors import TouchstoneError
from server.cli.headings import HEADING_OF, PLACES, TO_BEGIN_WITH, UNDER_ONE_HEADING_MAX
from server.cli.secrets_in_flags import warnings_of
from server.settings import CONFIG_VARIABLE, ENV_PREFIX, Settings, is_flag, load_settings, unknown_variables
from server.where_listed import Surface, in_words_of

_CONFIG_HELP = f"TOML file with settings, one `name = value` a line. [{CONFIG_VARIABLE}]"
_ALIASES = {"api_keys": ("--api-key",)}
_HERE_ALONE = {"host": "127.0.0.1", "require_keys": "false", "api_keys": ""}
"""For commands that do not listen: whether a server with the same variables would need keys, or has weak ones, is not
their question. `touchstone keys` has to work where a server does not start for want of a key."""


def takes_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command one option for each named setting (all if none is named), and `settings` as its first argument.

    A wrong setting, and any of our errors inside the command, ends it with exit code 2 and the message on stderr.
    """
    chosen = sorted(names or Settings.model_fields, key=PLACES.__getitem__)
    is_grouped = len(chosen) > UNDER_ONE_HEADING_MAX

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(**given: Any) -> None:
            config = given.pop("config")
            flags = {name: given.pop(name) for name in chosen}
            try:
                settings = load_settings(flags if "host" in chosen else flags | _HERE_ALONE, config=config)
                _warn([*warnings_of(flags), *map(_unknown, unknown_variables(os.environ))])
                command(settings, **given)
            except TouchstoneError as error:
                from server.cli.console import fail  # noqa: PLC0415  for the reason below

                fail(in_words_of(Surface.COMMAND_LINE, error))

        own = [p for p in inspect.signature(command).parameters.values() if p.name != "settings"]
        first = TO_BEGIN_WITH if is_grouped else None
        file = typer.Option("--config", help=_CONFIG_HELP, rich_help_panel=first, metavar="FILE")
        config = _parameter("config", Annotated[Path | None, file])
        options = [_parameter(name, _option(name, HEADING_OF[name] if is_grouped else None)) for name in chosen]
        run.__signature__ = inspect.Signature([*own, config, *options])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in [*own, config, *options]}
        return run

    return wrap


def _unknown(variable: str) -> str:
    return f"{variable} is no setting of this version and is ignored; see touchstone serve --help"


def _warn(warnings: Sequence[str]) -> None:
    if not warnings:
        return
    from server.cli.console import warn  # noqa: PLC0415  rich takes 40 ms, and a server that starts prints nothing

    for warning in warnings:
        warn(warning)


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _option(name: str, heading: str | None) -> Any:
    """Values stay text here: the settings check them, with one message for flag, variable and file."""
    field = Settings.model_fields[name]
    default = _default(field)
    text = f"{field.description} [{ENV_PREFIX}{name.upper()}{default and f'; default: {default}'}]"
    dashed = name.replace("_", "-")
    if is_flag(name):
        return Annotated[bool | None, typer.Option(f"--{dashed}/--no-{dashed}", help=text, rich_help_panel=heading)]
    flags = (f"--{dashed}", *_ALIASES.get(name, ()))
    metavar = dashed.rpartition("-")[2].upper()
    return Annotated[str | None, typer.Option(*flags, help=text, metavar=metavar, rich_help_panel=heading)]


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "the system's folder for user data"
    if field.default in ((), "", None, SecretStr("")):
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
