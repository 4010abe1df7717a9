"""How many requests are under way to all engines together. No live request waits here: the queue is the engine's.

Lines of batches wait for a place, and leave a part of the places to live requests.
"""

from inference.errors import Overloaded
from inference.slots import Slots
from inference.urgency import Urgency

FOR_LIVE = 0.25
"""The part of the places that lines of batches leave free. Live requests are refused when all are taken."""


class Places:
    """Counts what is under way; `running_max` at once. Shared by all engines of the house."""

    def __init__(self, running_max: int) -> None:
        self._running_max = running_max
        self._slots = Slots(running_max, for_live=min(running_max - 1, round(FOR_LIVE * running_max)))

    @property
    def taken(self) -> int:
        """Requests that are under way."""
        return self._slots.taken

    @property
    def waiting(self) -> int:
        """Lines of batches that wait for a place."""
        return self._slots.waiting

    def take(self) -> None:
        """Takes a place for a live request, to be given back. Raises Overloaded if there is none."""
        if not self._slots.take_at_once(Urgency.LIVE):
            raise Overloaded(
                f"{self._running_max} requests to engines are under way, as many as are allowed; try again in a "
                "moment, or raise TOUCHSTONE_ENGINE_RUNNING_MAX"
            )

    async def take_in_turn(self, urgency: Urgency) -> None:
        """Takes a place for a line of a batch, to be given back, once there is one."""
        await self._slots.take(urgency)

    def give_back(self) -> None:
        """Gives a taken place back."""
        self._slots.give_back()
