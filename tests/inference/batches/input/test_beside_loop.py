"""Work in another process: its answers, and its end."""

import asyncio
import operator
import os
import time

import pytest

from inference.batches.input.beside_loop import InThread, ProcessDied, in_process

pytestmark = pytest.mark.process


async def test_methods_answer_in_a_thread_and_in_a_process() -> None:
    assert await InThread([2]).call(list.__add__, [3]) == [2, 3]
    async with in_process([2]) as there:
        await there.call(list.append, 3)
        assert await there.call(list.__len__) == 2
        assert await there.call(operator.add, [b"x" * 3_000_000]) == [2, 3, b"x" * 3_000_000]


async def test_a_process_that_ends_by_itself_is_told_of_with_its_code() -> None:
    async with in_process(3) as there:
        with pytest.raises(ProcessDied, match="code 3"):
            await there.call(os._exit)
        with pytest.raises(ProcessDied, match="code 3"):
            await there.call(int.bit_length)


async def test_the_process_ends_with_its_context_whatever_it_does() -> None:
    async def wait_for_what_takes_an_hour() -> None:
        async with in_process(3_600) as there:
            assert await there.call(int.bit_length) == 12
            begun.set()
            await there.call(time.sleep)

    begun = asyncio.Event()
    waiting = asyncio.create_task(wait_for_what_takes_an_hour())
    await asyncio.wait_for(begun.wait(), 60)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 60)
