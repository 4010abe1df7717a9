"""Runs several jobs at once, of which all must succeed."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def all_of(jobs: Sequence[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """What `jobs` return, in their order. The first that fails ends the others and is raised as it is, in no group."""
    if len(jobs) == 1:
        return [await jobs[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
