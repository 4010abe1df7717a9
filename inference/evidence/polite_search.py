"""Web search that stays welcome: few searches at once, an answer remembered, a refusal respected, an end in time.

It asks one engine after the other until one answers. An engine that refuses is left in peace for a time that doubles.
Found nothing is an answer; refused, unreachable, too slow and unreadable are four different SearchFailed.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from cachetools import TTLCache

from inference.errors import SearchFailed
from inference.evidence.abandonable import AbandonableThreads
from inference.evidence.cool_down import CoolDown
from inference.evidence.ddgs_engine import DdgsEngine
from inference.evidence.search_engine import (
    SearchEngine,
    SearchEngineError,
    SearchHit,
    SearchRefused,
    SearchTimeout,
    SearchUnreachable,
)

SEARCH_S = 30.0
"""Seconds for one search, waiting for its turn and all tries included."""

SEARCHES_AT_ONCE = 3
"""Searches. A verification asks for twenty claims; an engine takes more than a few at a time for an attack."""

TRIES_MAX = 3
"""Rounds through the engines. A lost connection is often back a second later; a third failure is no accident."""

BACK_OFF_S = 0.5
"""Seconds before the second round, twice that before the third; up to half of it more at random, so that searches
that failed together do not come back together."""

REFUSED_S, REFUSED_S_MAX = 60.0, 3600.0
"""Seconds to leave an engine in peace that refused, at first and at most. Their bans last from a minute to hours."""

OFFLINE_S, OFFLINE_S_MAX = 5.0, 60.0
"""Seconds to take the network for gone once no engine could be reached, so that twenty claims do not wait each."""

CACHED_SEARCHES_MAX = 1_000
"""Answers kept, some 5 kB each."""

CACHED_S = 3600.0
"""Seconds. The web does not change much in an hour, and the same response is often checked again."""

ENGINE_NAMES = ("duckduckgo", "brave", "mojeek", "yahoo")
"""The engines in the order they are asked, independent of each other in the main. Left out: encyclopedias, which look
for titles and not for statements, and those that are written by a language model, which is no evidence."""

_LOCAL_ONLY = "start with --no-web-search to check against the local corpus only"


class PoliteSearch:
    """Searches the web within bounds. `clock` is in seconds, `chance` gives numbers from 0 to 1, `pause` waits."""

    def __init__(
        self,
        engines: Sequence[SearchEngine] | None = None,
        *,
        deadline_s: float = SEARCH_S,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engines = [DdgsEngine(name) for name in ENGINE_NAMES] if engines is None else list(engines)
        self._refusals = {engine.name: CoolDown(REFUSED_S, REFUSED_S_MAX, clock) for engine in self._engines}
        self._offline = CoolDown(OFFLINE_S, OFFLINE_S_MAX, clock)
        self._deadline_s = deadline_s
        self._chance = chance
        self._pause = pause
        self._turn = asyncio.Semaphore(SEARCHES_AT_ONCE)
        self._threads = AbandonableThreads(SEARCHES_AT_ONCE)
        self._answers: TTLCache[str, tuple[SearchHit, ...]] = TTLCache(CACHED_SEARCHES_MAX, CACHED_S, timer=clock)

    async def search(self, query: str) -> tuple[SearchHit, ...]:
        """What the web has on `query`, best first; empty if nothing was found. Raises SearchFailed."""
        key = " ".join(query.casefold().split())
        asking = False
        try:
            async with asyncio.timeout(self._deadline_s), self._turn:
                asking = True
                hits = self._answers.get(key)
                if hits is None:
                    hits = self._answers[key] = await self._search(query)
                return hits
        except TimeoutError:
            if asking:  # not merely in line: a network that swallows packets, so the next claims need not wait as long
                self._offline.refused()
            raise SearchFailed(_too_slow(self._deadline_s)) from None

    async def _search(self, query: str) -> tuple[SearchHit, ...]:
        failures: list[SearchEngineError] = []
        for round_number in range(TRIES_MAX):
            self._check_welcome()
            if round_number:
                await self._pause(back_off_s(round_number, self._chance()))
            answer = await self._ask_in_turn(query, failures)
            if answer is not None:
                return answer
        self._check_welcome()
        if all(isinstance(failure, SearchUnreachable) for failure in failures):
            self._offline.refused()
            raise SearchFailed(_unreachable())
        raise SearchFailed(_last_failure(failures))

    def _check_welcome(self) -> None:
        """Raises SearchFailed if nobody may be asked just now."""
        if self._offline.remaining_s():
            raise SearchFailed(_unreachable())
        wait_s = min((refusal.remaining_s() for refusal in self._refusals.values()), default=0.0)
        if wait_s:
            raise SearchFailed(_refused(wait_s))

    async def _ask_in_turn(self, query: str, failures: list[SearchEngineError]) -> tuple[SearchHit, ...] | None:
        """The first answer with results; empty if engines answered but found nothing; None if none answered."""
        answered = False
        for engine in self._engines:
            refusal = self._refusals[engine.name]
            if refusal.remaining_s():
                continue
            try:
                hits = await self._threads.run(partial(engine.ask, query))
            except SearchEngineError as error:
                failures.append(error)
                if isinstance(error, SearchRefused):
                    refusal.refused()
                continue
            answered = True
            refusal.answered()
            self._offline.answered()
            if hits:
                return tuple(hits)
        return () if answered else None


def back_off_s(round_number: int, chance: float) -> float:
    """Seconds to wait before round `round_number`, counted from 0."""
    return float(BACK_OFF_S * 2 ** (round_number - 1) * (1 + chance / 2))


def _refused(wait_s: float) -> str:
    return f"The search engines refuse more searches for now. Try again in {wait_s:.0f} s, or {_LOCAL_ONLY}."


def _unreachable() -> str:
    return f"Web search could not be reached (no network?). Check the connection, or {_LOCAL_ONLY}."


def _too_slow(limit_s: float) -> str:
    return f"Web search did not answer within {limit_s:.0f} s. Try again later, or {_LOCAL_ONLY}."


def _last_failure(failures: Sequence[SearchEngineError]) -> str:
    last = next(failure for failure in reversed(failures) if not isinstance(failure, SearchUnreachable))
    if isinstance(last, SearchTimeout):
        return f"The search engines did not answer in time ({last}). Try again later, or {_LOCAL_ONLY}."
    return f"The search engines gave no usable answer ({last}). Try again later, or {_LOCAL_ONLY}."
