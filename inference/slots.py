"""A number of things at a time, the urgent first. Bookkeeping in one event loop; nobody is refused here."""

import asyncio
import heapq
import itertools
from collections.abc import Callable

from inference.urgency import Urgency


class Slots:
    """`slots_max` at a time. Who waits comes in by urgency, then in order of arrival. A batch's work comes in only if
    it leaves `for_live` slots free, so that live work that arrives next need not wait for it."""

    def __init__(self, slots_max: int, for_live: int) -> None:
        """`for_live` must be less than `slots_max`, or batches would wait for ever."""
        self._slots_max = slots_max
        self._free = slots_max
        self._for_live = for_live
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()

    @property
    def taken(self) -> int:
        """Slots that are taken."""
        return self._slots_max - self._free

    @property
    def waiting(self) -> int:
        """How many wait for a slot, whoever has given up waiting not counted."""
        return sum(not turn.done() for _, _, turn in self._waiting)

    def take_at_once(self, urgency: Urgency) -> bool:
        """Takes a slot, to be given back, if nobody has to be waited for."""
        if not self._is_room(urgency) or (self._waiting and self._waiting[0][0] <= urgency):
            return False
        self._free -= 1
        return True

    async def take(self, urgency: Urgency) -> None:
        """Takes a slot, to be given back. Who gives up waiting leaves the line."""
        if self.take_at_once(urgency):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._arrivals), turn))
        await its_turn(turn, self.give_back)

    def give_back(self) -> None:
        """Gives a slot back; whose turn it is has it at once."""
        self._free += 1
        while self._waiting and (self._waiting[0][2].done() or self._is_room(self._waiting[0][0])):
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                self._free -= 1
                turn.set_result(None)

    def _is_room(self, urgency: Urgency) -> bool:
        return self._free > (0 if urgency is Urgency.LIVE else self._for_live)


async def its_turn(turn: "asyncio.Future[None]", give_back: Callable[[], None]) -> None:
    """Waits until a slot is given to `turn`. Who is cancelled has none, also if one was given in the same moment."""
    try:
        await turn
    except asyncio.CancelledError:
        if turn.done() and not turn.cancelled():
            give_back()  # somebody else gets it
        raise
