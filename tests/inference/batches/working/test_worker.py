"""What a worker does with batches, and what it does when something goes wrong."""

import asyncio
import contextlib
import sqlite3
from dataclasses import replace

import orjson
import pytest

from inference.batches.batch import Batch, Status
from inference.batches.input.scan import ScanLimits
from inference.batches.line import Again, Line, LineAnswer, LineError
from inference.batches.working import worker as worker_module
from inference.batches.working.fair_choice import TURN_S
from inference.batches.working.finishing import finish_batch
from inference.batches.working.leases import LeaseLost, StepLease
from inference.batches.working.result_writer import SEGMENT_LINES_MAX
from inference.batches.working.retry import TRIES_MAX
from inference.batches.working.worker import FAILURES_MAX
from inference.errors import PlanNotFound, StoreUnavailable
from inference.testing.scripted_answerer import ScriptedAnswerer, echo
from tests.inference.batches.working.workplace import (
    STORE,
    BreakableLeases,
    SteppedAnswerer,
    Workplace,
    all_ids,
    request,
    until,
    writes_seen,
)


async def answered(place: Workplace, answerer: SteppedAnswerer, batch_id: str) -> Batch:
    """The batch once it has ended, with every line answered that is asked meanwhile."""

    async def answer_all() -> None:
        while True:
            while answerer.waiting:
                answerer.step()
            await asyncio.sleep(0)

    answering = asyncio.create_task(answer_all())
    try:
        return await place.ended(batch_id)
    finally:
        answering.cancel()


@pytest.mark.process
async def test_every_line_is_answered_once(place: Workplace) -> None:
    batch_id = await place.batch(2_500)
    answerer = ScriptedAnswerer()
    async with place.working(answerer):
        batch = await place.ended(batch_id)
    assert (batch.status, batch.total, batch.completed, batch.failed) == (Status.COMPLETED, 2_500, 2_500, 0)
    assert (batch.tokens.input, batch.tokens.output) == (5_000, 2_500)
    assert await place.ids(batch) == all_ids(2_500)
    assert set(answerer.asked.values()) == {1}
    assert batch.error_file_id is None


async def test_a_batch_that_is_kept_for_others_is_read_and_none_of_its_lines_is_asked(place: Workplace) -> None:
    kept, free = await place.batch(10, kept_for="run"), await place.batch(10)
    answerer = ScriptedAnswerer()
    async with place.working(answerer):
        await place.ended(free)
        batch = await place.reaches(kept, lambda batch: batch.status is Status.IN_PROGRESS)
        await place.ended(await place.batch(10))  # with the first still waiting
    assert (batch.total, batch.completed) == (10, 0)
    assert set(answerer.asked.values()) == {2}
    async with place.working(ScriptedAnswerer(), leases=BreakableLeases(place.database, "", "run")):
        assert (await place.ended(kept)).completed == 10


async def test_a_batch_that_is_kept_for_nobody_here_expires_all_the_same(place: Workplace) -> None:
    kept = await place.batch(10, kept_for="run", window_s=60)
    answerer = ScriptedAnswerer()
    async with place.working(answerer):
        await place.reaches(kept, lambda batch: batch.status is Status.IN_PROGRESS)
        place.clock.ahead_s = 120
        batch = await place.ended(kept)
    assert (batch.status, batch.failed, len(answerer.asked)) == (Status.EXPIRED, 10, 0)


async def test_nothing_is_left_over_but_the_files(place: Workplace) -> None:
    batch_id = await place.batch(1_200)
    async with place.working(ScriptedAnswerer()):
        batch = await place.ended(batch_id)
    _, parts = await place.files.parts("o", batch.output_file_id or "")
    assert {key for key in place.blobs.held if key.startswith("batches/")} == {part.key for part in parts}


async def test_a_line_that_keeps_failing_goes_to_the_error_file_with_the_reason(place: Workplace) -> None:
    def script(line: Line) -> LineAnswer:
        if line.number == 3:
            return LineAnswer(error=LineError("engine_error", "CUDA error"), again=Again.SOON)
        if line.number == 4:
            return LineAnswer(400, b'{"error":{"message":"too long"}}', "req_1")
        return echo(line)

    answerer = ScriptedAnswerer(script)
    batch_id = await place.batch(10)
    async with place.working(answerer):
        batch = await place.ended(batch_id)
    assert (batch.status, batch.completed, batch.failed) == (Status.COMPLETED, 8, 2)
    errors = {row["custom_id"]: row for row in await place.results(batch, "error")}
    assert errors["r3"]["error"] == {"code": "engine_error", "message": "CUDA error"}
    assert errors["r3"]["response"] is None
    assert errors["r4"]["response"]["status_code"] == 400
    assert answerer.asked["r3"] == TRIES_MAX
    assert answerer.asked["r4"] == 1


