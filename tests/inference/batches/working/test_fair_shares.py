"""Small batches beside huge ones: one worker, an engine that answers one request at a time, and only when told to."""

import pytest

from inference.batches.shard import SHARD_LINES_MAX
from inference.batches.working import worker as worker_module
from tests.inference.batches.working.workplace import SteppedAnswerer, Workplace, until

pytestmark = pytest.mark.process

SLOTS = 16
HUGE = 20_000
SMALL = 10
SEATS = 6
A_FEW_HUNDRED = 300


async def in_line(place: Workplace, batch_id: str) -> None:
    """Returns once lines of the batch wait for a slot: from then on it is turns that count, and no time."""
    await until(lambda: place.slots.asked[batch_id] > 0, "the batch has its place")


async def answer(answerer: SteppedAnswerer, lines: int) -> None:
    """Answers so many lines, each after the slots are full again."""
    for _ in range(lines):
        await until(lambda: len(answerer.waiting) == SLOTS, "all slots are taken")
        answerer.step()


@pytest.mark.parametrize("owner", ["another", "o"])
async def test_a_small_batch_is_done_while_a_huge_one_has_hardly_moved(place: Workplace, owner: str) -> None:
    answerer = SteppedAnswerer()
    huge = await place.batch(HUGE)
    async with place.working(answerer, slots=SLOTS) as worker:
        await answer(answerer, 200)
        small = await place.batch(SMALL, owner=owner)
        worker.wake()
        await in_line(place, small)
        arrived = answerer.answered[huge]
        while answerer.answered[small] < SMALL:
            await answer(answerer, 1)
            assert answerer.answered[huge] - arrived <= A_FEW_HUNDRED
        assert (await place.ended(small, owner)).completed == SMALL


async def test_with_every_seat_taken_by_one_owner_a_newcomer_gets_one_soon(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "SHARDS_MAX", SEATS)
    answerer = SteppedAnswerer()
    for _ in range(SEATS):
        await place.batch(2 * SHARD_LINES_MAX)
    async with place.working(answerer, slots=SLOTS) as worker:
        await until(lambda: worker.shards_running >= SEATS, "all seats are taken")
        await answer(answerer, 100)
        small = await place.batch(SMALL, owner="another")
        worker.wake()
        await in_line(place, small)
        arrived = answerer.answered.total()
        while answerer.answered[small] < SMALL:
            await answer(answerer, 1)
            assert answerer.answered.total() - arrived <= A_FEW_HUNDRED
        assert (await place.ended(small, "another")).completed == SMALL


async def test_within_a_key_what_has_a_higher_priority_goes_first(place: Workplace) -> None:
    answerer = SteppedAnswerer()
    low = await place.batch(500)
    async with place.working(answerer, slots=SLOTS) as worker:
        await answer(answerer, 50)
        high = await place.batch(100, priority=5)
        worker.wake()
        await in_line(place, high)
        while high not in answerer.order:
            await answer(answerer, 1)
        asked = len(answerer.order)
        while answerer.answered[high] < 100:
            await answer(answerer, 1)
        between = answerer.order[asked:]
        last = len(between) - between[::-1].index(high)
        assert between[:last].count(low) <= SLOTS, "the low one gets what the high one cannot take"
