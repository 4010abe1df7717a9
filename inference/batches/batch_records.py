"""The records of batches, as their owners see them."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.batches.batch import ENDED, Batch, BatchError, Ending, Endpoint, Status
from inference.errors import Kind, NotFound, TooLarge, WrongState
from inference.files.file_records import Clock
from inference.files.ids import ID_CHARS_MAX, is_id
from inference.store.database import Database, transaction
from inference.store.tables import BATCHES
from inference.usage.token_usage import TokenUsage

_TOKENS = ("input", "output", "cached", "reasoning")
_LEASE = frozenset({"number", "epoch", "holder", "lease_until"})
COLUMNS = tuple(column for column in BATCHES.c if column.name not in _LEASE)
"""What `batch_of` reads."""

CANCELLABLE = (Status.VALIDATING, Status.IN_PROGRESS)


class BatchRecords:
    """The records in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def add(self, batch: Batch, open_max: int | None = None) -> None:
        """Adds a new batch. Raises TooLarge if its owner has `open_max` batches already that have not ended."""
        row = {name: getattr(batch, name) for name in _WRITTEN} | {"metadata": dict(batch.metadata)}
        async with self._database.writing() as connection:
            if open_max is not None:
                await self._check_open(connection, batch.owner, open_max)
            await connection.execute(insert(BATCHES), row)

    async def _check_open(self, connection: AsyncConnection, owner: str, open_max: int) -> None:
        await self._database.in_turn(connection, f"batches of {owner}")
        is_open = and_(BATCHES.c.owner == owner, BATCHES.c.status.not_in(ENDED))
        if (await connection.scalar(select(func.count()).where(is_open)) or 0) >= open_max:
            raise TooLarge(
                f"{open_max:,} of your batches wait or run, which is the limit; wait until one has ended, cancel one, "
                "or raise TOUCHSTONE_BATCHES_MAX"
            )

    @transaction
    async def get(self, owner: str, batch_id: str) -> Batch:
        """The batch. Raises NotFound for what is not there or is another owner's."""
        return await self._database.read_in_one_visit(lambda connection: _get(connection, owner, batch_id))

    @transaction
    async def page(self, owner: str, *, after: str | None, limit: int) -> Sequence[Batch]:
        """Up to `limit` batches, the newest first, from the one that comes after `after`. Raises NotFound if there is
        no `after`."""
        query = select(*COLUMNS).where(BATCHES.c.owner == owner).order_by(BATCHES.c.number.desc()).limit(limit)
        async with self._database.reading() as connection:
            if after is not None:
                place = select(BATCHES.c.number).where(BATCHES.c.id == after, BATCHES.c.owner == owner)
                number = await connection.scalar(place) if is_id(after) else None
                if number is None:
                    raise no_batch(after, "after")
                query = query.where(BATCHES.c.number < number)
            return [batch_of(row) for row in (await connection.execute(query)).mappings()]

    @transaction
    async def cancel(self, owner: str, batch_id: str) -> Batch:
        """Has the batch cancelled, and returns it as it is then. Twice is as good as once.

        Raises NotFound, and WrongState for a batch that has ended or is about to.
        """
        async with self._database.writing() as connection:
            batch = await connection.run_sync(_get, owner, batch_id, lock=True)
            if batch.status in (Status.CANCELLING, Status.CANCELLED):
                return batch
            if batch.status not in CANCELLABLE or batch.ending is not None:
                raise WrongState(f"the batch {batch_id!r} is {batch.status}, so it cannot be cancelled", "batch_id")
            changed = (
                update(BATCHES)
                .where(BATCHES.c.id == batch_id)
                .values(status=Status.CANCELLING, ending=Ending.CANCELLED, cancelling_at=int(self._clock()))
            )
            await connection.execute(changed)
            return await connection.run_sync(_get, owner, batch_id)


_WRITTEN = (
    "id",
    "owner",
    "status",
    "endpoint",
    "completion_window",
    "input_file_id",
    "output_expires_after_s",
    "priority",
    "kept_for",
    "key_id",
    "plan",
    "created_at",
    "expires_at",
)
"""What a new batch is made of."""


def _get(connection: Connection, owner: str, batch_id: str, *, lock: bool = False) -> Batch:
    query = select(*COLUMNS).where(BATCHES.c.id == batch_id, BATCHES.c.owner == owner)
    if lock:  # so that it does not end between being looked at and being changed; SQLite has one writer anyway
        query = query.with_for_update()
    row = connection.execute(query).mappings().first() if is_id(batch_id) else None
    if row is None:
        raise no_batch(batch_id)
    return batch_of(row)


def batch_of(row: RowMapping | Mapping[str, Any]) -> Batch:
    """A row of the table as a batch."""
    fields = {name: row[name] for name in Batch.__dataclass_fields__ if name in row}
    return Batch(
        **fields
        | {
            "status": Status(row["status"]),
            "endpoint": Endpoint(row["endpoint"]),
            "ending": Ending(row["ending"]) if row["ending"] else None,
            "errors": tuple(BatchError(**error) for error in row["errors"] or ()),
            "metadata": row["metadata"] or {},
            "tokens": TokenUsage(*(row[f"{name}_tokens"] for name in _TOKENS)),
        }
    )


def no_batch(batch_id: str, param: str = "batch_id") -> NotFound:
    """What is said of an id that is none of a batch, or of none that the caller may see."""
    return NotFound(f"there is no batch {batch_id[:ID_CHARS_MAX]!r} here", param, Kind.BATCH)