async def test_an_engine_that_is_away_for_minutes_costs_no_line_a_try(place: Workplace) -> None:
    def script(line: Line) -> LineAnswer:
        if answerer.asked[line.custom_id] <= 2 * TRIES_MAX:  # two minutes and more
            return LineAnswer(error=LineError("engine_unavailable", "it is down"), again=Again.WHEN_UP)
        return echo(line)

    answerer = ScriptedAnswerer(script)
    batch_id = await place.batch(40)
    async with place.working(answerer):
        batch = await place.ended(batch_id)
    assert (batch.completed, batch.failed) == (40, 0)
    assert set(answerer.asked.values()) == {2 * TRIES_MAX + 1}


async def test_while_a_line_waits_for_another_try_its_slot_is_free_for_others(place: Workplace) -> None:
    def script(line: Line) -> LineAnswer:
        if line.body["model"] == "down":
            return LineAnswer(error=LineError("engine_unavailable", "it is down"), again=Again.WHEN_UP)
        return echo(line)

    down = await place.batch([orjson.dumps(request(n, model="down")) for n in range(50)])
    up = await place.batch(200)
    async with place.working(ScriptedAnswerer(script), slots=2):
        assert (await place.ended(up)).completed == 200
        assert (await place.get(down)).status is Status.IN_PROGRESS


async def test_an_answerer_with_a_fault_fails_the_line_and_not_the_batch(place: Workplace) -> None:
    def script(line: Line) -> LineAnswer:
        if line.number == 7:
            raise RuntimeError("nobody foresaw this")
        return echo(line)

    batch_id = await place.batch(20)
    async with place.working(ScriptedAnswerer(script)):
        batch = await place.ended(batch_id)
    assert (batch.status, batch.completed, batch.failed) == (Status.COMPLETED, 19, 1)
    assert [row["error"]["code"] for row in await place.results(batch, "error")] == ["internal_error"]
    assert place.told("line_failed") == TRIES_MAX


async def test_an_answer_of_fifty_megabytes_is_kept(place: Workplace) -> None:
    huge = orjson.dumps({"text": "x" * 50_000_000})

    def script(line: Line) -> LineAnswer:
        return LineAnswer(200, huge, "req_1") if line.number == 1 else echo(line)

    batch_id = await place.batch(3)
    async with place.working(ScriptedAnswerer(script)):
        batch = await place.ended(batch_id)
    assert batch.completed == 3
    assert (await place.files.get("o", batch.output_file_id or "")).bytes > 50_000_000


async def test_counts_move_while_a_batch_runs(place: Workplace) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(100)
    async with place.working(answerer, slots=8):
        for answered in (1, 2, 3):
            await until(lambda: len(answerer.waiting) == 8, "eight are asked")
            answerer.step()
            batch = await place.reaches(batch_id, lambda batch, n=answered: batch.completed == n)  # type: ignore[misc]
            assert batch.tokens.input == 2 * answered


@pytest.mark.process
async def test_while_nothing_can_be_written_asking_stops_and_afterwards_nothing_was_lost(place: Workplace) -> None:
    def script(line: Line) -> LineAnswer:
        place.blobs.is_full = place.blobs.is_full or answerer.asked.total() == 500
        return echo(line)

    answerer = ScriptedAnswerer(script)
    batch_id = await place.batch(3_000)
    async with place.working(answerer, slots=16):
        await until(lambda: place.blobs.refused > 20, "many writes are refused")
        held = answerer.asked.total() - (await place.get(batch_id)).completed
        # By two shards, each of which may be about to commit as much as it holds.
        assert held <= 2 * 2 * (2 * SEGMENT_LINES_MAX + 16), "nothing more is asked"
        place.blobs.is_full = False
        batch = await place.ended(batch_id)
    assert await place.ids(batch) == all_ids(3_000)
    assert (batch.completed, batch.failed) == (3_000, 0)
    assert set(answerer.asked.values()) == {1}, "nothing was asked again"


