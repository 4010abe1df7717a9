"""Slots, and whose turn it is."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.batches.working.fair_slots import FairSlots
from tests.inference.batches.working.workplace import LIMIT_S as REAL_LIMIT_S
from tests.inference.batches.working.workplace import SPEED

LIMIT_S = REAL_LIMIT_S * SPEED
"""Of the loop's clock, which runs fast."""


async def served(slots: FairSlots, takers: list[tuple[str, str, int]], steps: int) -> list[str]:
    """The batches that get a slot, in order, when one after the other is given back."""
    order: list[str] = []

    async def take(owner: str, batch: str, priority: int) -> None:
        await slots.take(owner, batch, priority)
        order.append(batch)

    tasks = [asyncio.create_task(take(*taker)) for taker in takers]
    await asyncio.sleep(0)
    for _ in range(steps):
        slots.give_back()
        for _ in range(3):
            await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return order


async def test_owners_take_turns_however_much_each_of_them_asks() -> None:
    slots = FairSlots(1)
    await slots.take("x", "x", 0)
    order = await served(slots, [("a", "huge", 0)] * 50 + [("b", "small", 0)] * 3, 6)
    assert order == ["huge", "small", "huge", "small", "huge", "small"]


async def test_batches_of_an_owner_take_turns_and_a_higher_priority_goes_before() -> None:
    slots = FairSlots(1)
    await slots.take("x", "x", 0)
    takers = [("a", "huge", 0)] * 9 + [("a", "small", 0)] * 2 + [("a", "urgent", 1)] * 3
    assert await served(slots, takers, 8) == ["urgent"] * 3 + ["huge", "small", "huge", "small", "huge"]


async def test_one_that_gives_up_waiting_costs_nobody_a_slot() -> None:
    slots = FairSlots(1)
    await slots.take("a", "1", 0)
    gone = asyncio.create_task(slots.take("b", "2", 0))
    waits = asyncio.create_task(slots.take("c", "3", 0))
    await asyncio.sleep(0)
    gone.cancel()
    slots.give_back()
    await asyncio.wait_for(waits, LIMIT_S)
    slots.give_back()
    await asyncio.wait_for(slots.take("d", "4", 0), LIMIT_S)


async def test_a_slot_given_to_one_who_leaves_in_the_same_moment_is_passed_on() -> None:
    slots = FairSlots(1)
    await slots.take("a", "1", 0)
    leaves = asyncio.create_task(slots.take("b", "2", 0))
    await asyncio.sleep(0)
    slots.give_back()
    leaves.cancel()
    await asyncio.gather(leaves, return_exceptions=True)
    await asyncio.wait_for(slots.take("c", "3", 0), LIMIT_S)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["take", "give", "cancel"]), max_size=60), st.integers(1, 4), st.randoms())
def test_never_more_than_there_are_and_never_fewer(actions: list[str], slots_max: int, chance: object) -> None:
    async def go() -> None:
        slots, tasks, has = FairSlots(slots_max), [], 0
        for action in actions:
            if action == "take":
                tasks.append(asyncio.create_task(slots.take(f"o{len(tasks) % 3}", f"b{len(tasks) % 5}", 0)))
            taken = [task for task in tasks if task.done() and not task.cancelled()]
            if action == "give" and taken:
                tasks.remove(taken[0])
                slots.give_back()
            waits = [task for task in tasks if not task.done()]
            if action == "cancel" and waits:
                waits[-1].cancel()
            for _ in range(3):
                await asyncio.sleep(0)
            tasks = [task for task in tasks if not task.cancelled()]
            has = sum(task.done() for task in tasks)
            assert has == min(slots_max, len(tasks))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(go())
