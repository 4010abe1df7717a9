"""How many lines are asked at once in this process, and whose turn it is. Pure bookkeeping, in one event loop."""

import asyncio
from collections import deque


class FairSlots:
    """`slots_max` at once. Who waits, waits in the line of their batch; lines take turns, so that a batch of ten
    requests need not wait for a batch of a million. Those of a higher priority go before all others of the same owner.
    """

    def __init__(self, slots_max: int) -> None:
        self._free = slots_max
        self._waiting: dict[str, dict[tuple[int, str], deque[asyncio.Future[None]]]] = {}
        """By owner, in the order of their turns; within, by priority (negative: the lowest is first) and batch."""

    async def take(self, owner: str, batch_id: str, priority: int) -> None:
        """Takes a slot, to be given back."""
        if self._free and not self._waiting:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lines = self._waiting.setdefault(owner, {})
        lines.setdefault((-priority, batch_id), deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # given in the same moment: somebody else gets it
                self.give_back()
            raise

    def give_back(self) -> None:
        """Gives a slot back, which is the next one's at once."""
        self._free += 1
        while self._free and (turn := self._next()) is not None:
            if not turn.done():
                self._free -= 1
                turn.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        if not self._waiting:
            return None
        owner, lines = next(iter(self._waiting.items()))
        key = min(lines, key=lambda key: key[0])  # the first of the highest priority: a dictionary keeps its order
        turns = lines.pop(key)
        turn = turns.popleft()
        if turns:
            lines[key] = turns  # at the end: the next turn is another batch's
        del self._waiting[owner]
        if lines:
            self._waiting[owner] = lines
        return turn