@pytest.mark.parametrize("how", ["before", "after"])
async def test_a_commit_that_fails_before_or_after_it_counts_is_counted_once(place: Workplace, how: str) -> None:
    leases = place.leases("w")
    leases.fails = [how] * 3
    answerer = ScriptedAnswerer()
    batch_id = await place.batch(1_500)
    async with place.working(answerer, leases=leases):
        batch = await place.ended(batch_id)
    assert await place.ids(batch) == all_ids(1_500)
    assert (batch.completed, batch.tokens.output) == (1_500, 1_500)
    assert set(answerer.asked.values()) == {1}


async def test_a_worker_that_stops_keeps_what_was_answered_and_the_next_one_asks_only_the_rest(
    place: Workplace,
) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(60)
    async with place.working(answerer, slots=8):
        for _ in range(20):
            await until(lambda: len(answerer.waiting) == 8, "eight are asked")
            answerer.step()
        await until(lambda: len(answerer.waiting) == 8, "eight are asked")
    assert (await place.get(batch_id)).completed == 20
    rest = ScriptedAnswerer()
    async with place.working(rest):
        batch = await place.ended(batch_id)
    assert await place.ids(batch) == all_ids(60)
    assert rest.asked.total() == 40


async def test_what_is_under_way_at_a_stop_gets_a_moment_to_end(place: Workplace) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(60)
    worker = place.worker(answerer, slots=8)
    running = asyncio.create_task(worker.run())
    await until(lambda: len(answerer.waiting) == 8, "eight are asked")
    running.cancel()
    await asyncio.sleep(0.01)
    while answerer.waiting:
        answerer.step()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await place.get(batch_id)).completed == 8
    assert not await place.leases("another").holders()


@pytest.mark.process
async def test_two_workers_share_a_batch(place: Workplace) -> None:
    batch_id = await place.batch(6_000)
    both = asyncio.Barrier(2)

    class Meeting(ScriptedAnswerer):
        """Answers nothing before both have been asked something."""

        async def answer(self, batch: Batch, line: Line) -> LineAnswer:
            answer = await super().answer(batch, line)
            if self.asked.total() == 1:
                await both.wait()
            return answer

    one, other = Meeting(), Meeting()
    async with place.working(one, slots=1), place.working(other, slots=1):
        batch = await place.ended(batch_id)
    assert await place.ids(batch) == all_ids(6_000)
    assert one.asked.total() + other.asked.total() == 6_000
    assert one.asked
    assert other.asked


@pytest.mark.process
async def test_a_batch_that_is_cancelled_keeps_what_was_answered(place: Workplace) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(2_500)
    async with place.working(answerer, slots=8):
        for _ in range(5):
            await until(lambda: len(answerer.waiting) == 8, "eight are asked")
            answerer.step()
        batch = await place.batches.cancel("o", batch_id)
        assert batch.status is Status.CANCELLING
        assert (await place.batches.cancel("o", batch_id)).status is Status.CANCELLING, "twice is as good as once"
        batch = await place.ended(batch_id)
    assert batch.status is Status.CANCELLED
    assert batch.cancelled_at is not None
    assert batch.completed == 5
    assert len(await place.ids(batch)) == 5
    assert not answerer.waiting, "requests under way are given up after a while"
    assert len(answerer.order) <= 5 + 8 + 8, "nothing new is begun"


async def test_a_batch_may_be_cancelled_before_it_is_validated(place: Workplace) -> None:
    batch_id = await place.batch(10)
    await place.batches.cancel("o", batch_id)
    async with place.working(ScriptedAnswerer()):
        batch = await place.ended(batch_id)
    assert (batch.status, batch.completed, batch.output_file_id) == (Status.CANCELLED, 0, None)


async def test_a_batch_that_is_cancelled_while_it_is_validated_ends_cancelled(place: Workplace) -> None:
    batch_id = await place.batch(10)
    leases = place.leases("w")
    step = await leases.claim_step()
    assert step is not None
    await place.batches.cancel("o", batch_id)
    async with place.working(ScriptedAnswerer()):
        await place.steps.begin(step, [], None)
        batch = await place.ended(batch_id)
    assert batch.status is Status.CANCELLED


async def test_a_batch_that_is_cancelled_just_before_it_is_finalized_ends_cancelled(place: Workplace) -> None:
    batch_id = await place.batch(10)
    leases = place.leases("w")
    step = await leases.claim_step()
    assert step is not None
    await place.steps.begin(step, [], None)
    step = await leases.claim_step()
    assert step is not None
    await place.batches.cancel("o", batch_id)
    await finish_batch(place.blobs, place.steps, step)
    assert (await place.get(batch_id)).status is Status.CANCELLED


