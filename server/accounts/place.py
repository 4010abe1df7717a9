"""What a request has that was counted against its key's plan: room for it, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass

from server.accounts.plans import PlanLimits
from server.errors import RateLimited

CONCURRENT_RETRY_S = 1
"""After which one of too many requests at once is worth trying again: nobody knows when one of the others ends."""

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Rate:
    """How a key stands with its requests of the last minute. `reset_s`: until one more of them is forgotten."""

    limit: int
    remaining: int
    reset_s: float


class Place:
    """Of one request. If `refusal` is there, it has none and is not counted."""

    __slots__ = ("_free", "rate", "refusal")

    def __init__(
        self, rate: Rate | None, free: Callable[[], None] | None = None, refusal: RateLimited | None = None
    ) -> None:
        """`free` gives back what is held for the request, without waiting."""
        self.rate = rate
        self.refusal = refusal
        self._free = free

    def headers(self) -> list[Header]:
        """What the response says of the limits: nothing where there is no limit to the rate."""
        rate = self.rate
        if rate is None:
            return []
        return [
            (b"x-ratelimit-limit-requests", b"%d" % rate.limit),
            (b"x-ratelimit-remaining-requests", b"%d" % rate.remaining),
            (b"x-ratelimit-reset-requests", duration(rate.reset_s)),
        ]

    def leave(self) -> None:
        """Gives the place back. Any time after the first is one too many, and does nothing."""
        free, self._free = self._free, None
        if free is not None:
            free()


def duration(seconds: float) -> bytes:
    """`seconds` as OpenAI writes them: 120ms, 1s, 6m0s. Never less than they are."""
    ms = -int(-seconds * 1000 // 1)
    if ms < 1000:
        return b"%dms" % ms if ms > 0 else b"0s"
    minutes, rest = divmod(-(-ms // 1000), 60)
    return b"%dm%ds" % (minutes, rest) if minutes else b"%ds" % rest


def rate_limit(model: str | None, limits: PlanLimits) -> int | None:
    """Requests a minute to `model`, or of those that ask none."""
    return limits.other_requests_per_minute if model is None else limits.requests_per_minute


def too_often(plan: str, model: str | None, rate: Rate) -> RateLimited:
    """The refusal of a request over the rate."""
    again_s = max(1, -int(-rate.reset_s // 1))
    allowed = f"{rate.limit:,} {'request' if rate.limit == 1 else 'requests'} a minute"
    return RateLimited(
        f"rate limit reached: the plan {plan} allows a key {allowed} {_what(model)}. Try again in {again_s} s.", again_s
    )


def too_many(plan: str, model: str | None, concurrent: int) -> RateLimited:
    """The refusal of a request beside too many others."""
    allowed = f"{concurrent:,} {'request' if concurrent == 1 else 'requests'} at once"
    return RateLimited(
        f"too many requests at once: the plan {plan} allows a key {allowed} {_what(model)}. Wait for one to end, or "
        f"try again in {CONCURRENT_RETRY_S} s.",
        CONCURRENT_RETRY_S,
    )


def _what(model: str | None) -> str:
    return "that ask no model" if model is None else f"to the model {model[:200]}"
