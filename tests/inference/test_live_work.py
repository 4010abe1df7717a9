"""Lines of batches step aside for live requests, and not for ever."""

import asyncio

import pytest

from inference.live_work import SOON_S, LiveWork

WAIT_S = 60.0


async def line(live: LiveWork, begun: list[int], number: int) -> None:
    if live.is_under_way:
        await live.step_aside()
    begun.append(number)


async def test_lines_wait_for_the_live_request_and_go_on_in_order() -> None:
    live, begun = LiveWork(), list[int]()
    live.begin()
    lines = [asyncio.create_task(line(live, begun, number)) for number in range(5)]
    await asyncio.sleep(0)
    assert begun == []
    live.end()
    async with asyncio.timeout(WAIT_S):
        await asyncio.gather(*lines)
    assert begun == [0, 1, 2, 3, 4]


async def test_lines_go_on_one_in_each_round_of_the_loop_so_that_the_next_live_request_finds_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inference.live_work.STEP_ASIDE_S", WAIT_S)  # none goes on because time is up
    live, begun = LiveWork(), list[int]()
    live.begin()
    lines = [asyncio.create_task(line(live, begun, number)) for number in range(50)]
    await asyncio.sleep(0)
    live.end()
    async with asyncio.timeout(WAIT_S):
        while not begun:  # noqa: ASYNC110  the rounds of the loop are what is looked at
            await asyncio.sleep(0)
    live.begin()
    before = len(begun)
    await asyncio.sleep(0)
    assert before <= 2
    assert len(begun) <= before + 2
    live.end()
    async with asyncio.timeout(WAIT_S):
        await asyncio.gather(*lines)


async def test_lines_that_wait_hold_up_those_that_come_right_after_a_live_request_and_none_later() -> None:
    now_s, begun = 100.0, list[int]()
    live = LiveWork(lambda: now_s)
    live.begin()
    lines = [asyncio.create_task(line(live, begun, number)) for number in range(50)]
    await asyncio.sleep(0)
    live.end()
    assert live.is_under_way
    now_s += 2 * SOON_S
    async with asyncio.timeout(WAIT_S):
        await line(live, begun, 99)
        assert len(begun) < len(lines)
        await asyncio.gather(*lines)


async def test_a_live_request_that_takes_long_holds_no_line_up_for_long() -> None:
    live, begun = LiveWork(), list[int]()
    live.begin()
    async with asyncio.timeout(WAIT_S):
        await line(live, begun, 1)
    assert begun == [1]


async def test_nothing_waits_where_nothing_is_under_way() -> None:
    live = LiveWork()
    live.begin()
    live.end()
    assert not live.is_under_way


async def test_a_line_that_is_cancelled_meanwhile_is_passed_over() -> None:
    live, begun = LiveWork(), list[int]()
    live.begin()
    first, second = (asyncio.create_task(line(live, begun, number)) for number in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    live.end()
    async with asyncio.timeout(WAIT_S):
        await second
    assert begun == [2]
