"""Waits with a limit: over it they end in a TimeoutError, and whoever cancels a task still cancels it."""

import asyncio

import pytest

from inference.time_limit import TimeLimit

SHORT_S = 0.01
LONG_S = 1_000.0


async def for_ever() -> None:
    await asyncio.Event().wait()


def own_task() -> asyncio.Task[None]:
    task: asyncio.Task[None] | None = asyncio.current_task()
    assert task is not None
    return task


async def waits_for_ever(limit: TimeLimit, since_s: float | None = None) -> None:
    with limit.wait(since_s):
        await for_ever()


async def test_a_wait_over_the_limit_ends_and_leaves_its_task_as_it_was() -> None:
    async with asyncio.timeout(60):
        with pytest.raises(TimeoutError):
            await waits_for_ever(TimeLimit(SHORT_S))
        assert own_task().cancelling() == 0
        await asyncio.sleep(0)


async def test_every_one_of_many_waits_ends() -> None:
    limit = TimeLimit(SHORT_S)
    async with asyncio.timeout(60):
        ended = await asyncio.gather(*(waits_for_ever(limit) for _ in range(20)), return_exceptions=True)
    assert {type(end) for end in ended} == {TimeoutError}


async def test_the_time_may_run_from_earlier_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.time_limit.LATE_MAX_S", SHORT_S)
    with pytest.raises(TimeoutError):
        await waits_for_ever(TimeLimit(LONG_S), since_s=asyncio.get_running_loop().time() - LONG_S)


async def test_a_wait_within_the_limit_is_not_disturbed_and_may_be_followed_by_another() -> None:
    wait = TimeLimit(LONG_S).wait()
    for _ in range(3):
        with wait:
            await asyncio.sleep(0)


async def test_one_wait_of_several_in_a_row_is_over_the_limit_and_the_others_are_not() -> None:
    wait = TimeLimit(SHORT_S).wait()
    async with asyncio.timeout(60):
        for _ in range(2):
            with pytest.raises(TimeoutError), wait:
                await for_ever()
            with wait:
                await asyncio.sleep(0)


async def test_a_task_that_is_cancelled_while_it_waits_is_cancelled() -> None:
    task = asyncio.create_task(waits_for_ever(TimeLimit(LONG_S)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_within_a_wait_stays_itself() -> None:
    with pytest.raises(KeyError), TimeLimit(LONG_S).wait():
        raise KeyError


def test_a_limit_holds_in_one_loop_after_another() -> None:
    limit = TimeLimit(SHORT_S)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(waits_for_ever(limit), LONG_S))
