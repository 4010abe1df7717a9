"""Counts requests in a Redis, together with all other servers that share it.

One script decides about rate and places at once, in one trip. The library `limits` would need two trips for the rate
alone, twice the CPU time, and clocks that agree; places it does not know.

A place is a lease. It is renewed while the request is under way, so that one whose server was killed is free again
after PLACE_S. If Redis cannot be asked, each server counts alone for a while: a limit that is kept less well harms less
than a gateway that answers nobody. That is logged, and Redis is tried again every few seconds.
"""

import asyncio
import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count, islice
from pathlib import Path
from secrets import token_hex

from server.accounts.memory_limiter import MemoryLimiter, bucket_of
from server.accounts.place import Place, Rate, rate_limit, too_many, too_often
from server.accounts.plans import PlanLimits
from server.accounts.redis_line import Argument, LineDown, RedisLine
from server.observe.logs import log_action

PLACE_S = 10.0
"""After which a place is free that nobody renews: its server was killed."""

RENEWED_EVERY_S = 3.0
"""Well below PLACE_S, so that two renewals may be late or lost."""

RENEWED_AT_ONCE = 1000
"""Places in one command."""

TRIED_AGAIN_S = 5.0
"""After Redis failed. Meanwhile nobody waits for it."""

LOGGED_EVERY_S = 60.0
"""While Redis cannot be asked."""

PREFIX = "touchstone:limits:"
"""Of all keys in Redis."""

_WINDOW_MS = 60_000
_NO_LIMIT = -1
_ADMITTED, _TOO_OFTEN, _TOO_MANY = range(3)
_ENTER, _RENEW = (Path(__file__).with_name(f"{name}.lua").read_text(encoding="utf-8") for name in ("enter", "renew"))
_ENTER_DIGEST, _RENEW_DIGEST = (
    hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest() for script in (_ENTER, _RENEW)
)  # Redis's name for them


class RedisLimiter:
    """For one event loop."""

    def __init__(self, url: str, now: Callable[[], float] = time.monotonic) -> None:
        """Does no I/O."""
        self._line = RedisLine(url, (_ENTER, _RENEW))
        self._now = now
        self._alone = MemoryLimiter(now)
        self._ids = _ids()
        self._held: dict[str, str] = {}  # ids of places, and where they are in Redis
        self._renewing: asyncio.Task[None] | None = None
        self._try_again_at: float | None = None  # None: it answers
        self._logged_at = float("-inf")

    async def enter(self, key_id: str, plan: str, model: str | None, limits: PlanLimits) -> Place:
        per_minute, concurrent = rate_limit(model, limits), limits.concurrent_requests
        if per_minute is None and concurrent is None:
            return Place(None)
        if self._is_down():
            return await self._alone.enter(key_id, plan, model, limits)
        bucket, place_id = bucket_of(key_id, model), next(self._ids)
        times, places = f"{PREFIX}{{{bucket}}}:times", f"{PREFIX}{{{bucket}}}:places"  # braces: one slot for both
        try:
            decided, recent, frees_ms = await self._line.ask(
                _enter(times, places, per_minute, concurrent, place_id), ("ZREM", places, place_id)
            )
        except LineDown as error:
            self._fail(error)
            return await self._alone.enter(key_id, plan, model, limits)
        self._succeed()
        rate = None if per_minute is None else Rate(per_minute, max(0, per_minute - recent), frees_ms / 1000)
        if decided == _TOO_MANY and concurrent is not None:
            return Place(rate, refusal=too_many(plan, model, concurrent))
        if decided == _TOO_OFTEN and rate is not None:
            return Place(rate, refusal=too_often(plan, model, rate))
        return Place(rate) if concurrent is None else self._hold(rate, place_id, places)

    async def why_not_shared(self) -> str | None:
        """Asks Redis whether it is there."""
        try:
            await self._line.ask(("PING",), ("PING",))
        except LineDown as error:
            return str(error)
        return None

    async def aclose(self) -> None:
        if (renewing := self._renewing) is not None:
            renewing.cancel()
            await asyncio.wait({renewing})
        for place_id, places in tuple(self._held.items()):
            self._free(place_id, places)
        await self._line.aclose()

    def _hold(self, rate: Rate | None, place_id: str, places: str) -> Place:
        self._held[place_id] = places
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew())
        return Place(rate, partial(self._free, place_id, places))

    def _free(self, place_id: str, places: str) -> None:
        if self._held.pop(place_id, None) is not None:
            self._line.tell(("ZREM", places, place_id))

    async def _renew(self) -> None:
        """Renews what is held, for as long as something is."""
        try:
            while self._held:
                await asyncio.sleep(RENEWED_EVERY_S)
                if self._try_again_at is None:
                    for command in _renewals(self._held):
                        self._line.tell(command)
        finally:
            self._renewing = None  # before anything else runs: what is held from now on needs another task

    def _is_down(self) -> bool:
        """Whether nobody is to ask. Now and then it lets one try, and no other meanwhile."""
        if self._try_again_at is None:
            return False
        if self._now() < self._try_again_at:
            return True
        self._try_again_at = self._now() + TRIED_AGAIN_S
        return False

    def _fail(self, error: LineDown) -> None:
        self._try_again_at = self._now() + TRIED_AGAIN_S
        if self._now() - self._logged_at >= LOGGED_EVERY_S:
            self._logged_at = self._now()
            log_action(
                "limits_not_shared",
                logging.ERROR,
                reason=str(error),
                note="Redis (limits_url) gives no answer: this server counts the requests of keys alone",
            )

    def _succeed(self) -> None:
        if self._try_again_at is not None:
            self._try_again_at = None
            self._logged_at = float("-inf")
            log_action("limits_shared", note="Redis (limits_url) answers again")


def _enter(
    times: str, places: str, per_minute: int | None, concurrent: int | None, place_id: str
) -> tuple[Argument, ...]:
    limits = (_NO_LIMIT if limit is None else limit for limit in (per_minute, concurrent))
    return ("EVALSHA", _ENTER_DIGEST, 2, times, places, *limits, _WINDOW_MS, round(PLACE_S * 1000), place_id)


def _renewals(held: Mapping[str, str]) -> Iterator[tuple[Argument, ...]]:
    by_places: defaultdict[str, list[str]] = defaultdict(list)
    for place_id, places in held.items():
        by_places[places].append(place_id)
    for places, ids in by_places.items():
        some = iter(ids)
        while chunk := tuple(islice(some, RENEWED_AT_ONCE)):
            yield ("EVALSHA", _RENEW_DIGEST, 1, places, round(PLACE_S * 1000), *chunk)


def _ids() -> Iterator[str]:
    """Ids that no other process has."""
    prefix = token_hex(8)
    return (f"{prefix}{number:x}" for number in count())
