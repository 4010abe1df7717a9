"""A few lines for what a client can make happen as often as it likes: no client fills the log, or the disk under it.

Of what happens in a minute the first few are logged one by one, the rest as their number when the minute is over. What
has happened since then is not said if the server stops first.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

LINES_MAX = 5
"""Of one kind in a WINDOW_S, and one more that counts the rest."""

WINDOW_S = 60.0


class Timer(Protocol):
    """As much of an event loop as is needed."""

    def time(self) -> float:
        """Seconds, from any beginning."""

    def call_later(self, delay: float, callback: Callable[[], object], /) -> asyncio.TimerHandle | None:
        """Has `callback` called after `delay` seconds."""


class FewLines:
    """One kind of line. `tell` logs it, and is given how many it stands for where that is more than one."""

    def __init__(self, tell: Callable[[dict[str, int]], None]) -> None:
        self._tell = tell
        self._count = 0
        self._ends_s = 0.0

    def happened(self, timer: Timer) -> None:
        """Once more."""
        now_s = timer.time()
        if now_s >= self._ends_s and self._count <= LINES_MAX:  # else the rest is still to be told
            self._count, self._ends_s = 0, now_s + WINDOW_S
        self._count += 1
        if self._count <= LINES_MAX:
            self._tell({})
        elif self._count == LINES_MAX + 1:
            timer.call_later(self._ends_s - now_s, self._tell_rest)

    def _tell_rest(self) -> None:
        more, self._count, self._ends_s = self._count - LINES_MAX, 0, 0.0
        self._tell({"more": more})
