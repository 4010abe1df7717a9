"""The records of files: who owns which, and which blobs they consist of."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.errors import Kind, NotFound, WrongState
from inference.files.file import File, Part, Parts
from inference.files.ids import ID_CHARS_MAX, has_place, is_id
from inference.files.in_use import inputs_in_use
from inference.store.database import Database, transaction
from inference.store.tables import BATCHES, DOOMED_BLOBS, FILE_PARTS, FILES

UNFINISHED_S = 24 * 3600.0
"""After which a blob that nothing refers to is what a broken-off request left behind: no request takes so long."""

LOOK_UPS_ABREAST = 2
"""Of files that are to be read. One takes the event loop and a thread in turn, so two are all that gain anything."""

FILE_PREFIX = "file-"
"""Of the ids of files."""

Clock = Callable[[], float]

_COLUMNS = (
    FILES.c.id,
    FILES.c.owner,
    FILES.c.filename,
    FILES.c.purpose,
    FILES.c.bytes,
    FILES.c.created_at,
    FILES.c.expires_at,
)


class FileRecords:
    """The records in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock
        self._turns = asyncio.Semaphore(LOOK_UPS_ABREAST)

    @transaction
    async def expect_blob(self, key: str) -> None:
        """Notes that a blob is about to be written, so that it is cleaned away if nothing comes of it."""
        async with self._database.writing() as connection:
            await doom(connection, [key], self._clock() + UNFINISHED_S)

    @transaction
    async def add(self, file: File, parts: Parts) -> None:
        """Adds a file whose blobs are written."""
        async with self._database.writing() as connection:
            await add_file(connection, file, parts)

    @transaction
    async def get(self, owner: str, file_id: str) -> File:
        """The file. Raises NotFound for what is not there, is another owner's, or has expired."""
        return await self._database.read_in_one_visit(lambda connection: self._get(connection, owner, file_id))

    async def parts(self, owner: str, file_id: str) -> tuple[File, Parts]:
        """The file and what it consists of. Raises NotFound.

        It is how every download begins. Many at once begin in turns, so that what else goes on comes between them.
        """
        async with self._turns:
            return await self._parts(owner, file_id)

    @transaction
    async def _parts(self, owner: str, file_id: str) -> tuple[File, Parts]:
        def found(connection: Connection) -> tuple[File, Parts]:
            return self._get(connection, owner, file_id), parts_in_visit(connection, file_id)

        return await self._database.read_in_one_visit(found)

    @transaction
    async def page(
        self, owner: str, *, purpose: str | None, after: str | None, limit: int, newest_first: bool
    ) -> Sequence[File]:
        """Up to `limit` files, from the one that comes after `after`, which may have been deleted since.

        Raises NotFound for an `after` that never was the id of a file."""
        if after is not None and not has_place(after, FILE_PREFIX):
            raise _no_file(after, "after")
        order = FILES.c.id.desc() if newest_first else FILES.c.id.asc()
        query = select(*_COLUMNS).where(FILES.c.owner == owner, self._alive()).order_by(order).limit(limit)
        if purpose is not None:
            query = query.where(FILES.c.purpose == purpose)
        if after is not None:
            query = query.where(FILES.c.id < after if newest_first else FILES.c.id > after)
        async with self._database.reading() as connection:
            return [_file(row) for row in (await connection.execute(query)).mappings()]

    @transaction
    async def delete(self, owner: str, file_id: str) -> None:
        """Deletes the file; its blobs are doomed. Raises NotFound, and WrongState while a batch reads it."""
        async with self._database.writing() as connection:
            await connection.run_sync(self._get, owner, file_id, lock=True)
            used = await connection.scalar(inputs_in_use().where(BATCHES.c.input_file_id == file_id).limit(1))
            if used is not None:
                raise WrongState(
                    f"the file {file_id!r} is the input of a batch that has not ended; cancel the batch, or wait for "
                    "its end",
                    "file_id",
                )
            await delete_files(connection, [file_id], self._clock())

    @transaction
    async def expired(self, limit: int) -> Sequence[str]:
        """Deletes up to `limit` files that have expired, and returns their ids. What a batch reads is kept for it."""
        over = FILES.c.expires_at <= int(self._clock())
        query = select(FILES.c.id).where(over, FILES.c.id.not_in(inputs_in_use())).limit(limit)
        async with self._database.writing() as connection:
            query = query.with_for_update(skip_locked=True)  # others may sweep too
            ids = list((await connection.execute(query)).scalars())
            await delete_files(connection, ids, self._clock())
            return ids

    @transaction
    async def doomed(self, limit: int) -> Sequence[str]:
        """Up to `limit` keys of blobs whose time has come."""
        query = select(DOOMED_BLOBS.c.key).where(DOOMED_BLOBS.c.after <= self._clock()).limit(limit)
        async with self._database.reading() as connection:
            return list((await connection.execute(query)).scalars())

    @transaction
    async def forget_blobs(self, keys: Sequence[str]) -> None:
        """The blobs are deleted."""
        async with self._database.writing() as connection:
            await spare(connection, keys)

    @transaction
    async def postpone_blobs(self, keys: Sequence[str], for_s: float) -> None:
        """The blobs cannot be deleted now, and are not looked at for `for_s`."""
        async with self._database.writing() as connection:
            for some in _portions(keys):  # as far as they are still doomed: one may have become part of a file
                later = update(DOOMED_BLOBS).where(DOOMED_BLOBS.c.key.in_(some))
                await connection.execute(later.values(after=self._clock() + for_s))

    def _get(self, connection: Connection, owner: str, file_id: str, *, lock: bool = False) -> File:
        query = select(*_COLUMNS).where(FILES.c.id == file_id, FILES.c.owner == owner, self._alive())
        if lock:  # against another who changes it at the same time; SQLite has one writer anyway
            query = query.with_for_update()
        row = connection.execute(query).mappings().first() if is_id(file_id) else None
        if row is None:
            raise _no_file(file_id, "file_id")
        return _file(row)

    def _alive(self) -> Any:
        return (FILES.c.expires_at.is_(None)) | (FILES.c.expires_at > int(self._clock()))


