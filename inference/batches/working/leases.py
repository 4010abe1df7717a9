"""Who works on what: leases on shards, and on the steps of a batch that are done as a whole.

A lease is a holder, a time and an epoch. Whoever takes a lease raises the epoch, and every write names the epoch that
it was taken with: a worker that was given up for dead and comes back can write nothing that counts. So what was done
counts once, however often it was done.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from inference.batches.batch import Batch, BatchError, Ending, Status
from inference.batches.batch_records import COLUMNS, batch_of
from inference.batches.result_parts import ERROR, OUTPUT
from inference.batches.shard import Done, Results, Shard, ShardLease
from inference.batches.working.fair_choice import Candidate
from inference.errors import TouchstoneError
from inference.files.file import Part
from inference.files.file_records import Clock, parts_in_visit
from inference.store.database import Database, transaction, unlocked
from inference.store.tables import BATCHES, SEGMENTS, SHARDS
from inference.usage.usage_records import add_usage
from inference.usage.used import ByModel, UsageKey, day_of

LEASE_S = 60.0
"""For which a lease holds. It is renewed three times within; a machine that is lost is made up for after it."""

_STEPS = (Status.VALIDATING, Status.IN_PROGRESS, Status.CANCELLING, Status.FINALIZING)
_OPEN = BATCHES.c.status.in_(_STEPS)

SHARD_KEY = (SHARDS.c.batch_id, SHARDS.c.number)

_WORKED_ON = and_(
    BATCHES.c.status == Status.IN_PROGRESS,
    or_(BATCHES.c.ending.is_(None), BATCHES.c.ending == Ending.EXPIRED),  # whose lines are all told so
)
"""Batches whose shards are to be worked on."""


Heard = Callable[[str, ByModel], None]
"""Hears what a key has used, by the model, once that counts."""


class LeaseLost(TouchstoneError):
    """Another worker has taken over: nothing of this one counts any more. Never leaves the worker."""

    def __init__(self) -> None:
        super().__init__("another worker has taken this over")


@dataclass(frozen=True, slots=True)
class StepLease:
    """A step of a batch that is done as a whole: it is to be validated, or to be finalized."""

    batch: Batch
    epoch: int


# What is executed for every hundred lines is put together once.
_MOVE_ON = (
    update(SHARDS)
    .where(SHARDS.c.batch_id == bindparam("of_batch"), SHARDS.c.number == bindparam("of_shard"))
    .where(SHARDS.c.epoch == bindparam("held"))
    .where(SHARDS.c.done.is_not_distinct_from(bindparam("before", type_=LargeBinary)))
    .values(done=bindparam("after"))
)
_ADD_SEGMENT = insert(SEGMENTS).values(
    batch_id=bindparam("of_batch"),
    shard=bindparam("of_shard"),
    kind=bindparam("of_kind"),
    number=select(func.coalesce(func.max(SEGMENTS.c.number), -1) + 1)
    .where(SEGMENTS.c.batch_id == bindparam("of_batch"))
    .where(SEGMENTS.c.shard == bindparam("of_shard"), SEGMENTS.c.kind == bindparam("of_kind"))
    .scalar_subquery(),
    key=bindparam("part_key"),
    bytes=bindparam("part_bytes"),
)
_COUNT = (
    update(BATCHES)
    .where(BATCHES.c.id == bindparam("of_batch"))
    .values(
        completed=BATCHES.c.completed + bindparam("more_completed"),
        failed=BATCHES.c.failed + bindparam("more_failed"),
        input_tokens=BATCHES.c.input_tokens + bindparam("more_input"),
        output_tokens=BATCHES.c.output_tokens + bindparam("more_output"),
        cached_tokens=BATCHES.c.cached_tokens + bindparam("more_cached"),
        reasoning_tokens=BATCHES.c.reasoning_tokens + bindparam("more_reasoning"),
    )
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Batches with shards that nobody works on, and how many are under way, by owner and batch id."""

    candidates: Sequence[Candidate]
    leased: Mapping[tuple[str, str], int]


