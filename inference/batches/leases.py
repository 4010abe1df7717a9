"""Who works on what: leases on shards, and on the steps of a batch that are done as a whole.

A lease is a holder, a time and an epoch. Whoever takes a lease raises the epoch, and every write names the epoch that
it was taken with: a worker that was given up for dead and comes back can write nothing that counts. So what was done
counts once, however often it was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.batches.batch import Batch, Ending, Status
from inference.batches.batch_records import COLUMNS, batch_of
from inference.batches.fair_choice import Candidate, fairest
from inference.batches.shard import Done, Results, Shard, ShardLease
from inference.errors import TouchstoneError
from inference.files.file import Part
from inference.files.file_records import parts_of
from inference.store.database import Database, transaction
from inference.store.tables import BATCHES, SEGMENTS, SHARDS

LEASE_S = 60.0
"""For which a lease holds. It is renewed three times within; a machine that is lost is made up for after it."""

OUTPUT, ERROR = "output", "error"

_STEPS = (Status.VALIDATING, Status.IN_PROGRESS, Status.CANCELLING, Status.FINALIZING)


class LeaseLost(TouchstoneError):
    """Another worker has taken over: nothing of this one counts any more. Never leaves the worker."""

    def __init__(self) -> None:
        super().__init__("another worker has taken this over")


@dataclass(frozen=True, slots=True)
class StepLease:
    """A step of a batch that is done as a whole: it is to be validated, or to be finalized."""

    batch: Batch
    epoch: int


class Leases:
    """The leases of one worker, which is known as `holder`. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, holder: str) -> None:
        self.holder = holder
        self._database = database

    @transaction
    async def claim_step(self) -> StepLease | None:
        """A batch that is to be validated, or all of whose shards are finished; None if there is none."""
        now = self._database.now()
        unfinished = exists().where(SHARDS.c.batch_id == BATCHES.c.id, SHARDS.c.finished == 0)
        free = (
            select(BATCHES.c.number)
            .where(BATCHES.c.status.in_(_STEPS), BATCHES.c.lease_until < now)
            .where(or_(BATCHES.c.status == Status.VALIDATING, ~unfinished))
            .order_by(BATCHES.c.priority.desc(), BATCHES.c.number)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = (
            update(BATCHES)
            .where(BATCHES.c.number == free)
            .values(holder=self.holder, lease_until=now + LEASE_S, epoch=BATCHES.c.epoch + 1)
            .returning(*COLUMNS, BATCHES.c.epoch)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(taken)).mappings().first()
        return StepLease(batch_of(row), row["epoch"]) if row else None

    @transaction
    async def claim_shard(self, passing_over: Sequence[str] = ()) -> ShardLease | None:
        """A shard of the batch whose turn it is; None if there is nothing to work on. Batches that this worker has
        enough of may be passed over."""
        async with self._database.writing() as connection:
            batch_id = await self._next_batch(connection, passing_over)
            if batch_id is None:
                return None
            now = self._database.now()
            free = (
                select(SHARDS.c.number)
                .where(SHARDS.c.batch_id == batch_id, SHARDS.c.finished == 0, SHARDS.c.lease_until < now)
                .order_by(SHARDS.c.lease_until, SHARDS.c.number)
                .limit(1)
                .with_for_update(skip_locked=True)
                .scalar_subquery()
            )
            taken = (
                update(SHARDS)
                .where(SHARDS.c.batch_id == batch_id, SHARDS.c.number == free)
                .values(holder=self.holder, lease_until=now + LEASE_S, epoch=SHARDS.c.epoch + 1)
                .returning(*SHARDS.c)
            )
            row = (await connection.execute(taken)).mappings().first()
            if row is None:  # another worker was faster
                return None
            batch = (await connection.execute(select(*COLUMNS).where(BATCHES.c.id == batch_id))).mappings().one()
            shard = Shard(**{name: row[name] for name in Shard.__dataclass_fields__})
            return ShardLease(
                batch_of(batch),
                shard,
                row["epoch"],
                Done(shard.lines, row["done"]),
                await parts_of(connection, batch["input_file_id"]),
            )

    async def _next_batch(self, connection: AsyncConnection, passing_over: Sequence[str]) -> str | None:
        now = self._database.now()
        waiting = exists().where(SHARDS.c.batch_id == BATCHES.c.id, SHARDS.c.finished == 0, SHARDS.c.lease_until < now)
        query = select(BATCHES.c.id, BATCHES.c.owner, BATCHES.c.priority, BATCHES.c.number)
        query = query.where(BATCHES.c.status == Status.IN_PROGRESS, BATCHES.c.id.not_in(passing_over), waiting)
        candidates = [Candidate(*row) for row in await connection.execute(query)]
        if len(candidates) <= 1:
            return candidates[0].batch_id if candidates else None
        under_way = (
            select(BATCHES.c.owner, SHARDS.c.batch_id, func.count())
            .join(SHARDS, SHARDS.c.batch_id == BATCHES.c.id)
            .where(SHARDS.c.finished == 0, SHARDS.c.lease_until >= now)
            .group_by(BATCHES.c.owner, SHARDS.c.batch_id)
        )
        leased = {(owner, batch_id): count for owner, batch_id, count in await connection.execute(under_way)}
        chosen = fairest(candidates, leased)
        return chosen.batch_id if chosen else None

    @transaction
    async def commit(self, lease: ShardLease, results: Results, *, finished: bool) -> None:
        """Makes written results count, all of them or none. Raises LeaseLost."""
        async with self._database.writing() as connection:
            await self._hold(connection, lease, done=lease.done.to_bytes(), finished=finished)
            for kind, part in ((OUTPUT, results.output), (ERROR, results.error)):
                if part is not None:
                    await self._add_segment(connection, lease, kind, part)
            if results.positions:
                changed = (
                    update(BATCHES)
                    .where(BATCHES.c.id == lease.batch.id)
                    .values(
                        completed=BATCHES.c.completed + results.completed,
                        failed=BATCHES.c.failed + results.failed,
                        input_tokens=BATCHES.c.input_tokens + results.tokens.input,
                        output_tokens=BATCHES.c.output_tokens + results.tokens.output,
                        cached_tokens=BATCHES.c.cached_tokens + results.tokens.cached,
                        reasoning_tokens=BATCHES.c.reasoning_tokens + results.tokens.reasoning,
                    )
                )
                await connection.execute(changed)

    async def _add_segment(self, connection: AsyncConnection, lease: ShardLease, kind: str, part: Part) -> None:
        of_shard = and_(
            SEGMENTS.c.batch_id == lease.batch.id, SEGMENTS.c.shard == lease.shard.number, SEGMENTS.c.kind == kind
        )
        number = await connection.scalar(select(func.coalesce(func.max(SEGMENTS.c.number), -1) + 1).where(of_shard))
        row = {
            "batch_id": lease.batch.id,
            "shard": lease.shard.number,
            "kind": kind,
            "number": number,
            "key": part.key,
            "bytes": part.bytes,
        }
        await connection.execute(insert(SEGMENTS), row)

    @transaction
    async def segments(self, lease: ShardLease, kind: str) -> Sequence[Part]:
        """What was committed of one kind of results of the shard, in order."""
        query = select(SEGMENTS.c.key, SEGMENTS.c.bytes).where(
            SEGMENTS.c.batch_id == lease.batch.id, SEGMENTS.c.shard == lease.shard.number, SEGMENTS.c.kind == kind
        )
        async with self._database.reading() as connection:
            return [Part(*row) for row in await connection.execute(query.order_by(SEGMENTS.c.number))]

    @transaction
    async def replace_segments(self, lease: ShardLease, kind: str, whole: Part) -> None:
        """Puts one blob in the place of the shard's segments, whose bytes it holds in their order. Raises LeaseLost."""
        async with self._database.writing() as connection:
            await self._hold(connection, lease)
            of_shard = and_(
                SEGMENTS.c.batch_id == lease.batch.id, SEGMENTS.c.shard == lease.shard.number, SEGMENTS.c.kind == kind
            )
            await connection.execute(delete(SEGMENTS).where(of_shard))
            await self._add_segment(connection, lease, kind, whole)

    @transaction
    async def give_back(self, lease: ShardLease) -> None:
        """Lets others have the shard at once. Does nothing if they have it already."""
        mine = and_(_shard(lease), SHARDS.c.epoch == lease.epoch)
        async with self._database.writing() as connection:
            await connection.execute(update(SHARDS).where(mine).values(lease_until=0, holder=None))

    @transaction
    async def renew(self) -> dict[str, Ending | None]:
        """Renews all leases of this worker, and says of each batch that it works on why it ends, if it does."""
        until = self._database.now() + LEASE_S
        async with self._database.writing() as connection:
            mine = and_(SHARDS.c.holder == self.holder, SHARDS.c.finished == 0)
            await connection.execute(update(SHARDS).where(mine).values(lease_until=until))
            steps = and_(BATCHES.c.holder == self.holder, BATCHES.c.status.in_(_STEPS))
            await connection.execute(update(BATCHES).where(steps).values(lease_until=until))
            query = select(BATCHES.c.id, BATCHES.c.ending).where(
                or_(
                    BATCHES.c.id.in_(select(SHARDS.c.batch_id).where(mine)),
                    steps,
                )
            )
            rows = (await connection.execute(query)).all()
        return {batch_id: Ending(ending) if ending else None for batch_id, ending in rows}

    @transaction
    async def release(self, holders: Sequence[str]) -> None:
        """Frees what is leased by workers that are known to be dead."""
        async with self._database.writing() as connection:
            shards = and_(SHARDS.c.holder.in_(holders), SHARDS.c.finished == 0)
            await connection.execute(update(SHARDS).where(shards).values(lease_until=0, holder=None))
            steps = BATCHES.c.holder.in_(holders)
            await connection.execute(update(BATCHES).where(steps).values(lease_until=0, holder=None))

    @transaction
    async def holders(self) -> Sequence[str]:
        """Who holds leases, this worker aside."""
        shards = select(SHARDS.c.holder).where(SHARDS.c.finished == 0, SHARDS.c.holder.is_not(None))
        steps = select(BATCHES.c.holder).where(BATCHES.c.status.in_(_STEPS), BATCHES.c.holder.is_not(None))
        async with self._database.reading() as connection:
            found = (await connection.execute(shards.union(steps))).scalars()
            return [holder for holder in found if holder != self.holder]

    async def _hold(
        self, connection: AsyncConnection, lease: ShardLease, done: bytes | None = None, finished: bool = False
    ) -> None:
        """Locks the shard and makes sure that the lease is still ours. Raises LeaseLost."""
        values: dict[str, Any] = {} if done is None else {"done": done}
        if finished:
            values |= {"finished": 1, "lease_until": 0, "holder": None}
        mine = and_(_shard(lease), SHARDS.c.epoch == lease.epoch, SHARDS.c.finished == 0)
        held = await connection.execute(update(SHARDS).where(mine).values(**(values or {"epoch": lease.epoch})))
        if held.rowcount != 1:
            raise LeaseLost


def _shard(lease: ShardLease) -> ColumnElement[bool]:
    return and_(SHARDS.c.batch_id == lease.batch.id, SHARDS.c.number == lease.shard.number)