async def add_file(connection: AsyncConnection, file: File, parts: Parts) -> None:
    """Adds a file inside a transaction; its blobs are doomed no longer."""
    row = {name: getattr(file, name) for name in File.__dataclass_fields__}
    await connection.execute(insert(FILES), row)
    if parts:
        rows = [
            {"file_id": file.id, "position": position, "key": part.key, "bytes": part.bytes}
            for position, part in enumerate(parts)
        ]
        await connection.execute(insert(FILE_PARTS), rows)
    await spare(connection, [part.key for part in parts])


async def parts_of(connection: AsyncConnection, file_id: str) -> Parts:
    """What the file consists of, in order."""
    return await connection.run_sync(parts_in_visit, file_id)


def parts_in_visit(connection: Connection, file_id: str) -> Parts:
    """The same, for `Database.in_one_visit`."""
    query = select(FILE_PARTS.c.key, FILE_PARTS.c.bytes).where(FILE_PARTS.c.file_id == file_id)
    return [Part(key, size) for key, size in connection.execute(query.order_by(FILE_PARTS.c.position))]


async def delete_files(connection: AsyncConnection, ids: Sequence[str], now_s: float) -> None:
    """Deletes files inside a transaction; their blobs are doomed."""
    for file_id in ids:
        await doom(connection, [part.key for part in await parts_of(connection, file_id)], now_s)
        await connection.execute(delete(FILE_PARTS).where(FILE_PARTS.c.file_id == file_id))
        await connection.execute(delete(FILES).where(FILES.c.id == file_id))


async def doom(connection: AsyncConnection, keys: Sequence[str], after_s: float) -> None:
    """Blobs to be deleted once `after_s` has passed, in seconds since 1970."""
    await spare(connection, keys)
    if keys:
        await connection.execute(insert(DOOMED_BLOBS), [{"key": key, "after": after_s} for key in keys])


KEYS_A_STATEMENT = 500
"""Values in one statement; SQLite takes up to 32,766."""


async def spare(connection: AsyncConnection, keys: Sequence[str]) -> None:
    """Blobs that are doomed no longer."""
    for some in _portions(keys):
        await connection.execute(delete(DOOMED_BLOBS).where(DOOMED_BLOBS.c.key.in_(some)))


def _portions(keys: Sequence[str]) -> Sequence[Sequence[str]]:
    return [keys[at : at + KEYS_A_STATEMENT] for at in range(0, len(keys), KEYS_A_STATEMENT)]


def _file(row: RowMapping) -> File:
    return File(**row)


def _no_file(file_id: str, param: str) -> NotFound:
    return NotFound(f"there is no file {file_id[:ID_CHARS_MAX]!r} here", param, Kind.FILE)
