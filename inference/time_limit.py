"""One limit on the time of many waits, with one timer for all of them.

`asyncio.timeout` makes a timer for each wait. Where nearly every wait ends at once, making timers and throwing them
away is a tenth of what a request costs. Here a timer looks a few times within the limit for waits that are over it, and
stops when it finds nobody waiting.
"""

import asyncio
from types import TracebackType
from typing import Self

LOOKS = 4
"""Within the limit: a wait may take longer by one part in so many, and by LATE_MAX_S at the most."""

LATE_MAX_S = 1.0


class TimeLimit:
    """Waits of `limit_s` each: `with limit.wait(): await ...` raises TimeoutError. All in one event loop at a time."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._waits: set[_Wait] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def wait(self, since_s: float | None = None) -> "_Wait":
        """A context for what is waited for, again and again if need be. The time runs from entering it, or from
        `since_s` on the clock of the loop."""
        return _Wait(self, since_s)

    def _start(self, wait: "_Wait", loop: asyncio.AbstractEventLoop) -> None:
        self._waits.add(wait)
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(min(self._limit_s / LOOKS, LATE_MAX_S), self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        over = loop.time() - self._limit_s
        for wait in tuple(self._waits):
            if wait.since_s <= over:
                wait.expire()
            else:
                self._start(wait, loop)


class _Wait:
    __slots__ = ("_cancelling", "_expired", "_from_s", "_limit", "_task", "since_s")

    def __init__(self, limit: TimeLimit, from_s: float | None) -> None:
        self._limit = limit
        self._from_s = from_s

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  whoever waits is in a task
        loop = task.get_loop()
        self._task = task
        self._cancelling = task.cancelling()
        self._expired = False
        self.since_s = loop.time() if self._from_s is None else self._from_s
        self._limit._start(self, loop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limit._waits.discard(self)
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """The wait is over, in vain: its task is cancelled, and `__exit__` makes a TimeoutError of that."""
        self._limit._waits.discard(self)
        self._expired = True
        self._task.cancel()
