"""When what is kept is opened: over HTTP with the server, over stdio with the first call that needs it.

A client that starts its server itself waits for it, and most sessions verify and nothing else. So the database is not
opened before there is something to put there, which is what was used, and no worker started before a batch is spoken
of. A batch that an earlier session left goes on from then on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from server.accounts.usage_meter import Opening, writing_usage
from server.background.executing import build_executor
from server.house import House, keeping


@contextlib.asynccontextmanager
async def opening_when_asked(house: House) -> AsyncIterator[Opening]:
    """Gives what opens the storage of `house` and has batches worked off; both end with the context."""
    turn = asyncio.Lock()
    kept = opened = False
    async with contextlib.AsyncExitStack() as stack:

        async def keep() -> None:
            nonlocal kept
            if not kept:
                await stack.enter_async_context(keeping(house))
                kept = True

        async def keep_once() -> None:
            async with turn:
                await keep()

        async def open_once() -> None:
            nonlocal opened
            async with turn:
                if opened:
                    return
                await keep()
                executor = build_executor(house)
                stack.push_async_callback(executor.aclose)
                await executor.start()
                house.batches.bell.listen(executor.wake)
                opened = True

        async with writing_usage(house.accounts.meter, keep_once):
            yield open_once
