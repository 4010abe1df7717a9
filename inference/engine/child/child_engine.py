"""A vLLM that we start and watch, as an engine like any other."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from inference.engine.engine import EngineReply, EngineRequest

if TYPE_CHECKING:  # it brings an HTTP client along, and whoever only asks what an engine is has none
    from inference.engine.child.supervisor import Supervisor


class ChildEngine:
    """While the child is not up, every call raises EngineUnavailable at once, saying what it does instead."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self.name = supervisor.name
        self._supervisor = supervisor

    def start(self) -> None:
        """Starts the child and returns at once; it is started again whenever it ends."""
        self._supervisor.start()

    def open(self, request: EngineRequest) -> AbstractAsyncContextManager[EngineReply]:
        return self._supervisor.engine().open(request)

    async def models(self) -> list[dict[str, Any]]:
        return await self._supervisor.engine().models()

    async def aclose(self) -> None:
        """Ends the child, and whatever it started."""
        await self._supervisor.stop()
