"""How many come in, how many wait, and who is refused."""

import asyncio

import pytest

from inference.admission import Admission
from inference.errors import Overloaded
from inference.urgency import Urgency, working_at


async def hold(admission: Admission, entered: asyncio.Event, leave: asyncio.Event) -> None:
    async with admission.enter():
        entered.set()
        await leave.wait()


async def test_one_over_the_line_is_refused_and_the_waiting_one_gets_the_slot() -> None:
    admission, leave = Admission(running_max=1, waiting_max=1), asyncio.Event()
    first_in, second_in = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(hold(admission, first_in, leave))
    await first_in.wait()
    second = asyncio.create_task(hold(admission, second_in, leave))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="2 verifications"):
        async with admission.enter():
            pass
    assert not second_in.is_set()
    leave.set()
    await asyncio.gather(first, second)
    assert second_in.is_set()


async def test_one_that_gives_up_waiting_leaves_the_line() -> None:
    admission, leave, entered = Admission(1, 1), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(hold(admission, entered, leave))
    await entered.wait()
    second = asyncio.create_task(hold(admission, asyncio.Event(), leave))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    third = asyncio.create_task(hold(admission, asyncio.Event(), leave))
    leave.set()
    await asyncio.gather(first, third)


class Crowd:
    """Those who want in, by name; `inside` is who is in, in the order in which they came in."""

    def __init__(self, admission: Admission) -> None:
        self.inside: list[str] = []
        self._admission = admission
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    async def come(self, name: str, urgency: Urgency = Urgency.LIVE) -> None:
        self._leave[name] = asyncio.Event()
        with working_at(urgency):
            self._tasks[name] = asyncio.create_task(self._stay(name))
        await asyncio.sleep(0)

    async def go(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
            await self._tasks[name]
            await asyncio.sleep(0)

    async def _stay(self, name: str) -> None:
        async with self._admission.enter():
            self.inside.append(name)
            await self._leave[name].wait()
            self.inside.remove(name)


async def test_lines_of_batches_leave_a_slot_to_a_live_request() -> None:
    crowd = Crowd(Admission(running_max=3, waiting_max=0))
    for name in ("a", "b", "c"):
        await crowd.come(name, Urgency.BATCH)
    assert crowd.inside == ["a", "b"]
    await crowd.come("live")
    assert crowd.inside == ["a", "b", "live"]
    await crowd.go("a", "b", "live", "c")


async def test_a_single_slot_is_for_lines_too() -> None:
    crowd = Crowd(Admission(running_max=1, waiting_max=0))
    await crowd.come("line", Urgency.BATCH)
    assert crowd.inside == ["line"]
    await crowd.go("line")


async def test_live_requests_go_before_lines_that_came_earlier_and_these_by_their_batchs_priority() -> None:
    crowd = Crowd(Admission(running_max=1, waiting_max=2))
    await crowd.come("first")
    await crowd.come("low", Urgency.BATCH_LAST)
    await crowd.come("normal", Urgency.BATCH)
    await crowd.come("high", Urgency.BATCH_FIRST)
    await crowd.come("live one")
    await crowd.come("live two")
    came_in = []
    for name in ("first", "live one", "live two", "high", "normal", "low"):
        assert len(crowd.inside) == 1
        came_in += crowd.inside
        await crowd.go(name)
    assert came_in == ["first", "live one", "live two", "high", "normal", "low"]


async def test_lines_that_wait_take_no_place_in_the_line_of_live_requests() -> None:
    crowd = Crowd(Admission(running_max=1, waiting_max=1))
    await crowd.come("first")
    lines = [f"line {number}" for number in range(20)]
    for line in lines:
        await crowd.come(line, Urgency.BATCH)
    await crowd.come("second")  # waits, and is not refused
    await crowd.go("first", "second", *lines)


async def test_a_line_that_is_cancelled_as_it_comes_in_gives_its_slot_on() -> None:
    admission, leave, entered = Admission(1, 1), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(hold(admission, asyncio.Event(), leave))
    await asyncio.sleep(0)
    second = asyncio.create_task(hold(admission, asyncio.Event(), leave))
    await asyncio.sleep(0)
    leave.set()
    await first  # the slot is the second's in this moment
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await hold(admission, entered, leave)
    assert entered.is_set()
