"""Streams that run side by side and are read one after the other."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Generic, TypeVar

_ItemT = TypeVar("_ItemT")


async def in_turn(streams: Iterable[AsyncGenerator[_ItemT]], abreast_max: int) -> AsyncGenerator[_ItemT]:
    """What `streams` give, in their order, while up to `abreast_max` of them run.

    One that runs ahead keeps what it has to say until its turn, and so does one that fails. Closing this closes all.
    """
    if abreast_max == 1:
        for stream in streams:
            async with aclosing(stream):
                async for item in stream:
                    yield item
        return
    to_come = deque(streams)
    running: deque[_Running[_ItemT]] = deque()
    try:
        while to_come or running:
            while to_come and len(running) < abreast_max:
                running.append(_Running(to_come.popleft()))
            async for item in running[0].items():
                yield item
            running.popleft()
    finally:
        await asyncio.gather(*(one.aclose() for one in running))


class _Running(Generic[_ItemT]):
    """A stream that is read by a task of its own."""

    def __init__(self, stream: AsyncGenerator[_ItemT]) -> None:
        self._said: asyncio.Queue[_ItemT | None] = asyncio.Queue()  # as long as the stream, which is a run of claims
        self._reading = asyncio.create_task(self._read(stream))

    async def items(self) -> AsyncGenerator[_ItemT]:
        """What it gives, as it comes. Raises what ends it."""
        while (item := await self._said.get()) is not None:
            yield item
        await self._reading

    async def aclose(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, stream: AsyncGenerator[_ItemT]) -> None:
        try:
            async with aclosing(stream):
                async for item in stream:
                    self._said.put_nowait(item)
        finally:
            self._said.put_nowait(None)
