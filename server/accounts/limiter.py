"""Keeps a key within the limits of its plan: requests a minute and requests at once, for each model."""

from typing import Protocol

from server.accounts.plans import PlanLimits


class Place(Protocol):
    """What a request has that was let in."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What its response says of the limits."""
        ...

    async def leave(self) -> None:
        """Gives it back. Once."""
        ...


class Limiter(Protocol):
    """Counts the requests of every key."""

    async def enter(self, key_id: str, model: str | None, limits: PlanLimits) -> Place:
        """Raises RateLimited where there is no room."""
        ...


class _Nothing:
    def headers(self) -> list[tuple[bytes, bytes]]:
        return []

    async def leave(self) -> None:
        return


class Unlimited:
    """PLACEHOLDER of the spine: lets everybody in."""

    async def enter(self, key_id: str, model: str | None, limits: PlanLimits) -> Place:
        return _Nothing()
