"""Web search that stays welcome."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from inference.errors import SearchFailed
from inference.evidence.polite_search import (
    BACK_OFF_S,
    OFFLINE_S,
    REFUSED_S,
    SEARCHES_AT_ONCE,
    TRIES_MAX,
    PoliteSearch,
    back_off_s,
)
from inference.evidence.search_engine import (
    SearchEngineError,
    SearchHit,
    SearchRefused,
    SearchTimeout,
    SearchUnreachable,
    SearchUnreadable,
)

HIT = SearchHit("Bears", "https://example.org/bears", "Bears sleep.")
LIMIT_S = 60


@dataclass
class Scripted:
    """An engine that gives what it was told, the last answer again and again."""

    name: str
    answers: Sequence[list[SearchHit] | SearchEngineError]
    asked: list[str] = field(default_factory=list)

    def ask(self, query: str) -> list[SearchHit]:
        self.asked.append(query)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, SearchEngineError):
            raise answer
        return answer


class Clock:
    """A clock that a test moves, and that pauses move."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def pause(self, pause_s: float) -> None:
        self.pauses.append(pause_s)
        self.now_s += pause_s


def polite(*engines: Scripted, clock: Clock | None = None, chance: Callable[[], float] = lambda: 0.0) -> PoliteSearch:
    clock = clock or Clock()
    return PoliteSearch(engines, clock=clock, chance=chance, pause=clock.pause)


async def test_the_first_engine_that_has_results_answers() -> None:
    first, second, third = Scripted("a", [[]]), Scripted("b", [[HIT]]), Scripted("c", [[HIT]])
    assert await polite(first, second, third).search("bears") == (HIT,)
    assert third.asked == []


async def test_found_nothing_is_an_answer() -> None:
    assert await polite(Scripted("a", [[]]), Scripted("b", [SearchRefused("429")])).search("bears") == ()


async def test_the_same_question_is_asked_once() -> None:
    engine = Scripted("a", [[HIT]])
    search = polite(engine)
    assert await search.search("Do bears sleep?") == await search.search("do  bears sleep?")
    assert engine.asked == ["Do bears sleep?"]


async def test_a_lost_connection_is_tried_again_after_a_growing_pause() -> None:
    clock = Clock()
    engine = Scripted("a", [SearchUnreachable("lost"), SearchUnreachable("lost"), [HIT]])
    assert await polite(engine, clock=clock).search("bears") == (HIT,)
    assert clock.pauses == [BACK_OFF_S, 2 * BACK_OFF_S]


def test_chance_makes_a_pause_longer_by_half_at_most() -> None:
    assert back_off_s(1, 1.0) == 1.5 * back_off_s(1, 0.0)


async def test_the_number_of_tries_is_bounded() -> None:
    engine = Scripted("a", [SearchUnreachable("lost")])
    with pytest.raises(SearchFailed):
        await polite(engine).search("bears")
    assert len(engine.asked) == TRIES_MAX


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (SearchUnreachable("dns"), r"could not be reached \(no network\?\)"),
        (SearchTimeout("no answer within 8 s"), "did not answer in time"),
        (SearchUnreadable("HTTP status 500"), r"no usable answer \(HTTP status 500\)"),
        (SearchRefused("429"), "refuse more searches for now. Try again in 60 s"),
    ],
)
async def test_each_kind_of_failure_says_what_it_is_and_what_to_do(failure: SearchEngineError, message: str) -> None:
    with pytest.raises(SearchFailed, match=message) as raised:
        await polite(Scripted("a", [failure]), Scripted("b", [failure])).search("bears")
    assert "--no-web-search" in raised.value.message


async def test_an_engine_that_refused_is_left_in_peace_for_a_time_that_doubles() -> None:
    clock = Clock()
    engine = Scripted("a", [SearchRefused("202"), SearchRefused("202"), [HIT]])
    search = polite(engine, clock=clock)
    for wait_s in (REFUSED_S, 2 * REFUSED_S):
        for query in ("one", "two"):
            with pytest.raises(SearchFailed, match=f"in {wait_s:.0f} s"):
                await search.search(query)
        clock.now_s += wait_s
    assert len(engine.asked) == 2
    assert await search.search("bears") == (HIT,)


async def test_while_one_engine_refuses_the_others_are_asked() -> None:
    refusing, other = Scripted("a", [SearchRefused("202")]), Scripted("b", [[HIT]])
    search = polite(refusing, other)
    assert await search.search("one") == (HIT,)
    assert await search.search("two") == (HIT,)
    assert len(refusing.asked) == 1


async def test_once_the_network_is_gone_the_next_search_does_not_wait_for_it() -> None:
    clock = Clock()
    engine = Scripted("a", [SearchUnreachable("dns")] * TRIES_MAX + [[HIT]])
    search = polite(engine, clock=clock)
    for query in ("one", "two"):
        with pytest.raises(SearchFailed, match="no network"):
            await search.search(query)
    assert len(engine.asked) == TRIES_MAX
    clock.now_s += 10
    assert await search.search("two") == (HIT,)


async def test_a_failure_is_not_remembered_as_an_answer() -> None:
    clock = Clock()
    engine = Scripted("a", [SearchUnreadable("x")] * TRIES_MAX + [[HIT]])
    search = polite(engine, clock=clock)
    with pytest.raises(SearchFailed):
        await search.search("bears")
    assert await search.search("bears") == (HIT,)


class Blocked:
    """An engine that answers only when it is let."""

    name = "blocked"

    def __init__(self) -> None:
        self.let = threading.Event()
        self.full = threading.Event()
        self.inside = 0
        self.most = 0
        self._counting = threading.Lock()

    def ask(self, query: str) -> list[SearchHit]:
        with self._counting:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside == SEARCHES_AT_ONCE:
                self.full.set()
        self.let.wait(LIMIT_S)
        with self._counting:
            self.inside -= 1
        return [HIT]


async def test_only_a_few_searches_run_at_once() -> None:
    engine = Blocked()
    search = PoliteSearch([engine])
    searches = [asyncio.create_task(search.search(f"query {number}")) for number in range(12)]
    await asyncio.to_thread(engine.full.wait, LIMIT_S)
    engine.let.set()
    assert await asyncio.gather(*searches) == [(HIT,)] * 12
    assert engine.most == SEARCHES_AT_ONCE


async def test_an_engine_that_never_returns_ends_in_an_error() -> None:
    engine = Blocked()
    try:
        with pytest.raises(SearchFailed, match="did not answer within"):
            await PoliteSearch([engine], deadline_s=0.05).search("bears")
    finally:
        engine.let.set()


async def test_after_a_search_that_never_ended_the_next_does_not_wait_as_long() -> None:
    engine, clock = Blocked(), Clock()
    search = PoliteSearch([engine], deadline_s=0.05, clock=clock)
    try:
        with pytest.raises(SearchFailed, match="did not answer within"):
            await search.search("bears")
        with pytest.raises(SearchFailed, match="could not be reached"):
            await search.search("wolves")
        clock.now_s += OFFLINE_S
        with pytest.raises(SearchFailed, match="did not answer within"):
            await search.search("wolves")
    finally:
        engine.let.set()
