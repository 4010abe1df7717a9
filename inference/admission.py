"""How many requests of a kind run at once, and how many may wait. The rest are refused, at once and clearly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inference.errors import Overloaded


class Admission:
    """Lets `running_max` in, keeps up to `waiting_max` in line in order of arrival, refuses the others."""

    def __init__(self, running_max: int, waiting_max: int, what: str = "verifications") -> None:
        """`what` is let in is named to those who are refused."""
        self._what = what
        self._slots = asyncio.Semaphore(running_max)
        self._places_max = running_max + waiting_max
        self._places = 0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Waits for a slot and holds it. Raises Overloaded when the line is full. A caller that gives up leaves it."""
        if self._places >= self._places_max:
            raise Overloaded(
                f"the server already has {self._places_max} {self._what} running or waiting; try again in a moment"
            )
        self._places += 1
        try:
            async with self._slots:
                yield
        finally:
            self._places -= 1
