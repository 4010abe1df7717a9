"""Reads the plans from a file that an operator edits; see plans.toml.

What is wrong in the file stops the start, with its place and what is allowed there: a limit that was misspelt would be
no limit at all.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from inference.errors import SettingsError
from inference.text.shorten import shorten
from server.accounts.plans import Plan, PlanLimits, Plans
from server.wire.verification import VERIFY_MODEL, canonical

SHIPPED = Path(__file__).with_name("plans.toml")

UNLIMITED = "unlimited"
"""What stands in the file for no limit."""

LIMIT_MAX = 10**12
"""Of any number in the file: more is a slip, and no database counts so far."""

MODELS = "models"
"""The one table within a plan."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SHOWN_CHARS_MAX = 60

FIELDS = tuple(field.name for field in fields(PlanLimits))

OF_PLANS_ALONE = "other_requests_per_minute"


def load_plans(path: Path | None = None) -> Plans:
    """The plans in `path`, or those that ship. Raises SettingsError, with file, plan, model, field and value."""
    return _read(path) if path else _shipped()


@cache
def _shipped() -> Plans:
    return _read(SHIPPED)


def _read(source: Path) -> Plans:
    try:
        found = tomllib.loads(source.read_text(encoding="utf-8-sig"))  # editors on Windows begin files so
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise SettingsError(f"plans file {source} {why} (setting plans_file)") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"plans file {source} is no TOML: {error}") from None
    if not found:
        raise SettingsError(f"plans file {source} holds no plan; it needs one at least, such as [core]")
    return Plans({name: _plan(_Place(source, name), name, about) for name, about in found.items()})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file something is."""

    source: Path
    plan: str
    model: str | None = None

    def refuse(self, what: str) -> NoReturn:
        model = "" if self.model is None else f", model {_shown(self.model)}"
        raise SettingsError(f"plans file {self.source}, plan {_shown(self.plan)}{model}: {what}")


def _plan(place: _Place, name: str, about: object) -> Plan:
    if not _NAME.fullmatch(name):
        place.refuse("the name of a plan is a word of up to 64 letters, digits, - and _")
    if not isinstance(about, Mapping):
        place.refuse(f"{_shown(about)} is no table; a plan begins with its name in brackets, [{name}]")
    default = _values(place, {key: value for key, value in about.items() if key != MODELS})
    of_models = about.get(MODELS, {})
    if not isinstance(of_models, Mapping):
        place.refuse(f"{MODELS} = {_shown(of_models)} is no table of models and their limits")
    models: dict[str, PlanLimits] = {}
    for model, limits in of_models.items():
        at = _Place(place.source, name, model)
        known = canonical(model)
        if known in models:
            at.refuse(f"this is another name of {VERIFY_MODEL}, which the plan has already")
        if not isinstance(limits, Mapping):
            at.refuse(f"{_shown(limits)} is no table of limits, such as {{ context_tokens = 32_000 }}")
        models[known] = PlanLimits(**default | _values(at, limits))
    return Plan(name, PlanLimits(**default), models)


def _values(place: _Place, about: Mapping[str, Any]) -> dict[str, int | None]:
    return {name: _value(place, name, value) for name, value in about.items()}


def _value(place: _Place, name: str, value: object) -> int | None:
    if name not in FIELDS:
        place.refuse(f"there is no field {_shown(name)}; there are {', '.join(FIELDS)}")
    if name == OF_PLANS_ALONE and place.model is not None:
        place.refuse(f"{name} is for requests that ask no model; it belongs to the plan")
    if value == UNLIMITED:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LIMIT_MAX:
        place.refuse(f'{name} = {_shown(value)} is neither a whole number from 0 to {LIMIT_MAX:,} nor "{UNLIMITED}"')
    return value


def _shown(value: object) -> str:
    return shorten(repr(value), _SHOWN_CHARS_MAX)
