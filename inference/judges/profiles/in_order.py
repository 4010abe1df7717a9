"""Several jobs side by side, their results in the order of the jobs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def in_order(
    jobs: Sequence[Callable[[], Coroutine[Any, Any, ResultT]]], running_max: int
) -> AsyncGenerator[ResultT]:
    """Yields what `jobs` return, each as soon as it and all before it are done; at most `running_max` run at once.

    The first that fails is raised in its place. Whoever leaves early ends those that still run.
    """
    turn = asyncio.Semaphore(running_max)

    async def run(job: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        async with turn:
            return await job()

    tasks = [asyncio.create_task(run(job)) for job in jobs]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
