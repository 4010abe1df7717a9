"""One request, as far as its caller is concerned: who it is, what it may still do, what it has used.

A request enters for the model that it asks, once, before that is asked; what it then used is noted as it is known. The
place that it took is free again when its response has ended.
"""

from collections.abc import MutableMapping
from typing import Any, cast

from inference.usage.token_usage import NO_USAGE, TokenUsage
from server.accounts.caller import Caller
from server.accounts.limiter import Limiter
from server.accounts.place import Place
from server.accounts.plans import Plans
from server.accounts.sizes import Sizes
from server.accounts.usage_meter import UsageMeter
from server.errors import RateLimited

VISIT = "touchstone.visit"
"""Where the scope of a request has it."""


class Visit:
    """Of one request."""

    __slots__ = ("_limiter", "_meter", "_place", "_plans", "caller", "has_entered")

    def __init__(self, caller: Caller, plans: Plans, limiter: Limiter, meter: UsageMeter) -> None:
        self.caller = caller
        self._plans = plans
        self._limiter = limiter
        self._meter = meter
        self._place: Place | None = None
        self.has_entered = False
        """Whether it was counted, or refused, already."""

    @property
    def refusal(self) -> RateLimited | None:
        """Why it was refused, if it was."""
        return self._place.refusal if self._place else None

    async def enter(self, model: str | None) -> None:
        """Counts the request as one for `model`, or as one for none. Raises RateLimited if the plan has no room for it
        now, and PlanNotFound."""
        await self.be_admitted(model)
        if model is not None:
            self.count(model)

    def count(self, model: str) -> None:
        """Counts the request as one that `model` is asked, for whoever pays."""
        self._meter.add(self.caller.key_id, model, requests=1)

    async def be_admitted(self, model: str | None) -> None:
        """Counts the request against the limits alone, before it is known to be one. Raises as `enter` does."""
        plan = self.caller.plan
        if plan is not None:
            self.leave()  # it may have been counted as one for no model, as nobody knew better
            limits = self._plans.limits(plan, model)
            self._place = await self._limiter.enter(self.caller.key_id, plan, model, limits)
        self.has_entered = True
        if self.refusal is not None:
            raise self.refusal

    def sizes(self, model: str) -> Sizes | None:
        """How large the request may be, as one for `model`; None: as large as the server takes. Raises PlanNotFound."""
        return self._plans.sizes(self.caller.plan, model)

    def spend(self, model: str, tokens: TokenUsage) -> None:
        """Notes tokens that the request used."""
        if tokens is not NO_USAGE:
            self._meter.add(self.caller.key_id, model, tokens=tokens)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the response says of the plan's limits."""
        return self._place.headers() if self._place else []

    def leave(self) -> None:
        """Frees the place that the request took. Does not wait, so that nothing can come between."""
        if self._place is not None:
            self._place.leave()


def visit_of(scope: MutableMapping[str, Any]) -> Visit:
    """The visit that the request is."""
    return cast(Visit, scope[VISIT])


def owner_of(scope: MutableMapping[str, Any]) -> str:
    """Whose files and batches the request may see."""
    return visit_of(scope).caller.owner


def limits_of(scope: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """What a response says of the limits of the request's plan, as far as that is known."""
    visit = scope.get(VISIT)
    return visit.headers() if isinstance(visit, Visit) else []
