"""How long to leave a service in peace that has refused us."""

from collections.abc import Callable


class CoolDown:
    """A wait that starts at `first_s`, doubles with each refusal up to `longest_s`, and is forgotten at an answer."""

    def __init__(self, first_s: float, longest_s: float, clock: Callable[[], float]) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._clock = clock
        self._next_s = first_s
        self._until = float("-inf")

    def remaining_s(self) -> float:
        """Seconds to wait still; 0 if the service may be asked."""
        return max(0.0, self._until - self._clock())

    def refused(self) -> None:
        """Starts the wait. Refusals of questions that were under way together count as one."""
        if self.remaining_s() == 0:
            self._until = self._clock() + self._next_s
            self._next_s = min(2 * self._next_s, self._longest_s)

    def answered(self) -> None:
        """The next refusal starts from the beginning."""
        self._next_s = self._first_s
