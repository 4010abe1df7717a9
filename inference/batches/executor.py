"""The seam behind which batches are worked off: in this process, in others, on a cluster. The state is in the store."""

from typing import Protocol


class Executor(Protocol):
    """Works off what there is to do until it is closed."""

    async def start(self) -> None:
        """Begins. Raises SettingsError if it cannot."""
        ...

    def wake(self) -> None:
        """There is something new to do. What is not told of is found all the same, a little later."""
        ...

    async def aclose(self) -> None:
        """Stops: what is under way gets a bounded time to end, is saved, and is given back."""
        ...
