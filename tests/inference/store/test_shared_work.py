"""Many workers on the same batches in one database: each line is counted once, and nobody is in another's way."""

import asyncio
import itertools
import random
import secrets
from collections import Counter
from dataclasses import replace

import asyncpg
import pytest

from inference.batches.batch import ENDED, Batch, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.batches.result_parts import ResultPlaces
from inference.batches.shard import Results, Shard, ShardLease
from inference.batches.working.leases import LeaseLost, Leases
from inference.batches.working.steps import Steps
from inference.errors import NotFound, WrongState
from inference.files.file import File, Part
from inference.files.file_records import FileRecords
from inference.store.database import Database
from inference.usage.token_usage import NO_USAGE, TokenUsage

WORKERS, SHARDS, LINES, LINES_A_COMMIT = 5, 4, 40, 5
NAMES = ["batch_", "batch_x", "batch_xx"]
CANCELLED = NAMES[0]
OWNERS = ("anna", "boris")
NOW = 1_900_000_000
"""Of the clocks that are in seconds; leases go by the database's."""
WORK_TIMEOUT_S = 150
"""For all workers together, which take a second or two."""


def batch_named(name: str, *, expires_at: int = NOW + 1000) -> Batch:
    owner = OWNERS[len(name) % 2]
    return Batch(name, owner, Status.VALIDATING, Endpoint.CHAT, "24h", "file-in", NOW, expires_at)


def shards() -> list[Shard]:
    return [Shard(number, number * LINES, LINES, number * 100, 100) for number in range(SHARDS)]


async def begun(database: Database, batch: Batch) -> None:
    """Adds a batch and has it validated."""
    await BatchRecords(database, lambda: NOW).add(batch)
    lease = await Leases(database, "validator").claim_step()
    assert lease is not None
    assert lease.batch.id == batch.id
    await Steps(database, lambda: NOW).begin(lease, shards(), "m")


def results(lease: ShardLease, positions: list[int]) -> Results:
    """One byte for each line, so that the sizes of files count lines."""
    part = Part(f"batches/{lease.batch.id}/segments/{secrets.token_hex(8)}", len(positions))
    return Results(tuple(positions), part, None, len(positions), 0, TokenUsage(input=len(positions)))