@pytest.mark.parametrize("epoch", [1, 2])
async def test_a_finisher_that_was_overtaken_deletes_nothing(place: Workplace, epoch: int) -> None:
    batch_id = await place.batch(30)
    async with place.working(ScriptedAnswerer()):
        batch = await place.ended(batch_id)
    late = StepLease(replace(batch, status=Status.FINALIZING), epoch)
    with pytest.raises(LeaseLost):
        await place.steps.counted_blobs(late)
    with pytest.raises(LeaseLost):
        await finish_batch(place.blobs, place.steps, late)
    assert await place.ids(batch) == all_ids(30)


async def test_when_the_window_ends_what_is_unanswered_goes_to_the_error_file(place: Workplace) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(1_300, window_s=3_600)
    async with place.working(answerer, slots=8):
        for _ in range(5):
            await until(lambda: len(answerer.waiting) == 8, "eight are asked")
            answerer.step()
        place.clock.ahead_s = 3_601
        batch = await place.ended(batch_id)
    assert (batch.status, batch.completed, batch.failed) == (Status.EXPIRED, 5, 1_295)
    assert batch.expired_at is not None
    assert await place.ids(batch) == all_ids(1_300)
    assert {row["error"]["code"] for row in await place.results(batch, "error")} == {"batch_expired"}


async def test_a_batch_that_expires_before_it_is_validated_says_so_of_every_line(place: Workplace) -> None:
    batch_id = await place.batch(20, window_s=60)
    place.clock.ahead_s = 61
    answerer = ScriptedAnswerer()
    await place.steps.expire()
    async with place.working(answerer):
        batch = await place.ended(batch_id)
    assert (batch.status, batch.failed) == (Status.EXPIRED, 20)
    assert not answerer.asked


async def test_a_batch_all_of_which_is_answered_does_not_expire(place: Workplace) -> None:
    batch_id = await place.batch(5, window_s=60)
    leases = place.leases("w")
    step = await leases.claim_step()
    assert step is not None
    await place.steps.begin(step, [], None)
    place.clock.ahead_s = 61
    await place.steps.expire()
    async with place.working(ScriptedAnswerer()):
        assert (await place.ended(batch_id)).status is Status.COMPLETED


async def test_a_batch_whose_input_was_deleted_before_it_was_read_fails_and_says_so(place: Workplace) -> None:
    batch_id = await place.batch(5)
    await place.lose_input(batch_id)
    async with place.working(ScriptedAnswerer()):
        batch = await place.ended(batch_id)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["file_not_found"])


@pytest.mark.process
async def test_a_batch_whose_input_is_deleted_while_it_runs_fails_with_what_was_answered(place: Workplace) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(3_500)
    async with place.working(answerer, slots=8) as worker:
        # Whoever takes a shard later finds no input, and ends the batch; these two have theirs.
        await until(lambda: len(answerer.waiting) == 8 and worker.shards_running == 2, "eight of two shards are asked")
        await place.lose_input(batch_id)
        batch = await answered(place, answerer, batch_id)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["file_not_found"])
    assert batch.completed > 0
    assert len(await place.ids(batch)) == batch.completed


async def test_a_batch_whose_bytes_are_missing_fails_after_some_tries(place: Workplace) -> None:
    batch_id = await place.batch(5)
    del place.blobs.held[f"files/{(await place.get(batch_id)).input_file_id}"]
    async with place.working(ScriptedAnswerer()):
        batch = await place.ended(batch_id)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["input_unreadable"])


async def test_a_batch_whose_plan_nobody_knows_any_more_fails_after_some_tries(place: Workplace) -> None:
    def limits_of(batch: Batch) -> ScanLimits:
        raise PlanNotFound("the plan 'gold' is not in the plans file")

    place.limits_of = limits_of
    batch_id = await place.batch(5)
    async with place.working(ScriptedAnswerer()):
        batch = await place.ended(batch_id)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["plan_not_found"])
    assert "'gold'" in batch.errors[0].message
    assert place.told("step_waits") > 1


