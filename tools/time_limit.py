"""An end in time for a stream of news, however slow the work behind it is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from inference.errors import DeadlineExceeded

_ItemT = TypeVar("_ItemT")


async def within(limit_s: float, items: AsyncGenerator[_ItemT], message: str) -> AsyncGenerator[_ItemT]:
    """Passes `items` on until `limit_s` seconds after the first was asked for, then raises DeadlineExceeded with
    `message`. Time that the reader takes counts, but it is only cut off while it waits for an item. Closing this
    closes `items`."""
    deadline = asyncio.get_running_loop().time() + limit_s
    async with aclosing(items):
        while True:
            try:
                async with asyncio.timeout_at(deadline) as limit:
                    item = await anext(items)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if not limit.expired():
                    raise
                raise DeadlineExceeded(message) from None
            yield item
