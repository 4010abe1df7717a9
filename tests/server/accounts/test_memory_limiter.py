"""Limits that a server keeps by itself."""

import asyncio
from collections import defaultdict

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from server.accounts.memory_limiter import MemoryLimiter
from server.accounts.place import Place, duration
from server.accounts.plans import PlanLimits

KEY, PLAN, MODEL = "key_1", "trial", "some/model"


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def entered(limiter: MemoryLimiter, limits: PlanLimits, key: str = KEY, model: str | None = MODEL) -> Place:
    return await limiter.enter(key, PLAN, model, limits)


async def test_of_two_hundred_at_once_exactly_as_many_as_the_limit_get_through() -> None:
    for limits in (PlanLimits(requests_per_minute=30), PlanLimits(concurrent_requests=30)):
        limiter = MemoryLimiter()
        places = await asyncio.gather(*(entered(limiter, limits) for _ in range(200)))
        assert sum(place.refusal is None for place in places) == 30


async def test_a_minute_is_the_last_sixty_seconds_so_that_none_holds_two_bursts() -> None:
    clock = Clock()
    limiter, limits = MemoryLimiter(clock), PlanLimits(requests_per_minute=10)
    clock.now_s += 59.0  # wherever the clock's own minute ends
    first = [await entered(limiter, limits) for _ in range(10)]
    clock.now_s += 59.9
    second = [await entered(limiter, limits) for _ in range(10)]
    clock.now_s += 0.1
    third = [await entered(limiter, limits) for _ in range(11)]
    admitted = [sum(place.refusal is None for place in places) for places in (first, second, third)]
    assert admitted == [10, 0, 10]


async def test_keys_and_models_count_apart_and_requests_without_a_model_too() -> None:
    limiter, limits = MemoryLimiter(), PlanLimits(requests_per_minute=1, other_requests_per_minute=2)
    for key, model in (("key_1", "a"), ("key_1", "b"), ("key_2", "a"), ("key_1", None), ("key_1", None)):
        assert (await entered(limiter, limits, key, model)).refusal is None
    for key, model in (("key_1", "a"), ("key_1", "b"), ("key_2", "a"), ("key_1", None)):
        assert (await entered(limiter, limits, key, model)).refusal is not None


async def test_a_refused_request_counts_for_nothing() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock)
    limits = PlanLimits(requests_per_minute=2, concurrent_requests=1)
    running = await entered(limiter, limits)
    for _ in range(5):
        refused = await entered(limiter, limits)
        assert refused.rate is not None
        assert (refused.refusal is not None, refused.rate.remaining) == (True, 1)
        refused.leave()
    running.leave()
    (await entered(limiter, limits)).leave()
    for _ in range(5):
        assert (await entered(limiter, limits)).refusal is not None
    clock.now_s += 60
    assert (await entered(limiter, limits)).refusal is None


async def test_a_refusal_names_plan_model_and_limit_and_when_to_try_again() -> None:
    clock = Clock()
    limiter = MemoryLimiter(clock)
    often, many = PlanLimits(requests_per_minute=1), PlanLimits(concurrent_requests=1)
    await entered(limiter, often)
    clock.now_s += 47.5
    refusal = (await entered(limiter, often)).refusal
    assert refusal is not None
    assert refusal.retry_after_s == 13
    for word in (PLAN, MODEL, "1 request a minute", "13 s"):
        assert word in refusal.message
    await entered(limiter, many, "key_2")
    refusal = (await entered(limiter, many, "key_2")).refusal
    assert refusal is not None
    assert refusal.retry_after_s == 1
    for word in (PLAN, MODEL, "1 request at once", "1 s"):
        assert word in refusal.message


async def test_nothing_is_allowed_where_a_plan_says_nought() -> None:
    for limits in (PlanLimits(requests_per_minute=0), PlanLimits(concurrent_requests=0)):
        refusal = (await entered(MemoryLimiter(), limits)).refusal
        assert refusal is not None
        assert refusal.retry_after_s >= 1


async def test_without_limits_nothing_is_counted_and_nothing_is_said() -> None:
    limiter = MemoryLimiter()
    places = [await entered(limiter, PlanLimits()) for _ in range(2000)]
    assert {place.refusal for place in places} == {None}
    assert places[-1].headers() == []


async def test_keys_that_ask_no_more_are_forgotten() -> None:
    clock = Clock()
    limiter, limits = MemoryLimiter(clock), PlanLimits(requests_per_minute=5, concurrent_requests=5)
    for number in range(3000):
        (await entered(limiter, limits, f"key_{number}")).leave()
        clock.now_s += 1
    assert len(limiter._rates.storage._windows) < 200  # type: ignore[union-attr]
    assert not limiter._running


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, b"0s"), (0.0001, b"1ms"), (0.12, b"120ms"), (1, b"1s"), (1.01, b"2s"), (59.2, b"1m0s"), (360, b"6m0s")],
)
def test_a_time_is_written_as_openai_writes_it_and_never_too_short(seconds: float, written: bytes) -> None:
    assert duration(seconds) == written


class Life(RuleBasedStateMachine):
    """Requests come and end in any order, some of them twice: places are neither lost nor made."""

    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.limiter = MemoryLimiter(self.clock)
        self.limits = PlanLimits(requests_per_minute=6, concurrent_requests=3)
        self.running: defaultdict[str, set[Place]] = defaultdict(set)
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    @rule(target=places, model=st.sampled_from("ab"))
    def enter(self, model: str) -> tuple[str, Place]:
        recent = [time for time in self.times[model] if time > self.clock.now_s - 60]
        place = asyncio.run(entered(self.limiter, self.limits, model=model))
        there_is_room = len(self.running[model]) < 3 and len(recent) < 6
        assert (place.refusal is None) == there_is_room
        if there_is_room:
            self.running[model].add(place)
            self.times[model].append(self.clock.now_s)
            recent.append(self.clock.now_s)
        assert place.rate is not None
        assert place.rate.remaining == 6 - len(recent)
        assert place.rate.reset_s == pytest.approx(recent[0] + 60 - self.clock.now_s if recent else 0)
        return model, place

    @rule(entry=consumes(places), times=st.integers(1, 3))
    def leave(self, entry: tuple[str, Place], times: int) -> None:
        model, place = entry
        for _ in range(times):
            place.leave()
        self.running[model].discard(place)

    @rule(seconds=st.integers(1, 70))
    def wait(self, seconds: int) -> None:
        self.clock.now_s += seconds

    @invariant()
    def as_many_run_as_have_not_left(self) -> None:
        held = {model: len(places) for model, places in self.running.items() if places}
        assert self.limiter._running == {f"{KEY}/{model}": count for model, count in held.items()}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
