"""The steps that change the state of a batch as a whole, each one transaction under the lease of whoever takes it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, case, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.batches.batch import ENDED, Batch, BatchError, Ending, Status
from inference.batches.batch_records import COLUMNS, batch_of
from inference.batches.result_parts import ERROR, OUTPUT
from inference.batches.shard import Shard
from inference.batches.working.leases import SHARD_KEY, LeaseLost, StepLease
from inference.files.file import File, Part, Parts, Purpose
from inference.files.file_records import Clock, add_file, parts_of
from inference.files.ids import new_id
from inference.store.database import Database, transaction, unlocked
from inference.store.tables import BATCHES, FILES, SEGMENTS, SHARDS
from inference.webhooks.outbox import add_event

ROWS_A_STATEMENT = 1_000


class Steps:
    """The steps in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def input_parts(self, batch: Batch) -> Parts | None:
        """What the input file consists of; None if it is gone. An empty file has no parts."""
        async with self._database.reading() as connection:
            if await connection.scalar(select(FILES.c.id).where(FILES.c.id == batch.input_file_id)) is None:
                return None
            return await parts_of(connection, batch.input_file_id)

    @transaction
    async def counted_blobs(self, lease: StepLease) -> frozenset[str]:
        """The keys of all results that count. Raises LeaseLost: once the batch has ended they are no longer told from
        others here, and whoever took them for left over would delete the files of results."""
        query = select(SEGMENTS.c.key).where(SEGMENTS.c.batch_id == lease.batch.id)
        async with self._database.writing() as connection:
            await self._change(connection, lease, {"epoch": lease.epoch}, release=False)
            return frozenset((await connection.execute(query)).scalars())

    @transaction
    async def begin(self, lease: StepLease, shards: Sequence[Shard], model: str | None) -> None:
        """The input is valid: its shards may be worked on. Raises LeaseLost."""
        total = sum(shard.lines for shard in shards)
        async with self._database.writing() as connection:
            # A batch that was cancelled meanwhile stays so, and nothing of it is worked on.
            status = case((BATCHES.c.status == Status.VALIDATING, Status.IN_PROGRESS), else_=BATCHES.c.status)
            values = {"status": status, "in_progress_at": int(self._clock()), "total": total, "model": model}
            await self._change(connection, lease, values)
            for at in range(0, len(shards), ROWS_A_STATEMENT):
                rows = [{"batch_id": lease.batch.id, **asdict(s)} for s in shards[at : at + ROWS_A_STATEMENT]]
                await connection.execute(insert(SHARDS), rows)

    @transaction
    async def refuse(self, lease: StepLease, errors: Sequence[BatchError]) -> None:
        """The input is not valid: the batch has failed, unless it was cancelled meanwhile. Raises LeaseLost."""
        cancelled = select(BATCHES.c.id).where(BATCHES.c.id == lease.batch.id, BATCHES.c.status == Status.CANCELLING)
        async with self._database.writing() as connection:
            if await connection.scalar(cancelled) is not None:
                await self._change(connection, lease, {"epoch": lease.epoch})
                return
            now = int(self._clock())
            values = {"status": Status.FAILED, "failed_at": now, "errors": list(map(asdict, errors))}
            await self._change(connection, lease, values)
            await add_event(connection, f"batch.{Status.FAILED}", lease.batch.id, now)

    @transaction
    async def finalizing(self, lease: StepLease) -> StepLease:
        """All shards are finished: the files are being made. From here on the batch can neither be cancelled nor
        expire; how it ends is in the lease that is returned. Raises LeaseLost."""
        status = case((BATCHES.c.ending == Ending.CANCELLED, Status.CANCELLING), else_=Status.FINALIZING)
        values = {"status": status, "finalizing_at": int(self._clock())}
        async with self._database.writing() as connection:
            await self._change(connection, lease, values, release=False)
            query = select(*COLUMNS).where(BATCHES.c.id == lease.batch.id)
            return StepLease(batch_of((await connection.execute(query)).mappings().one()), lease.epoch)

    @transaction
    async def end(self, lease: StepLease) -> Batch:
        """Makes the output and error files of the results and ends the batch, both or neither. Raises LeaseLost."""
        now, batch = int(self._clock()), lease.batch
        status = Status(batch.ending) if batch.ending else Status.COMPLETED
        at = f"{status}_at"
        async with self._database.writing() as connection:
            files = {
                f"{kind}_file_id": await _file_of_results(connection, batch, kind, now) for kind in (OUTPUT, ERROR)
            }
            await self._change(connection, lease, {"status": status, at: now, **files})
            await add_event(connection, f"batch.{status}", batch.id, now)
            await connection.execute(delete(SEGMENTS).where(SEGMENTS.c.batch_id == batch.id))
            await connection.execute(delete(SHARDS).where(SHARDS.c.batch_id == batch.id))
        return batch

    @transaction
    async def expire(self) -> None:
        """Marks the batches whose window has ended, and closes what nobody works on of those that are cancelled or have
        failed. Writes nothing if there are none."""
        unfinished = exists().where(SHARDS.c.batch_id == BATCHES.c.id, SHARDS.c.finished == 0)
        over = and_(
            BATCHES.c.status.in_((Status.VALIDATING, Status.IN_PROGRESS)),
            BATCHES.c.ending.is_(None),
            BATCHES.c.expires_at <= int(self._clock()),
            or_(BATCHES.c.status == Status.VALIDATING, unfinished),
        )
        given_up = and_(
            BATCHES.c.status.in_((Status.CANCELLING, Status.IN_PROGRESS)),
            BATCHES.c.ending.in_((Ending.CANCELLED, Ending.FAILED)),
        )
        idle = and_(
            SHARDS.c.batch_id.in_(select(BATCHES.c.id).where(given_up)),
            SHARDS.c.finished == 0,
            SHARDS.c.lease_until < self._database.now(),
        )
        async with self._database.reading() as connection:
            if not await connection.scalar(select(or_(exists().where(over), exists().where(idle)))):
                return
        batches, shards = select(BATCHES.c.number).where(over), select(*SHARD_KEY).where(idle)
        closed = {"finished": 1, "epoch": SHARDS.c.epoch + 1}
        async with self._database.writing() as connection:
            expired = update(BATCHES).where(BATCHES.c.number.in_(unlocked(batches)))
            await connection.execute(expired.values(ending=Ending.EXPIRED))
            await connection.execute(update(SHARDS).where(tuple_(*SHARD_KEY).in_(unlocked(shards))).values(closed))

    async def _change(
        self, connection: AsyncConnection, lease: StepLease, values: Mapping[str, Any], *, release: bool = True
    ) -> None:
        free = {"lease_until": 0, "holder": None} if release else {}
        mine = and_(BATCHES.c.id == lease.batch.id, BATCHES.c.epoch == lease.epoch, BATCHES.c.status.not_in(ENDED))
        changed = await connection.execute(update(BATCHES).where(mine).values(**{**values, **free}))
        if changed.rowcount != 1:
            raise LeaseLost


async def _file_of_results(connection: AsyncConnection, batch: Batch, kind: str, now: int) -> str | None:
    """The id of the file that holds all results of one kind; None if there are none."""
    query = (
        select(SEGMENTS.c.key, SEGMENTS.c.bytes)
        .where(SEGMENTS.c.batch_id == batch.id, SEGMENTS.c.kind == kind)
        .order_by(SEGMENTS.c.shard, SEGMENTS.c.number)
    )
    parts = [Part(*row) for row in await connection.execute(query)]
    if not parts:
        return None
    file = File(
        id=new_id("file-"),
        owner=batch.owner,
        filename=f"{batch.id}_{kind}.jsonl",
        purpose=Purpose.BATCH_OUTPUT,
        bytes=sum(part.bytes for part in parts),
        created_at=now,
        expires_at=now + batch.output_expires_after_s if batch.output_expires_after_s else None,
    )
    await add_file(connection, file, parts)
    return file.id
