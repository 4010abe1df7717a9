"""Streams that run side by side come out one after the other, within a bound, and end together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from tools.in_turn import in_turn

WAIT_S = 60


class Streams:
    """Makes streams of two items each that wait for `go` between them, and counts what runs."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.running = 0
        self.most = 0
        self.closed = 0

    async def stream(self, name: str, fails: bool = False) -> AsyncGenerator[str]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            yield f"{name}1"
            await self.go.wait()
            if fails:
                raise ValueError(name)
            yield f"{name}2"
        finally:
            self.running -= 1
            self.closed += 1


@pytest.mark.parametrize("abreast", [1, 2, 3, 9])
async def test_items_come_in_the_order_of_their_streams(abreast: int) -> None:
    streams = Streams()
    streams.go.set()
    found = [item async for item in in_turn(map(streams.stream, "abcde"), abreast)]
    assert found == [f"{name}{number}" for name in "abcde" for number in (1, 2)]
    assert (streams.running, streams.closed) == (0, 5)


@pytest.mark.parametrize("abreast", [1, 3])
async def test_no_more_run_than_may(abreast: int) -> None:
    streams = Streams()

    async def read() -> list[str]:
        return [item async for item in in_turn(map(streams.stream, "abcdefg"), abreast)]

    reading = asyncio.create_task(read())
    async with asyncio.timeout(WAIT_S):
        while streams.running < abreast:  # noqa: ASYNC110  turns of the loop, no wait
            await asyncio.sleep(0)
        streams.go.set()
        assert len(await reading) == 14
    assert streams.most == abreast


@pytest.mark.parametrize("abreast", [1, 3])
async def test_one_that_fails_is_raised_in_its_turn_and_ends_the_others(abreast: int) -> None:
    streams = Streams()
    streams.go.set()
    items = in_turn((streams.stream(name, fails=name == "b") for name in "abcd"), abreast)
    assert [await anext(items) for _ in range(3)] == ["a1", "a2", "b1"]
    with pytest.raises(ValueError, match="b"):
        await anext(items)
    assert streams.running == 0


@pytest.mark.parametrize("abreast", [1, 3])
async def test_who_stops_reading_ends_all(abreast: int) -> None:
    streams = Streams()
    async with asyncio.timeout(WAIT_S), aclosing(in_turn(map(streams.stream, "abcd"), abreast)) as items:
        assert await anext(items) == "a1"
        while streams.running < abreast:  # noqa: ASYNC110  turns of the loop, no wait
            await asyncio.sleep(0)
    assert streams.running == 0


async def test_none_is_nothing() -> None:
    assert [item async for item in in_turn(list[AsyncGenerator[str]](), 3)] == []
