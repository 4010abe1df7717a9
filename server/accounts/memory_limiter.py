"""Counts the requests that come to this process. Exact: nothing else runs between counting and letting in."""

import time
from collections.abc import Callable
from functools import lru_cache, partial

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from server.accounts.loop_storage import LoopStorage
from server.accounts.place import Place, Rate, rate_limit, too_many, too_often
from server.accounts.plans import PlanLimits


class _PerMinute(RateLimitItemPerMinute):
    """Counts under the name of the bucket as it is, which is never that of another. The library makes a name of its own
    of it twice a request, which took 2 of 9 microseconds."""

    def key_for(self, *identifiers: bytes | str | int | float) -> str:
        (bucket,) = identifiers
        return str(bucket)


class MemoryLimiter:
    """For one event loop. A minute is the last sixty seconds, whenever they began, so that none holds two bursts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rates = MovingWindowRateLimiter(LoopStorage(clock))
        self._running: dict[str, int] = {}

    async def enter(self, key_id: str, plan: str, model: str | None, limits: PlanLimits) -> Place:
        bucket = bucket_of(key_id, model)
        per_minute = rate_limit(model, limits)
        concurrent = limits.concurrent_requests
        if concurrent is not None and self._running.get(bucket, 0) >= concurrent:
            return Place(self._rate(bucket, per_minute), refusal=too_many(plan, model, concurrent))
        if per_minute is not None and not self._rates.hit(_item(per_minute), bucket):
            standing = self._standing(bucket, per_minute)
            return Place(standing, refusal=too_often(plan, model, standing))
        rate = self._rate(bucket, per_minute)
        if concurrent is None:
            return Place(rate)
        self._running[bucket] = self._running.get(bucket, 0) + 1
        return Place(rate, partial(self._end, bucket))

    async def why_not_shared(self) -> None:
        """Nobody else counts with it."""

    async def aclose(self) -> None:
        """Nothing is held beyond this process."""

    def _rate(self, bucket: str, per_minute: int | None) -> Rate | None:
        return None if per_minute is None else self._standing(bucket, per_minute)

    def _standing(self, bucket: str, per_minute: int) -> Rate:
        stats = self._rates.get_window_stats(_item(per_minute), bucket)
        return Rate(per_minute, max(0, stats.remaining), max(0.0, stats.reset_time - self._clock()))

    def _end(self, bucket: str) -> None:
        left = self._running[bucket] - 1
        if left:
            self._running[bucket] = left
        else:
            del self._running[bucket]


def bucket_of(key_id: str, model: str | None) -> str:
    """Under which requests are counted together. Ids of keys hold no slash."""
    return f"{key_id}/" if model is None else f"{key_id}/{model}"


@lru_cache(maxsize=256)
def _item(per_minute: int) -> _PerMinute:
    return _PerMinute(per_minute)
