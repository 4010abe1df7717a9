"""Plans: how much a key may ask for, by model. Read from a file that an operator edits; see plans.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import SettingsError

SHIPPED = Path(__file__).with_name("plans.toml")


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """The limits of one plan for one model, all inclusive. None: no limit of the plan's."""

    context_tokens: int | None = None
    output_tokens: int | None = None
    batch_requests: int | None = None
    concurrent_requests: int | None = None
    requests_per_minute: int | None = None
    other_requests_per_minute: int | None = None
    """Of those that ask no model, such as for files and batches; of a plan alone, not of its models."""
    fine_tuned_models: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: limits for the models that it names, and for all others."""

    name: str
    default: PlanLimits
    models: Mapping[str, PlanLimits]


class Plans:
    """All plans, by name."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._plans)

    def __contains__(self, name: str) -> bool:
        return name in self._plans

    def limits(self, name: str, model: str | None) -> PlanLimits:
        """The limits of the plan `name` for `model`, or for requests that ask no model. Raises SettingsError if a key
        has a plan that the file has no more."""
        plan = self._plans.get(name)
        if plan is None:
            raise SettingsError(f"the plan {name!r} of this key is not in the plans file any more; there are {self}")
        return plan.default if model is None else plan.models.get(model, plan.default)

    def __str__(self) -> str:
        return ", ".join(self._plans)


def load_plans(path: Path | None = None) -> Plans:
    """The plans in `path`, or those that ship. Raises SettingsError."""
    source = path or SHIPPED
    try:
        found = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"plans file {source} cannot be read: {error}") from None
    return Plans({name: _plan(name, about) for name, about in found.items()})


def _plan(name: str, about: Mapping[str, Any]) -> Plan:
    default = {key: value for key, value in about.items() if key != "models"}
    models = {model: PlanLimits(**default | limits) for model, limits in about.get("models", {}).items()}
    return Plan(name, PlanLimits(**default), models)