class Leases:
    """The leases of one worker, which is known as `holder`. Everything raises StoreUnavailable.

    Shards are those of batches kept for `kept_for`, or, if that is None, for nobody. What needs no judge and no engine
    is anybody's: a batch whose own worker never comes back still expires, and can be cancelled.
    """

    def __init__(
        self,
        database: Database,
        holder: str,
        kept_for: str | None = None,
        *,
        hear: Heard | None = None,
        clock: Clock = time.time,
    ) -> None:
        """`hear` is told of usage that was counted; `clock`, in seconds since 1970, says for which day."""
        self.holder = holder
        self._hear = hear
        self._clock = clock
        self._database = database
        own = BATCHES.c.kept_for.is_not_distinct_from(kept_for)
        self._mine = and_(_WORKED_ON, or_(own, BATCHES.c.ending == Ending.EXPIRED))

    @transaction
    async def claim_step(self) -> StepLease | None:
        """A batch that is to be validated, or all of whose shards are finished; None if there is none. Writes nothing
        then."""
        now = self._database.now()
        unfinished = exists().where(SHARDS.c.batch_id == BATCHES.c.id, SHARDS.c.finished == 0)
        # However many huge files one owner has sent, the next place is that of another who has none.
        of_owner = (
            select(BATCHES.c.owner, func.count().label("under_way"))
            .where(BATCHES.c.status.in_(_STEPS), BATCHES.c.lease_until >= now)
            .group_by(BATCHES.c.owner)
            .subquery()
        )
        steps = (
            select(BATCHES.c.number)
            .outerjoin(of_owner, of_owner.c.owner == BATCHES.c.owner)
            .where(BATCHES.c.status.in_(_STEPS), BATCHES.c.lease_until < now)
            .where(or_(BATCHES.c.status == Status.VALIDATING, ~unfinished))
            .order_by(func.coalesce(of_owner.c.under_way, 0), BATCHES.c.priority.desc(), BATCHES.c.number)
            .limit(1)
        )
        if await self._database.read_in_one_visit(lambda connection: connection.scalar(steps)) is None:
            return None
        free = steps.with_for_update(of=BATCHES, skip_locked=True).scalar_subquery()
        taken = (
            update(BATCHES)
            .where(BATCHES.c.number == free)
            .values(holder=self.holder, lease_until=now + LEASE_S, epoch=BATCHES.c.epoch + 1)
            .returning(*COLUMNS, BATCHES.c.epoch)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(taken)).mappings().first()
            if row is None:
                return None
            # PostgreSQL looks for shards as of the beginning of a statement, but at the row as it is once it is locked:
            # a batch that was begun in between would seem to have none, and so to be at its end.
            begun = select(exists().where(SHARDS.c.batch_id == row["id"], SHARDS.c.finished == 0))
            if row["status"] != Status.VALIDATING and await connection.scalar(begun):
                mine = BATCHES.c.id == row["id"]
                await connection.execute(update(BATCHES).where(mine).values(lease_until=0, holder=None))
                return None
        return StepLease(batch_of(row), row["epoch"])

    @transaction
    async def waiting(self, passing_over: Sequence[str] = ()) -> Waiting:
        """What there is to work on, batches that are passed over aside, and what all workers have under way."""
        now = self._database.now()
        free = exists().where(SHARDS.c.batch_id == BATCHES.c.id, SHARDS.c.finished == 0, SHARDS.c.lease_until < now)
        query = select(BATCHES.c.id, BATCHES.c.owner, BATCHES.c.priority, BATCHES.c.number)
        query = query.where(BATCHES.c.id.not_in(passing_over), self._mine, free)
        under_way = (
            select(BATCHES.c.owner, SHARDS.c.batch_id, func.count())
            .join(SHARDS, SHARDS.c.batch_id == BATCHES.c.id)
            .where(SHARDS.c.finished == 0, SHARDS.c.lease_until >= now)
            .group_by(BATCHES.c.owner, SHARDS.c.batch_id)
        )

        def look(connection: Connection) -> Waiting:
            candidates = [Candidate(*row) for row in connection.execute(query)]
            if not candidates:
                return Waiting((), {})
            leased = {(owner, batch_id): count for owner, batch_id, count in connection.execute(under_way)}
            return Waiting(candidates, leased)

        return await self._database.read_in_one_visit(look)

    @transaction
    async def claim_shard(self, batch_id: str) -> ShardLease | None:
        """A shard of the batch that nobody works on; None if another worker was faster, or the batch ends."""
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
        query = select(*COLUMNS).where(BATCHES.c.id == batch_id, self._mine)

        def claim(connection: Connection) -> ShardLease | None:
            batch = connection.execute(query).mappings().first()
            if batch is None:
                return None
            row = connection.execute(taken).mappings().first()
            if row is None:
                return None
            shard = Shard(**{name: row[name] for name in Shard.__dataclass_fields__})
            parts = parts_in_visit(connection, batch["input_file_id"])
            return ShardLease(batch_of(batch), shard, row["epoch"], Done(shard.lines, row["done"]), parts)

        return await self._database.in_one_visit(claim)

    @transaction
    async def commit(self, lease: ShardLease, results: Results) -> None:
        """Makes written results count, and what they used for the key of their batch, all of it or nothing. To do it
        again, as one must who does not know whether it was done, does no harm. Raises LeaseLost."""
        if results.positions[0] in lease.done:
            return  # all of it counts, and we know
        after = lease.done.with_all(results.positions)
        of_shard = _names(lease)
        moved = of_shard | {"held": lease.epoch, "before": lease.done.to_bytes(), "after": after.to_bytes()}
        tokens = results.tokens
        counted = {"of_batch": lease.batch.id, "more_completed": results.completed, "more_failed": results.failed}
        counted |= {f"more_{name}": getattr(tokens, name) for name in ("input", "output", "cached", "reasoning")}

        key_id, day = lease.batch.key_id, day_of(self._clock())
        used = {UsageKey(key_id, day, model): amount for model, amount in results.used.items()} if key_id else {}

        def count(connection: Connection) -> bool:
            if connection.execute(_MOVE_ON, moved).rowcount != 1:
                if results.positions[0] in _held(connection, lease):
                    return False
                raise LeaseLost  # others have answered a part of it: what we know of it is old
            for kind, part in ((OUTPUT, results.output), (ERROR, results.error)):
                if part is not None:
                    _add_segment(connection, lease, kind, part)
            connection.execute(_COUNT, counted)
            add_usage(connection, used, self._database.is_sqlite)
            return True

        if await self._database.in_one_visit(count) and self._hear is not None and key_id:
            self._hear(key_id, results.used)

    @transaction
    async def finish(self, lease: ShardLease) -> None:
        """The shard is done, or what is left of it is given up. Raises LeaseLost."""
        finished = {"finished": 1, "lease_until": 0, "holder": None}

        def end(connection: Connection) -> None:
            _held(connection, lease)
            connection.execute(update(SHARDS).where(_shard(lease)).values(**finished))

        await self._database.in_one_visit(end)

    @transaction
    async def fail(self, lease: ShardLease, reason: BatchError) -> None:
        """The batch of the shard cannot be worked off: it ends, with what was answered. Raises LeaseLost."""
        expires = BATCHES.c.ending == Ending.EXPIRED  # which would have to be written for each line that is left
        ongoing = and_(BATCHES.c.id == lease.batch.id, or_(BATCHES.c.ending.is_(None), expires))
        async with self._database.writing() as connection:
            await connection.run_sync(_held, lease)
            failed = {"ending": Ending.FAILED, "errors": [asdict(reason)]}
            await connection.execute(update(BATCHES).where(ongoing).values(**failed))
            await connection.execute(update(SHARDS).where(_shard(lease)).values(lease_until=0, holder=None))

    @transaction
    async def segments(self, lease: ShardLease, kind: str) -> Sequence[Part]:
        """What was committed of one kind of results of the shard, in order."""
        query = select(SEGMENTS.c.key, SEGMENTS.c.bytes).where(
            SEGMENTS.c.batch_id == lease.batch.id, SEGMENTS.c.shard == lease.shard.number, SEGMENTS.c.kind == kind
        )
        in_order = query.order_by(SEGMENTS.c.number)
        return await self._database.read_in_one_visit(
            lambda connection: [Part(*r) for r in connection.execute(in_order)]
        )

    @transaction
    async def replace_segments(self, lease: ShardLease, kind: str, whole: Part) -> None:
        """Puts one blob in the place of the shard's segments, whose bytes it holds in their order. Raises LeaseLost."""
        of_shard = and_(
            SEGMENTS.c.batch_id == lease.batch.id, SEGMENTS.c.shard == lease.shard.number, SEGMENTS.c.kind == kind
        )

        def replace(connection: Connection) -> None:
            _held(connection, lease)
            connection.execute(delete(SEGMENTS).where(of_shard))
            _add_segment(connection, lease, kind, whole)

        await self._database.in_one_visit(replace)

    @transaction
    async def give_back(self, lease: ShardLease, after_s: float = 0.0) -> None:
        """Lets others have the shard, at once or a little later. Does nothing if they have it already."""
        mine = and_(_shard(lease), SHARDS.c.epoch == lease.epoch)
        async with self._database.writing() as connection:
            await connection.execute(update(SHARDS).where(mine).values(**self._free(after_s)))

    @transaction
    async def give_back_step(self, lease: StepLease, after_s: float = 0.0) -> None:
        """Lets others do the step, at once or a little later. Does nothing if they have it already."""
        mine = and_(BATCHES.c.id == lease.batch.id, BATCHES.c.epoch == lease.epoch)
        async with self._database.writing() as connection:
            await connection.execute(update(BATCHES).where(mine).values(**self._free(after_s)))

    def _free(self, after_s: float) -> dict[str, Any]:
        return {"holder": None, "lease_until": self._database.now() + after_s if after_s else 0}

    @transaction
    async def renew(self, shards: Sequence[ShardLease], steps: Sequence[StepLease]) -> None:
        """Renews these leases, as far as they are still this worker's. Others in its name are left to run out: nobody
        works under a lease whose claim was lost on its way back from the database."""
        until = {"lease_until": self._database.now() + LEASE_S}
        held = [and_(_shard(lease), SHARDS.c.epoch == lease.epoch, SHARDS.c.finished == 0) for lease in shards]
        done = [and_(BATCHES.c.id == lease.batch.id, BATCHES.c.epoch == lease.epoch, _OPEN) for lease in steps]
        async with self._database.writing() as connection:
            if held:
                await connection.execute(update(SHARDS).where(SHARDS.c.holder == self.holder, or_(*held)).values(until))
            if done:
                await connection.execute(
                    update(BATCHES).where(BATCHES.c.holder == self.holder, or_(*done)).values(until)
                )

    @transaction
    async def endings(self, batch_ids: Collection[str]) -> dict[str, Ending]:
        """Which of these batches end before all is answered, and why."""
        query = select(BATCHES.c.id, BATCHES.c.ending).where(BATCHES.c.id.in_(batch_ids), BATCHES.c.ending.is_not(None))
        return await self._database.read_in_one_visit(
            lambda connection: {batch_id: Ending(ending) for batch_id, ending in connection.execute(query)}
        )

    @transaction
    async def release(self, holders: Sequence[str]) -> None:
        """Frees what is leased by workers that are known to be dead. What another frees at this moment is left to
        them."""
        shards = select(*SHARD_KEY).where(SHARDS.c.holder.in_(holders), SHARDS.c.finished == 0)
        steps = select(BATCHES.c.number).where(BATCHES.c.holder.in_(holders))
        free = {"lease_until": 0, "holder": None}
        async with self._database.writing() as connection:
            await connection.execute(update(SHARDS).where(tuple_(*SHARD_KEY).in_(unlocked(shards))).values(free))
            await connection.execute(update(BATCHES).where(BATCHES.c.number.in_(unlocked(steps))).values(free))

    @transaction
    async def holders(self) -> Sequence[str]:
        """Who holds leases, this worker aside."""
        shards = select(SHARDS.c.holder).where(SHARDS.c.finished == 0, SHARDS.c.holder.is_not(None))
        steps = select(BATCHES.c.holder).where(BATCHES.c.status.in_(_STEPS), BATCHES.c.holder.is_not(None))
        async with self._database.reading() as connection:
            found = (await connection.execute(shards.union(steps))).scalars()
            return [holder for holder in found if holder != self.holder]


def _held(connection: Connection, lease: ShardLease) -> Done:
    """Locks the shard, makes sure that the lease is still ours, and returns what is done. Raises LeaseLost."""
    mine = select(SHARDS.c.done).where(_shard(lease), SHARDS.c.epoch == lease.epoch).with_for_update()
    row = connection.execute(mine).first()
    if row is None:
        raise LeaseLost
    return Done(lease.shard.lines, row.done)


def _add_segment(connection: Connection, lease: ShardLease, kind: str, part: Part) -> None:
    segment = {"of_kind": kind, "part_key": part.key, "part_bytes": part.bytes}
    connection.execute(_ADD_SEGMENT, _names(lease) | segment)


def _names(lease: ShardLease) -> dict[str, Any]:
    return {"of_batch": lease.batch.id, "of_shard": lease.shard.number}


def _shard(lease: ShardLease) -> ColumnElement[bool]:
    return and_(SHARDS.c.batch_id == lease.batch.id, SHARDS.c.number == lease.shard.number)
