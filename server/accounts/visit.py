"""One request, as far as its caller is concerned: who it is, what it may still do, what it has used.

A request enters for the model that it asks, once, before that is asked; what it then used is noted as it is known. The
place that it took is free again when its response has ended.
"""

from collections.abc import MutableMapping
from typing import Any, cast

from inference.batches.batch import NO_TOKENS, LineTokens
from server.accounts.caller import Caller
from server.accounts.limiter import Limiter, Place
from server.accounts.plans import Plans
from server.accounts.sizes import Sizes
from server.accounts.usage_meter import UsageMeter

VISIT = "touchstone.visit"
"""Where the scope of a request has it."""


class Visit:
    """Of one request."""

    def __init__(self, caller: Caller, plans: Plans, limiter: Limiter, usage: UsageMeter) -> None:
        self.caller = caller
        self._plans = plans
        self._limiter = limiter
        self._usage = usage
        self._place: Place | None = None
        self.has_entered = False
        """Whether it was counted already."""

    async def enter(self, model: str | None) -> None:
        """Counts the request as one for `model`, or as one for none. Raises RateLimited if the plan has no room for it
        now, PlanNotFound and StoreUnavailable."""
        if self.caller.plan is not None:
            limits = self._plans.limits(self.caller.plan, model)
            self._place = await self._limiter.enter(self.caller.key_id, model, limits)
        self.has_entered = True
        if model is not None:
            self._usage.add(self.caller.key_id, model, requests=1)

    def sizes(self, model: str) -> Sizes | None:
        """How large the request may be, as one for `model`; None: as large as the server takes. Raises PlanNotFound."""
        return self._plans.sizes(self.caller.plan, model)

    def spend(self, model: str, tokens: LineTokens) -> None:
        """Notes tokens that the request used."""
        if tokens is not NO_TOKENS:
            self._usage.add(self.caller.key_id, model, tokens=tokens)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the response says of the plan's limits."""
        return self._place.headers() if self._place else []

    async def leave(self) -> None:
        """Frees the place that the request took."""
        if self._place is not None:
            await self._place.leave()


def visit_of(scope: MutableMapping[str, Any]) -> Visit:
    """The visit that the request is."""
    return cast(Visit, scope[VISIT])


def owner_of(scope: MutableMapping[str, Any]) -> str:
    """Whose files and batches the request may see."""
    return visit_of(scope).caller.owner
