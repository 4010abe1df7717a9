"""How many come in, how many wait, and who is refused."""

import asyncio

import pytest

from inference.admission import Admission
from inference.errors import Overloaded


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
