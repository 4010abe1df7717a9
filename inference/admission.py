"""How many requests of a kind run at once, and how many may wait. The rest are refused, at once and clearly.

Lines of batches wait behind all live requests and are never refused: how many there are is bounded where they are taken
up. They leave a slot free, where there are two, so that one live request finds it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inference.errors import Overloaded
from inference.slots import Slots
from inference.urgency import Urgency, urgency_now


class Admission:
    """Lets `running_max` in, keeps up to `waiting_max` in line in order of arrival, refuses the others."""

    def __init__(self, running_max: int, waiting_max: int, what: str = "verifications") -> None:
        """`what` is let in is named to those who are refused."""
        self._what = what
        self._running_max = running_max
        self._waiting_max = waiting_max
        self._for_live = min(1, running_max - 1)
        self._slots = Slots(running_max, self._for_live)
        self._waiting = 0
        """Live requests in line."""

    @property
    def batch_max(self) -> int:
        """Lines of batches that are let in at once."""
        return self._running_max - self._for_live

    @property
    def running(self) -> int:
        """How many are in."""
        return self._slots.taken

    @property
    def waiting(self) -> int:
        """How many are in line, lines of batches included."""
        return self._slots.waiting

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Waits for a slot and holds it. Raises Overloaded when the line is full. A caller that gives up leaves it."""
        urgency = urgency_now()
        if not self._slots.take_at_once(urgency):
            await (self._wait() if urgency is Urgency.LIVE else self._slots.take(urgency))
        try:
            yield
        finally:
            self._slots.give_back()

    async def _wait(self) -> None:
        if self._waiting >= self._waiting_max:
            raise Overloaded(
                f"the server already has {self._running_max + self._waiting_max} {self._what} running or waiting; try "
                "again in a moment"
            )
        self._waiting += 1
        try:
            await self._slots.take(Urgency.LIVE)
        finally:
            self._waiting -= 1
