"""Several workers over one store that take, lose, commit, give back and finish in any order: each line counts once."""

import asyncio
import contextlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select, update

from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.batches.result_parts import OUTPUT
from inference.batches.shard import Results, Shard, ShardLease
from inference.batches.working.leases import LeaseLost, Leases
from inference.batches.working.steps import Steps
from inference.files.file import Part
from inference.store.database import Database
from inference.store.tables import SEGMENTS, SHARDS
from inference.usage.token_usage import TokenUsage
from inference.usage.usage_records import Chosen, UsageRecords
from inference.usage.used import NOTHING, UsageKey, Used, day_of

SHARD_LINES = (7, 9, 3)
TOTAL = sum(SHARD_LINES)
HOLDERS = ("one", "two", "three")


class LeasesInAnyOrder(RuleBasedStateMachine):
    """A blob's key says which lines are in it, so that what counts can be read off the segments."""

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'store.sqlite3'}")
        self.held: list[tuple[Leases, ShardLease]] = []
        self.sent: list[tuple[Leases, ShardLease, Results]] = []
        self.keys = 0
        self.now = 0.0
        self.do(self.begin())

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def begin(self) -> None:
        await self.database.open()
        self.records, self.steps = BatchRecords(self.database), Steps(self.database)
        await self.records.add(
            Batch("batch_1", "o", Status.VALIDATING, Endpoint.CHAT, "24h", "f", 1, 2**40, key_id="k")
        )
        step = await Leases(self.database, "one").claim_step()
        assert step is not None
        starts = [sum(SHARD_LINES[:number]) for number in range(len(SHARD_LINES))]
        shards = [Shard(n, at, lines, at, lines) for n, (at, lines) in enumerate(zip(starts, SHARD_LINES, strict=True))]
        await self.steps.begin(step, shards, None)

    @rule(holder=st.sampled_from(HOLDERS))
    def claim(self, holder: str) -> None:
        leases = Leases(self.database, holder, clock=lambda: self.now)
        lease = self.do(leases.claim_shard("batch_1"))
        if lease is not None:
            self.held.append((leases, lease))

    @rule()
    def time_passes(self) -> None:
        """Every lease runs out; whoever had one does not know. It is the next day."""
        self.now += 86_400
        self.do(self.run_out())

    async def run_out(self) -> None:
        async with self.database.writing() as connection:
            await connection.execute(update(SHARDS).where(SHARDS.c.finished == 0).values(lease_until=0))

    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        """A holder, rightful or not, writes some lines that it believes to be undone."""
        if not self.held:
            return
        leases, lease = data.draw(st.sampled_from(self.held))
        undone = [position for position in range(lease.shard.lines) if position not in lease.done]
        if not undone:
            return
        positions = tuple(data.draw(st.lists(st.sampled_from(undone), min_size=1, unique=True)))
        self.keys += 1
        key = f"{self.keys}:" + ",".join(str(lease.shard.first_line + position) for position in positions)
        lines = len(positions)
        used = {"m": Used(lines, 0, lines)}
        results = Results(positions, Part(key, lines), None, lines, 0, TokenUsage(1, lines), used)
        self.sent.append((leases, lease, results))
        with contextlib.suppress(LeaseLost):
            self.do(leases.commit(lease, results))
            for position in positions:
                lease.done.add(position)

    @rule(data=st.data())
    def commit_again(self, data: st.DataObject) -> None:
        """What was sent is sent once more, by somebody who did not hear of its success."""
        if self.sent:
            leases, lease, results = data.draw(st.sampled_from(self.sent))
            with contextlib.suppress(LeaseLost):
                self.do(leases.commit(lease, results))
                for position in results.positions:
                    lease.done.add(position)

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        if self.held:
            leases, lease = data.draw(st.sampled_from(self.held))
            self.do(leases.give_back(lease))

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        if self.held:
            leases, lease = data.draw(st.sampled_from(self.held))
            self.do(leases.renew([lease], []))

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """Whoever believes that all is done puts the segments together and ends the shard."""
        done = [(leases, lease) for leases, lease in self.held if lease.done.all()]
        if done:
            leases, lease = data.draw(st.sampled_from(done))
            with contextlib.suppress(LeaseLost):
                self.do(self.end(leases, lease))

    async def end(self, leases: Leases, lease: ShardLease) -> None:
        parts = await leases.segments(lease, OUTPUT)
        if len(parts) > 1:
            self.keys += 1
            key = f"{self.keys}:" + ",".join(part.key.partition(":")[2] for part in parts)
            await leases.replace_segments(lease, OUTPUT, Part(key, sum(part.bytes for part in parts)))
        await leases.finish(lease)

    @invariant()
    def each_line_counts_at_most_once_and_what_is_done_is_there(self) -> None:
        if not hasattr(self, "records"):
            return
        counted, done, batch = self.do(self.look())
        assert all(times == 1 for times in counted.values()), counted
        assert set(counted) == done
        assert batch.completed == len(counted) == batch.tokens.output
        used = self.do(self.used())
        assert sum(used.values(), NOTHING) == Used(len(counted), 0, len(counted))
        assert all(key.day <= day_of(self.now) for key in used)

    async def look(self) -> tuple[Counter[int], set[int], Batch]:
        counted: Counter[int] = Counter()
        done: set[int] = set()
        async with self.database.reading() as connection:
            for key in (await connection.execute(select(SEGMENTS.c.key))).scalars():
                counted.update(int(line) for line in key.partition(":")[2].split(","))
            for first, lines, bits in await connection.execute(
                select(SHARDS.c.first_line, SHARDS.c.lines, SHARDS.c.done)
            ):
                done |= {first + n for n in range(lines) if bits and bits[n >> 3] & 1 << (n & 7)}
        return counted, done, await self.records.get("o", "batch_1")

    async def used(self) -> dict[UsageKey, Used]:
        rows = await UsageRecords(self.database).page(Chosen(key_id="k", model="m"), after=None, limit=1_000)
        return {row.key: row.used for row in rows}

    def teardown(self) -> None:
        if hasattr(self, "records"):
            self.do(self.database.aclose())
            self.loop.close()
            self.folder.cleanup()


TestLeasesInAnyOrder = LeasesInAnyOrder.TestCase
TestLeasesInAnyOrder.settings = settings(
    max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
