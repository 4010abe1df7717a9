"""Plans: how much a key may ask for, by model. Values; `plans_file.py` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from inference.batches.batch import Endpoint
from inference.batches.input.line_scan import PlanLines
from inference.errors import PlanNotFound, SettingsError
from server.accounts.sizes import Sizes
from server.wire.verification import VERIFY_MODEL, VERIFY_MODELS, canonical


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

    def limits(self, model: str | None) -> PlanLimits:
        """The limits for `model`, or for requests that ask no model."""
        if model is None:
            return self.default
        return self.models.get(canonical(model), self.default)


class Plans:
    """All plans, by name."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._plans)

    def __contains__(self, name: str) -> bool:
        return name in self._plans

    def plan(self, name: str) -> Plan:
        """The plan `name`. Raises PlanNotFound if a key, or a batch, has a plan that the file has no more."""
        plan = self._plans.get(name)
        if plan is None:
            raise PlanNotFound(
                f"the plan {name!r} is not in the plans file of this server, which has {self}; its operator has to "
                "give the key another plan, or the file this one back (TOUCHSTONE_PLANS_FILE)"
            )
        return plan

    def limits(self, name: str, model: str | None) -> PlanLimits:
        """The limits of the plan `name` for `model`, or for requests that ask no model. Raises PlanNotFound."""
        return self.plan(name).limits(model)

    def sizes(self, name: str | None, model: str) -> Sizes | None:
        """How large a request for `model` may be under the plan `name`; None if nothing is said of that, as for callers
        without a plan. Raises PlanNotFound."""
        if name is None:
            return None
        limits = self.limits(name, model)
        if limits.context_tokens is None and limits.output_tokens is None:
            return None
        return Sizes(name, model, limits.context_tokens, limits.output_tokens)

    def lines_of(self, name: str, endpoint: Endpoint) -> PlanLines:
        """How many requests a batch for `endpoint` may have under the plan `name`. Raises PlanNotFound."""
        plan = self.plan(name)
        models: dict[str | None, int | None] = {model: of.batch_requests for model, of in plan.models.items()}
        verify = plan.limits(VERIFY_MODEL).batch_requests
        models |= dict.fromkeys(VERIFY_MODELS, verify)
        if endpoint is Endpoint.VERIFY:  # whose requests need not say which model verifies
            models[None] = verify
        default = plan.default.batch_requests
        return PlanLines(name, default, {model: most for model, most in models.items() if most != default})

    def check_default(self, name: str) -> None:
        """Raises SettingsError if `name`, the setting default_plan, is no plan here."""
        if name not in self._plans:
            raise SettingsError(
                f"setting default_plan = {name!r}: there is no such plan in the plans file, which has {self}; set "
                "TOUCHSTONE_DEFAULT_PLAN to one of them"
            )

    def __str__(self) -> str:
        return ", ".join(self._plans)
