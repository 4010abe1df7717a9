"""Limits that several servers keep together, on a real Redis."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from server.accounts import redis_line
from server.accounts.place import Place
from server.accounts.plans import PlanLimits
from server.accounts.redis_limiter import PLACE_S, TRIED_AGAIN_S, RedisLimiter
from tests.scale.redis_server import RedisServer

KEY, PLAN, MODEL = "key_1", "trial", "some/model"
WAIT_S = 3 * PLACE_S


class Clock:
    """Of a server. Stands still unless it is moved; Redis has its own."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(autouse=True)
def _is_patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each server soon counts alone where this machine has no time for Redis."""
    if "is_slow" not in request.fixturenames:
        monkeypatch.setattr(redis_line, "TRIP_TIMEOUT_S", WAIT_S)


@pytest.fixture
async def two(redis: RedisServer) -> AsyncIterator[tuple[RedisLimiter, RedisLimiter]]:
    """The limiters of two servers."""
    limiters = RedisLimiter(redis.url), RedisLimiter(redis.url)
    yield limiters
    for limiter in limiters:
        await limiter.aclose()


@pytest.fixture
async def one(redis: RedisServer) -> AsyncIterator[RedisLimiter]:
    limiter = RedisLimiter(redis.url)
    yield limiter
    await limiter.aclose()


async def entered(limiter: RedisLimiter, limits: PlanLimits, model: str | None = MODEL) -> Place:
    return await limiter.enter(KEY, PLAN, model, limits)


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(WAIT_S):
            while not await holds():  # noqa: ASYNC110  nothing else tells
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited in vain: {what}") from None


async def test_two_servers_let_in_as_many_as_the_limit_and_not_twice_as_many(
    two: tuple[RedisLimiter, RedisLimiter],
) -> None:
    for limits, model in ((PlanLimits(requests_per_minute=30), "a"), (PlanLimits(concurrent_requests=30), "b")):
        places = await asyncio.gather(*(entered(two[number % 2], limits, model) for number in range(200)))
        assert sum(place.refusal is None for place in places) == 30


async def test_what_one_server_lets_in_the_other_counts(two: tuple[RedisLimiter, RedisLimiter]) -> None:
    limits = PlanLimits(requests_per_minute=2, other_requests_per_minute=1, concurrent_requests=1)
    here, there = two
    first = await entered(here, limits)
    assert first.rate is not None
    assert (first.rate.limit, first.rate.remaining, 59 < first.rate.reset_s <= 60) == (2, 1, True)
    beside = await entered(there, limits)
    assert beside.refusal is not None
    assert (beside.refusal.retry_after_s, beside.rate and beside.rate.remaining) == (1, 1)
    first.leave()
    first.leave()
    second = await entered(here, limits)
    second.leave()
    third = await entered(there, limits)
    assert third.refusal is not None
    assert third.rate is not None
    assert (third.rate.remaining, 50 < third.rate.reset_s <= 60) == (0, True)
    assert (await entered(there, limits, None)).refusal is None
    assert (await entered(here, limits, None)).refusal is not None


async def test_a_plan_without_limits_asks_nobody() -> None:
    limiter = RedisLimiter("redis://127.0.0.1:1")
    assert (await entered(limiter, PlanLimits())).headers() == []
    await limiter.aclose()


async def test_a_place_that_was_given_back_is_free_for_the_next_at_once(one: RedisLimiter) -> None:
    for _ in range(50):
        place = await entered(one, PlanLimits(concurrent_requests=1))
        assert place.refusal is None
        place.leave()


async def test_a_place_is_kept_for_as_long_as_its_request_runs_and_lapses_with_its_server(
    redis: RedisServer, two: tuple[RedisLimiter, RedisLimiter]
) -> None:
    limits = PlanLimits(concurrent_requests=1)
    dead, alive = two
    loop = asyncio.get_running_loop()
    place = await entered(dead, limits)
    began = loop.time()
    while loop.time() < began + PLACE_S + 2:
        assert (await entered(alive, limits)).refusal is not None
        await asyncio.sleep(0.5)
    assert dead._renewing is not None
    dead._renewing.cancel()  # as kill -9 does
    await until(lambda: _let_in(alive, limits), "the place lapses")
    place.leave()


async def _let_in(limiter: RedisLimiter, limits: PlanLimits) -> bool:
    return (await entered(limiter, limits)).refusal is None


async def test_requests_that_are_cancelled_at_any_moment_hold_no_place(redis: RedisServer, one: RedisLimiter) -> None:
    limits, chance = PlanLimits(concurrent_requests=20), random.Random(7)  # noqa: S311

    async def request() -> None:
        place = await entered(one, limits)
        try:
            await asyncio.sleep(chance.random() * 0.01)
        finally:
            place.leave()

    for _ in range(20):
        requests = [asyncio.create_task(request()) for _ in range(50)]
        for each in requests:
            if chance.random() < 0.6:
                await asyncio.sleep(chance.random() * 0.002)
                each.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
    await until(lambda: asyncio.to_thread(lambda: redis.places() == 0), "no place is held")
    assert not one._held


async def test_a_server_that_stops_gives_its_places_back(redis: RedisServer) -> None:
    limiter = RedisLimiter(redis.url)
    for _ in range(5):
        await entered(limiter, PlanLimits(concurrent_requests=9))
    assert redis.places() == 5
    await limiter.aclose()
    assert redis.places() == 0


@pytest.mark.parametrize("is_slow", [True, False], ids=["slow", "down"])
async def test_without_redis_each_server_counts_alone_and_says_so_once_a_minute(
    redis: RedisServer, caplog: pytest.LogCaptureFixture, is_slow: bool
) -> None:
    caplog.set_level(logging.INFO, "touchstone")
    clock, limits = Clock(), PlanLimits(requests_per_minute=3)
    limiter = RedisLimiter(redis.url, clock)
    try:
        for _ in range(3):
            await entered(limiter, limits)
        if is_slow:
            redis.pause(WAIT_S)
        else:
            redis.halt()
        for _ in range(4):
            places = [await entered(limiter, limits) for _ in range(4)]
            clock.now_s += TRIED_AGAIN_S
        assert [place.refusal is None for place in places] == [False] * 4
        assert _said(caplog) == ["limits_not_shared"]
        clock.now_s += 60
        places = [await entered(limiter, limits) for _ in range(4)]
        assert [place.refusal is None for place in places] == [True, True, True, False]
        assert _said(caplog) == ["limits_not_shared"] * 2
    finally:
        redis.halt()
        redis.start()
    clock.now_s += TRIED_AGAIN_S
    assert [(await entered(limiter, limits)).refusal is None for _ in range(4)] == [True, True, True, False]
    assert _said(caplog)[-1] == "limits_shared"
    await limiter.aclose()
    assert redis.url not in caplog.text


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [word for line in caplog.messages for word in line.split()[:1] if word.startswith("limits_")]
