"""Where the results of a batch lie, at any moment of its life.

Once it has ended, they are its output and its error file. Before, they are the segments that count. Shards are worked
off beside each other, so what may be read before the end is what comes before the first gap: the results of all shards
up to the first that is not finished, and of that one what there is. So what is read is always the beginning of the file
that will be, and a place in it stays the same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.batches.batch import ENDED, Batch
from inference.batches.batch_records import COLUMNS, batch_of, no_batch
from inference.files.file import Part, Parts
from inference.files.file_records import parts_of
from inference.files.ids import is_id
from inference.store.database import Database, transaction
from inference.store.tables import BATCHES, FILES, SEGMENTS, SHARDS

OUTPUT, ERROR = "output", "error"
"""Which of the two files a result belongs to."""


@dataclass(frozen=True, slots=True)
class ResultParts:
    """The batch, and what its results consist of. A file that was deleted since is None."""

    batch: Batch
    output: Parts | None
    error: Parts | None


class ResultPlaces:
    """Looks in `database` where results lie. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def find(self, owner: str, batch_id: str) -> ResultParts:
        """Where the results of the batch lie now. Raises NotFound for what is not there or is another owner's."""
        async with self._database.reading() as connection:
            await _batch(connection, owner, batch_id)
            # In this order: what is finished when it is looked for is whole when its segments are read after.
            gap = await connection.scalar(
                select(func.min(SHARDS.c.number)).where(SHARDS.c.batch_id == batch_id, SHARDS.c.finished == 0)
            )
            output = await _segments(connection, batch_id, OUTPUT, gap)
            error = await _segments(connection, batch_id, ERROR, gap)
            batch = await _batch(connection, owner, batch_id)
            if batch.status not in ENDED:
                return ResultParts(batch, output, error)
            return ResultParts(
                batch, await _file(connection, batch.output_file_id), await _file(connection, batch.error_file_id)
            )


async def _batch(connection: AsyncConnection, owner: str, batch_id: str) -> Batch:
    query = select(*COLUMNS).where(BATCHES.c.id == batch_id, BATCHES.c.owner == owner)
    row = (await connection.execute(query)).mappings().first() if is_id(batch_id) else None
    if row is None:
        raise no_batch(batch_id)
    return batch_of(row)


async def _segments(connection: AsyncConnection, batch_id: str, kind: str, gap: int | None) -> Sequence[Part]:
    query = select(SEGMENTS.c.key, SEGMENTS.c.bytes).where(SEGMENTS.c.batch_id == batch_id, SEGMENTS.c.kind == kind)
    if gap is not None:
        query = query.where(SEGMENTS.c.shard <= gap)
    return [Part(*row) for row in await connection.execute(query.order_by(SEGMENTS.c.shard, SEGMENTS.c.number))]


async def _file(connection: AsyncConnection, file_id: str | None) -> Parts | None:
    """What the file consists of: nothing if there never was one, None if it is gone."""
    if file_id is None:
        return ()
    if await connection.scalar(select(FILES.c.id).where(FILES.c.id == file_id)) is None:
        return None
    return await parts_of(connection, file_id)
