"""How many requests are under way to all engines together. Nobody waits here: the queue is the engine's."""

from inference.errors import Overloaded


class Places:
    """Counts what is under way; `running_max` at once. Shared by all engines of the house."""

    def __init__(self, running_max: int) -> None:
        self._running_max = running_max
        self._taken = 0

    def take(self) -> None:
        """Takes a place, to be given back. Raises Overloaded if there is none."""
        if self._taken >= self._running_max:
            raise Overloaded(
                f"{self._running_max} requests to engines are under way, as many as are allowed; try again in a "
                "moment, or raise TOUCHSTONE_ENGINE_RUNNING_MAX"
            )
        self._taken += 1

    def give_back(self) -> None:
        """Gives a taken place back."""
        self._taken -= 1
