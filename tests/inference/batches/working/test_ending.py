"""What becomes of the requests that are under way when their batch ends, and of what a worker wrote that lost it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from inference.batches.batch import Batch, Ending, Status
from inference.batches.line import Line, LineAnswer, LineError
from inference.batches.result_parts import ERROR, OUTPUT
from inference.batches.shard import ShardLease
from inference.batches.working.fair_slots import FairSlots
from inference.batches.working.leases import LeaseLost, Leases
from inference.batches.working.result_writer import ResultWriter
from inference.batches.working.shard_run import ENDING_GRACE_S, ShardRun, Tools
from inference.testing.scripted_answerer import ScriptedAnswerer, echo
from tests.inference.batches.working.workplace import LIMIT_S, SPEED, SteppedAnswerer, Workplace, all_ids, until


class LateAnswerer:
    """Never answers, but in the very moment in which it is given up."""

    asked = 0

    async def answer(self, batch: Batch, line: Line) -> LineAnswer:
        self.asked += 1
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return echo(line)


async def test_an_answer_that_comes_while_its_line_is_given_up_is_the_only_one(place: Workplace) -> None:
    batch_id = await place.batch(20, window_s=3_600)
    answerer = LateAnswerer()
    async with place.working(answerer, slots=8):
        await until(lambda: answerer.asked == 8, "eight are asked")
        place.clock.ahead_s = 3_601
        batch = await place.ended(batch_id)
    assert (batch.status, batch.completed, batch.failed) == (Status.EXPIRED, 8, 12)
    assert await place.ids(batch) == all_ids(20)


async def leased(place: Workplace, leases: Leases) -> ShardLease:
    """A lease on the shard of a new batch of eight lines."""
    batch_id = await place.batch(8)
    async with place.working(SteppedAnswerer()):
        await place.reaches(batch_id, lambda batch: batch.status is Status.IN_PROGRESS)
    lease = await leases.claim_shard(batch_id)
    assert lease is not None
    return lease


async def test_a_cancelled_batch_does_not_wait_for_an_engine_that_never_answers_also_where_it_gave_up_its_place(
    place: Workplace,
) -> None:
    leases, answerer, slots = place.leases("w"), SteppedAnswerer(), FairSlots(8)
    loop = asyncio.get_running_loop()
    run = ShardRun(
        Tools(answerer, leases, place.blobs, lambda batch, line: slots, 8, loop.time),
        await leased(place, leases),
        lambda action, about: None,
    )
    running = asyncio.create_task(run.run())
    await until(lambda: len(answerer.waiting) == 8, "eight are asked")
    run.leave()
    await asyncio.sleep(2 * ENDING_GRACE_S)
    assert not running.done(), "who gives up a place finishes what is asked"
    run.end(Ending.CANCELLED)
    async with asyncio.timeout(LIMIT_S * SPEED):
        await running
    assert not answerer.waiting


async def test_a_worker_that_loses_its_shard_while_it_puts_results_together_leaves_nothing(place: Workplace) -> None:
    leases = place.leases("w")
    lease = await leased(place, leases)
    writer = ResultWriter(leases, place.blobs, lease)
    for number in range(2):
        line = Line(number, f"r{number}", {})
        writer.add(number, line, echo(line))
        await writer.write()

    write = place.blobs.write

    async def overtaken(key: str, chunks: AsyncIterator[bytes]) -> int:
        await leases.give_back(lease)
        assert await place.leases("another").claim_shard(lease.batch.id) is not None
        return await write(key, chunks)

    place.blobs.write = overtaken  # type: ignore[method-assign]
    with pytest.raises(LeaseLost):
        await writer.finish()
    counted = {part.key for kind in (OUTPUT, ERROR) for part in await leases.segments(lease, kind)}
    assert {key for key in place.blobs.held if key.startswith("batches/") and "index" not in key} == counted


async def test_an_engine_whose_words_are_no_text_fails_its_line_alone(place: Workplace) -> None:
    def script(line: Line) -> LineAnswer:
        return LineAnswer(error=LineError("engine_error", "half a \ud83d")) if line.number == 1 else echo(line)

    batch_id = await place.batch(3)
    async with place.working(ScriptedAnswerer(script)):
        batch = await place.ended(batch_id)
    assert (batch.completed, batch.failed) == (2, 1)
    assert (await place.results(batch, "error"))[0]["error"]["message"].startswith("half a ")
