"""Work that ends when its client leaves."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

ResultT = TypeVar("ResultT")


async def unless_client_leaves(request: Request, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Runs `work` and returns its result. If the client leaves first, cancels it and raises ClientDisconnect.

    The request's body must have been read: what `receive` gives next is the disconnect. The work runs in the caller's
    own task, so that a short one costs no more than the watcher's.
    """
    own = asyncio.current_task()
    assert own is not None  # noqa: S101  a coroutine that runs is in a task
    watcher = asyncio.ensure_future(_wait_until_gone(request))
    watcher.add_done_callback(lambda done: None if done.cancelled() else own.cancel())
    try:
        return await work
    except asyncio.CancelledError:
        if watcher.done() and not watcher.cancelled():
            own.uncancel()
            raise ClientDisconnect from None
        raise
    finally:
        watcher.cancel()


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
