"""Keeps a key within the limits of its plan: requests a minute and requests at once, for each model.

Requests that ask no model count together, apart from those that do. A request that is refused counts for nothing.
"""

from typing import Protocol

from inference.errors import SettingsError
from server.accounts.memory_limiter import MemoryLimiter
from server.accounts.place import Place
from server.accounts.plans import PlanLimits

_FORM = "redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER], with rediss:// for TLS, or unix://PATH"


class Limiter(Protocol):
    """Counts the requests of every key."""

    async def enter(self, key_id: str, plan: str, model: str | None, limits: PlanLimits) -> Place:
        """Counts a request, or refuses it: then the place has a `refusal`."""
        ...

    async def why_not_shared(self) -> str | None:
        """Why others who count with it cannot be heard of now; None if all is well."""
        ...

    async def aclose(self) -> None:
        """Gives back what is still held."""
        ...


def build_limiter(url: str) -> Limiter:
    """One that counts what comes to this process; or, with the `url` of a Redis, what comes to all that share it. Does
    no I/O. Raises SettingsError if the library for it is missing."""
    if not url:
        return MemoryLimiter()
    try:
        from server.accounts.redis_limiter import RedisLimiter  # noqa: PLC0415  its library is an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise SettingsError(
            "setting limits_url: the library redis is missing; install touchstone[redis], or unset it to count in "
            "each server alone"
        ) from None
    try:
        return RedisLimiter(url)
    except ValueError:  # its text may hold a part of the password
        raise SettingsError(f"setting limits_url cannot be read; it has the form {_FORM}") from None
