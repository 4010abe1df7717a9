"""Work that ends when its client leaves."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

ResultT = TypeVar("ResultT")


async def unless_client_leaves(request: Request, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Runs `work` and returns its result. If the client leaves first, cancels it and raises ClientDisconnect.

    The request's body must have been read: what `receive` gives next is the disconnect.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_wait_until_gone(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        for unfinished in (task, gone):
            if not unfinished.done():
                unfinished.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