@pytest.mark.process
@pytest.mark.parametrize(("damage", "code"), [("cut", "input_unreadable"), ("changed", "input_changed")])
async def test_a_batch_whose_input_is_damaged_after_validation_fails_and_does_not_loop(
    place: Workplace, damage: str, code: str
) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(2_500)
    key = f"files/{(await place.get(batch_id)).input_file_id}"
    async with place.working(answerer, slots=8):
        await until(lambda: len(answerer.waiting) == 8, "eight are asked")
        text = place.blobs.held[key]
        place.blobs.held[key] = text[: len(text) - 10] if damage == "cut" else text[:-300] + b"?" * 300
        batch = await answered(place, answerer, batch_id)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, [code])
    assert len(await place.ids(batch)) == batch.completed


@pytest.mark.parametrize("expires", [False, True], ids=["in its time", "after it"])
async def test_a_batch_some_of_whose_results_are_gone_fails_and_does_not_wait_for_ever(
    place: Workplace, expires: bool
) -> None:
    answerer = SteppedAnswerer()
    batch_id = await place.batch(300, window_s=3_600)
    async with place.working(answerer, slots=8):
        for _ in range(SEGMENT_LINES_MAX):  # the first segment and nothing more: a batch without lines to come may end
            await until(lambda: bool(answerer.waiting), "another is asked")
            answerer.step()
        await place.reaches(batch_id, lambda batch: batch.completed == SEGMENT_LINES_MAX)
        gone = next(key for key in place.blobs.held if key.endswith(".output"))
        del place.blobs.held[gone]
        place.clock.ahead_s = 3_700 if expires else 0
        batch = await answered(place, answerer, batch_id)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["internal_error"])


async def test_a_batch_of_blank_lines_fails_and_does_not_wait_for_ever(place: Workplace) -> None:
    batch_id = await place.batch([b"", b" ", b""])
    async with place.working(ScriptedAnswerer()):
        assert (await place.ended(batch_id)).status is Status.FAILED


async def test_a_fault_in_our_own_code_fails_the_batch_after_some_tries_and_leaves_the_others(
    place: Workplace,
) -> None:
    class Faulty(ScriptedAnswerer):
        async def answer(self, batch: Batch, line: Line) -> LineAnswer:
            answer = await super().answer(batch, line)
            return LineAnswer(200, None, "") if batch.id == faulty else answer  # type: ignore[arg-type]

    faulty = await place.batch(5)
    sound = await place.batch(50)
    async with place.working(Faulty()):
        assert (await place.ended(sound)).completed == 50
        batch = await place.ended(faulty)
    assert (batch.status, [error.code for error in batch.errors]) == (Status.FAILED, ["internal_error"])
    assert place.told("shard_failed") == FAILURES_MAX
    assert all("error" in about for action, about in place.reports if action == "shard_failed")


async def test_a_worker_whose_store_fails_for_a_while_goes_on_afterwards(place: Workplace) -> None:
    class Down(type(place.leases("w"))):  # type: ignore[misc]
        tries_left = 6

        async def claim_step(self) -> None:
            self.tries_left -= 1
            if self.tries_left > 0:
                raise StoreUnavailable("it is down") if self.tries_left % 2 else RuntimeError("nobody foresaw this")
            return await super().claim_step()

    batch_id = await place.batch(20)
    async with place.working(ScriptedAnswerer(), leases=Down(place.database, "w")):
        assert (await place.ended(batch_id)).completed == 20
    assert place.told("worker_waits") == 3
    assert place.told("worker_failed") == 2


async def test_a_worker_without_work_writes_nothing(place: Workplace) -> None:
    batch_id = await place.batch(5)
    async with place.working(ScriptedAnswerer()) as worker:
        await place.ended(batch_id)
        await until(lambda: not worker.shards_running and not worker.steps_running, "nothing is under way")
        await asyncio.sleep(5)  # nor begins to renew what was
        with contextlib.closing(sqlite3.connect(place.folder / STORE)) as store:
            before = writes_seen(store)
            await asyncio.sleep(120)
            assert writes_seen(store) == before


async def test_however_many_batches_there_are_a_worker_has_a_bounded_number_under_way(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats, runs = 6, 12
    monkeypatch.setattr(worker_module, "SHARDS_MAX", seats)
    monkeypatch.setattr(worker_module, "RUNS_MAX", runs)
    answerer = SteppedAnswerer()
    for _ in range(runs + 10):
        await place.batch(2)
    async with place.working(answerer, slots=500):
        await until(lambda: len(answerer.waiting) >= 2 * seats, "all seats are taken")
        await asyncio.sleep(2 * TURN_S)
        assert len(answerer.waiting) <= 2 * runs
        while answerer.answered.total() < 2 * (runs + 10):
            await until(lambda: bool(answerer.waiting), "something is asked")
            answerer.step()
