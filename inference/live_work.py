"""Which live requests are under way in this process, so that lines of batches can step aside for them.

All work shares one thread. Lines that are answered at once would fill it, and a live request would wait behind dozens
of them at each of its steps. So while one is under way no line is begun, for a bounded time, and right afterwards one
after the other.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

STEP_ASIDE_S = 0.05
"""For which a line waits at the most. It is long beside what a request costs here, and short beside an answer of a
language model: where live requests are always under way, lines of a real model lose next to nothing."""

SOON_S = 0.02
"""After a live request, when the next one may be about to come: a line that comes then goes behind those that wait.
Later it does not: lines that are answered at once would come back before the last of those has gone on, and so all
would go on one by one for as long as the batch runs."""


class LiveWork:
    """Counts live requests, in one event loop. `clock` tells seconds, and only goes forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._under_way = 0
        self._ended_s = 0.0
        self._aside: deque[asyncio.Future[None]] = deque()

    def begin(self) -> None:
        """A live request has come."""
        self._under_way += 1

    def end(self) -> None:
        """It is answered."""
        self._under_way -= 1
        self._ended_s = self._clock()
        self._go_on()

    @property
    def is_under_way(self) -> bool:
        """Whether there is one, or there was one a moment ago and lines that stepped aside are still to go on."""
        return self._under_way > 0 or bool(self._aside and self._clock() - self._ended_s < SOON_S)

    async def step_aside(self) -> None:
        """Waits until no live request is under way, or for STEP_ASIDE_S."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._aside.append(turn)
        timer = loop.call_later(STEP_ASIDE_S, _let_go, turn)
        try:
            await turn
        finally:
            timer.cancel()

    def _go_on(self) -> None:
        while self._aside and not self._under_way:
            turn = self._aside.popleft()
            if not turn.done():
                turn.set_result(None)
                turn.get_loop().call_soon(self._go_on)  # the next one in the next round of the loop
                return


def _let_go(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)
