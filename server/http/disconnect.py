"""Work that ends when its client leaves."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

ResultT = TypeVar("ResultT")

EXTENSION = "touchstone.departure"
"""Under this name our own HTTP protocol puts a `Departure` among the scope's extensions."""


class Departure:
    """Tells of the moment at which the client of a connection leaves."""

    __slots__ = ("_callbacks", "_gone")

    def __init__(self) -> None:
        self._callbacks: set[Callable[[], object]] = set()
        self._gone = False

    def watch(self, callback: Callable[[], object]) -> None:
        """Has `callback` called when the client leaves, at once if it has left."""
        if self._gone:
            callback()
        else:
            self._callbacks.add(callback)

    def forget(self, callback: Callable[[], object]) -> None:
        """Ends a `watch`."""
        self._callbacks.discard(callback)

    def happen(self) -> None:
        """The client has left."""
        self._gone = True
        for callback in tuple(self._callbacks):
            callback()


async def unless_client_leaves(request: Request, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Runs `work` and returns its result. If the client leaves first, cancels it and raises ClientDisconnect.

    The request's body must have been read: what `receive` gives next is the disconnect. The work runs in the caller's
    own task. Behind our own HTTP protocol nothing is started to watch; behind another, a task that waits for `receive`.
    """
    own = asyncio.current_task()
    assert own is not None  # noqa: S101  a coroutine that runs is in a task
    departure: Departure | None = request.scope.get("extensions", {}).get(EXTENSION)
    watcher = None
    left = False

    def leave() -> None:
        nonlocal left
        left = True
        own.cancel()

    if departure is None:
        watcher = asyncio.ensure_future(_wait_until_gone(request))
        watcher.add_done_callback(lambda done: None if done.cancelled() else leave())
    else:
        departure.watch(leave)
    try:
        return await work
    except asyncio.CancelledError:
        if left:
            own.uncancel()
            raise ClientDisconnect from None
        raise
    finally:
        if watcher is not None:
            watcher.cancel()
        elif departure is not None:
            departure.forget(leave)


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