class Turns:
    """What must come before what, however fast one worker is next to another and to who cancels."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        """Until then the first shard of the batch that is to be cancelled is not finished, so the batch cannot end."""
        self.claims: Counter[tuple[str, int]] = Counter()
        """How often each shard was claimed, by batch and number."""
        self.claimed = asyncio.Condition()

    async def claim(self, lease: ShardLease) -> None:
        async with self.claimed:
            self.claims[lease.batch.id, lease.shard.number] += 1
            self.claimed.notify_all()

    async def taken_over(self, lease: ShardLease) -> None:
        async with self.claimed:
            await self.claimed.wait_for(lambda: self.claims[lease.batch.id, lease.shard.number] > 1)


class Worker:
    """One that leases shards, commits to them and loses some, and ends batches, until all have ended."""

    def __init__(self, url: str, number: int, turns: Turns) -> None:
        self.database = Database(url)
        self.name = f"worker-{number}"
        self.leases = Leases(self.database, self.name)
        self.steps = Steps(self.database, lambda: NOW)
        self._chance = random.Random(number)  # noqa: S311  repeatable, and no secret
        self._turns = turns
        self.lost = 0

    async def run(self, batch_ids: list[str]) -> None:
        records = BatchRecords(self.database)
        ended = False
        while not ended:  # WORK_TIMEOUT_S at the most
            await self._shard()
            await self._step()
            await self.steps.expire()
            states = [await records.get(OWNERS[len(name) % 2], name) for name in batch_ids]
            ended = all(batch.status in ENDED for batch in states)

    async def die_for_a_while(self, lease: ShardLease) -> None:
        """Comes back to a shard once another worker has it."""
        await self._turns.taken_over(lease)
        await self._work_off(lease)

    async def claim(self, batch_id: str) -> ShardLease | None:
        lease = await self.leases.claim_shard(batch_id)
        if lease is not None:
            await self._turns.claim(lease)
        return lease

    async def _shard(self) -> None:
        waiting = await self.leases.waiting()
        if not waiting.candidates:
            return
        lease = await self.claim(self._chance.choice(waiting.candidates).batch_id)
        if lease is not None:
            await self._work_off(lease)

    async def _work_off(self, lease: ShardLease) -> None:
        try:
            while left := [position for position in range(LINES) if position not in lease.done]:
                some = results(lease, left[:LINES_A_COMMIT])
                if self._chance.random() < 0.4:
                    await self.leases.release([f"worker-{self._chance.randrange(WORKERS)}"])  # which lives
                await asyncio.gather(self.leases.commit(lease, some), self.leases.renew([lease], []))
                for position in some.positions:
                    lease.done.add(position)
            segments = await self.leases.segments(lease, "output")
            whole = Part(f"batches/{lease.batch.id}/output/{secrets.token_hex(8)}", sum(s.bytes for s in segments))
            await self.leases.replace_segments(lease, "output", whole)
            if (lease.batch.id, lease.shard.number) == (CANCELLED, 0):
                await self._turns.cancelled.wait()
            await self.leases.finish(lease)
        except LeaseLost:
            self.lost += 1

    async def _step(self) -> None:
        step = await self.leases.claim_step()
        if step is None:
            return
        try:
            step = await self.steps.finalizing(step)
            await self.leases.renew([], [step])
            await self.steps.counted_blobs(step)
            await self.steps.end(step)
        except LeaseLost:
            self.lost += 1


async def test_each_line_is_counted_once_however_many_work_and_are_given_up_for_dead(store_url: str) -> None:
    database, turns = Database(store_url), Turns()
    await database.open()
    await FileRecords(database).add(File("file-in", OWNERS[0], "in", "batch", 400, NOW), [Part("files/in", 400)])
    for name in NAMES:
        await begun(database, batch_named(name))
    workers = [Worker(store_url, number, turns) for number in range(WORKERS)]
    for worker in workers:
        await worker.database.open()
    try:
        late = workers[0]
        lease = await late.claim(NAMES[-1])
        assert lease is not None
        await workers[1].leases.release([late.name])
        async with asyncio.timeout(WORK_TIMEOUT_S), asyncio.TaskGroup() as group:
            group.create_task(late.die_for_a_while(lease))
            for worker in workers:
                group.create_task(worker.run(NAMES))
            cancelled = await BatchRecords(database, lambda: NOW).cancel(OWNERS[len(CANCELLED) % 2], CANCELLED)
            turns.cancelled.set()
        assert cancelled.status is Status.CANCELLING
        assert late.lost > 0
        for name in NAMES:
            await check_ended(database, name, cancelled=name == CANCELLED)
    finally:
        for one in (database, *(worker.database for worker in workers)):
            await one.aclose()
    if not database.is_sqlite:
        assert await deadlocks(store_url) == 0


async def check_ended(database: Database, name: str, *, cancelled: bool) -> None:
    owner = OWNERS[len(name) % 2]
    batch = await BatchRecords(database).get(owner, name)
    assert batch.status is (Status.CANCELLED if cancelled else Status.COMPLETED)
    assert batch.total == SHARDS * LINES
    assert batch.failed == 0
    assert batch.completed == batch.tokens.input
    if not cancelled:
        assert batch.completed == SHARDS * LINES
    assert (batch.output_file_id is None) == (batch.completed == 0)
    if batch.output_file_id is not None:
        file, parts = await FileRecords(database).parts(owner, batch.output_file_id)
        assert file.bytes == sum(part.bytes for part in parts) == batch.completed
        assert len({part.key for part in parts}) == len(parts)


async def deadlocks(url: str) -> int:
    """How many PostgreSQL has undone in this database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        return int(
            await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
    finally:
        await connection.close()


async def test_a_shard_goes_to_one_of_many_who_want_it(database: Database) -> None:
    await FileRecords(database).add(File("file-in", OWNERS[0], "in", "batch", 400, NOW), [Part("files/in", 400)])
    await begun(database, batch_named("batch_a"))
    claims = await asyncio.gather(*(Leases(database, f"w{n}").claim_shard("batch_a") for n in range(12)))
    numbers = [lease.shard.number for lease in claims if lease is not None]
    assert sorted(numbers) == list(range(SHARDS))
    assert all(lease.input_parts == [Part("files/in", 400)] for lease in claims if lease)


async def test_a_step_goes_to_one_of_many_who_want_it(database: Database) -> None:
    await BatchRecords(database).add(batch_named("batch_a"))
    claims = await asyncio.gather(*(Leases(database, f"w{n}").claim_step() for n in range(8)))
    assert [claim.batch.id for claim in claims if claim is not None] == ["batch_a"]


async def test_one_owners_files_do_not_keep_anothers_from_being_read(database: Database) -> None:
    records, leases = BatchRecords(database), Leases(database, "w")
    for number in range(4):
        await records.add(replace(batch_named(f"batch_{number}"), owner="anna"))
    step = await leases.claim_step()
    await records.add(replace(batch_named("batch_late"), owner="boris"))
    claims = [step, *[await leases.claim_step() for _ in range(3)]]
    assert [claim.batch.id for claim in claims if claim] == ["batch_0", "batch_late", "batch_1", "batch_2"]


@pytest.mark.parametrize("name", ["batch_never", "a\0b", "half \ud83d", "x" * 5000, ""])
async def test_an_id_that_cannot_be_is_not_found(database: Database, name: str) -> None:
    records = BatchRecords(database)
    asked = [records.get("o", name), records.cancel("o", name), records.page("o", after=name, limit=5)]
    for question in [*asked, ResultPlaces(database).find("o", name), FileRecords(database).get("o", name)]:
        with pytest.raises(NotFound) as refused:
            await question
        assert len(refused.value.message) < 200


async def test_what_cannot_be_deleted_is_postponed_by_all_who_tried_as_far_as_it_is_still_doomed(
    database: Database,
) -> None:
    records, later = FileRecords(database, lambda: float(NOW)), FileRecords(database, lambda: NOW + 100.0)
    keys = [f"files/{number}" for number in range(20)]
    for number, key in enumerate(keys):
        await records.add(File(f"file-{number}", "o", "f", "batch", 1, NOW), [Part(key, 1)])
        await records.delete("o", f"file-{number}")
    await records.forget_blobs(keys[:1])
    await asyncio.gather(*(records.postpone_blobs(random.sample(keys, 20), 50.0) for _ in range(6)))
    assert await records.doomed(100) == []
    assert sorted(await later.doomed(100)) == sorted(keys[1:])


async def test_whoever_lost_a_lease_can_write_nothing_that_counts(database: Database) -> None:
    await begun(database, batch_named("batch_a"))
    slow, fast = Leases(database, "slow"), Leases(database, "fast")
    lost = await slow.claim_shard("batch_a")
    assert lost is not None
    await fast.release(["slow"])
    taken = [await fast.claim_shard("batch_a") for _ in range(SHARDS)]
    assert lost.shard.number in [lease.shard.number for lease in taken if lease]
    with pytest.raises(LeaseLost):
        await slow.commit(lost, results(lost, [0, 1]))
    with pytest.raises(LeaseLost):
        await slow.finish(lost)
    batch = await BatchRecords(database).get(OWNERS[len("batch_a") % 2], "batch_a")
    assert (batch.completed, batch.tokens) == (0, NO_USAGE)


async def test_a_commit_that_is_made_twice_counts_once(database: Database) -> None:
    await begun(database, batch_named("batch_a"))
    leases = Leases(database, "w")
    lease = await leases.claim_shard("batch_a")
    assert lease is not None
    once = results(lease, [0, 1, 2])
    await asyncio.gather(leases.commit(lease, once), leases.commit(lease, once))
    batch = await BatchRecords(database).get(OWNERS[len("batch_a") % 2], "batch_a")
    assert batch.completed == 3
    assert await leases.segments(lease, "output") == [once.output]


async def test_a_batch_is_either_cancelled_or_ends_when_both_are_asked_at_once(database: Database) -> None:
    owner = OWNERS[len("batch_a") % 2]
    for number in range(10):
        name = f"batch_{number}"
        await begun(database, batch_named(name))
        leases, steps = Leases(database, "w"), Steps(database, lambda: NOW)
        while (lease := await leases.claim_shard(name)) is not None:
            await leases.finish(lease)
        step = await leases.claim_step()
        assert step is not None
        step = await steps.finalizing(step)
        ended, cancelled = await asyncio.gather(
            steps.end(step), BatchRecords(database).cancel(owner, name), return_exceptions=True
        )
        assert isinstance(ended, Batch)
        assert isinstance(cancelled, WrongState)
        batch = await BatchRecords(database).get(owner, name)
        assert (batch.status, batch.ending) == (Status.COMPLETED, None)


async def test_a_file_that_is_deleted_by_two_at_once_is_deleted_by_one(database: Database) -> None:
    records = FileRecords(database)
    for number in range(10):
        await records.add(File(f"file-{number}", "o", "f", "batch", 1, NOW), [Part(f"files/{number}", 1)])
        outcomes = await asyncio.gather(
            *(records.delete("o", f"file-{number}") for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(outcome) for outcome in outcomes if outcome) == [NotFound]
    assert sorted(await FileRecords(database, lambda: 4e9).doomed(100)) == sorted(f"files/{n}" for n in range(10))


async def test_many_sweep_expired_files_at_once(database: Database) -> None:
    records = FileRecords(database, lambda: float(NOW))
    for number in range(30):
        file = File(f"file-{number}", "o", "f", "batch", 1, NOW - 10, NOW - 1)
        await records.add(file, [Part(f"files/{number}", 1), Part(f"files/{number}-b", 1)])
    swept = await asyncio.gather(*(records.expired(10) for _ in range(6)))
    left = await records.expired(100)
    assert sorted([*itertools.chain(*swept), *left]) == sorted(f"file-{number}" for number in range(30))
    keys = await FileRecords(database, lambda: 4e9).doomed(1000)
    assert len(set(keys)) == 60
    await asyncio.gather(*(records.forget_blobs(random.sample(list(keys), 60)) for _ in range(4)))
    assert await FileRecords(database, lambda: 4e9).doomed(1000) == []
