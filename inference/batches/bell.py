"""Tells whoever works off batches in this process that there is something new to do.

What is not told of is found all the same, a little later: others may share the store.
"""

from collections.abc import Callable


class Bell:
    """Rung by whoever has made or changed a batch."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Has `listener` called at each ring."""
        self._listeners.append(listener)

    def ring(self) -> None:
        """There is something new to do."""
        for listener in self._listeners:
            listener()
