"""The records of uploads and of the parts that have come in for them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.errors import NotFound, TooLarge, WrongState
from inference.files.file import File, Part, Parts
from inference.files.file_records import Clock, add_file, doom, spare
from inference.files.ids import ID_CHARS_MAX, is_id
from inference.files.upload import PARTS_MAX, Upload, UploadPart, UploadStatus
from inference.store.database import Database, transaction
from inference.store.tables import UPLOAD_PARTS, UPLOADS

REMEMBERED_S = 7 * 24 * 3600
"""For which an upload that has ended is known, after the time at which it expires: so that completing it twice is as
good as once."""

_COLUMNS = tuple(UPLOADS.c[name] for name in Upload.__dataclass_fields__)
_PARTS = tuple(UPLOAD_PARTS.c[name] for name in UploadPart.__dataclass_fields__)


class UploadRecords:
    """The records in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def add(self, upload: Upload) -> None:
        """Adds a new upload."""
        async with self._database.writing() as connection:
            await connection.execute(insert(UPLOADS), asdict(upload))

    @transaction
    async def get(self, owner: str, upload_id: str) -> Upload:
        """The upload as it is now. Raises NotFound for what is not there or is another owner's."""
        async with self._database.reading() as connection:
            return await self._get(connection, owner, upload_id)

    @transaction
    async def add_part(self, owner: str, part: UploadPart) -> None:
        """Adds a part whose blob is written.

        Raises NotFound, WrongState if the upload has ended, and TooLarge if it has as many parts as it may have.
        """
        async with self._database.writing() as connection:
            await self._pending(connection, owner, part.upload_id)
            count = select(func.count()).where(UPLOAD_PARTS.c.upload_id == part.upload_id)
            if (await connection.scalar(count) or 0) >= PARTS_MAX:
                raise TooLarge(f"the upload has {PARTS_MAX:,} parts, and more are not taken; send larger ones", "data")
            await connection.execute(insert(UPLOAD_PARTS), asdict(part))
            await spare(connection, [part.key])

    @transaction
    async def parts(self, upload_id: str) -> Mapping[str, UploadPart]:
        """All parts that are there, by their ids. There are none of an upload that has ended."""
        async with self._database.reading() as connection:
            return {part.id: part for part in await _parts(connection, upload_id)}

    @transaction
    async def complete(self, owner: str, upload_id: str, file: File, parts: Parts) -> Upload:
        """Makes `file` of `parts`, which are parts of the upload; the others are doomed. Nothing is copied.

        Raises NotFound, and WrongState if the upload has ended.
        """
        async with self._database.writing() as connection:
            upload = await self._pending(connection, owner, upload_id)
            await self._end(connection, upload_id, UploadStatus.COMPLETED, file_id=file.id)
            await add_file(connection, file, parts)  # these are doomed no longer
            return replace(upload, status=UploadStatus.COMPLETED, file_id=file.id)

    @transaction
    async def cancel(self, owner: str, upload_id: str) -> Upload:
        """Ends the upload; its parts are doomed. Twice is as good as once.

        Raises NotFound, and WrongState if it was completed or has expired.
        """
        async with self._database.writing() as connection:
            upload = await self._get(connection, owner, upload_id, lock=True)
            if upload.status is UploadStatus.CANCELLED:
                return upload
            _check_pending(upload)
            await self._end(connection, upload_id, UploadStatus.CANCELLED)
            return replace(upload, status=UploadStatus.CANCELLED)

    @transaction
    async def expire(self, limit: int) -> Sequence[str]:
        """Ends up to `limit` uploads whose time is over; their parts are doomed. Returns their ids."""
        over = and_(UPLOADS.c.status == UploadStatus.PENDING, UPLOADS.c.expires_at <= int(self._clock()))
        query = select(UPLOADS.c.id).where(over).limit(limit).with_for_update(skip_locked=True)
        async with self._database.writing() as connection:
            ids = list((await connection.execute(query)).scalars())
            for upload_id in ids:
                await self._end(connection, upload_id, UploadStatus.EXPIRED)
            return ids

    @transaction
    async def forget(self, limit: int) -> int:
        """Forgets up to `limit` uploads that ended long ago, and returns how many."""
        long_ago = int(self._clock()) - REMEMBERED_S
        ended = and_(UPLOADS.c.status != UploadStatus.PENDING, UPLOADS.c.expires_at <= long_ago)
        async with self._database.writing() as connection:
            ids = select(UPLOADS.c.id).where(ended).limit(limit)
            return (await connection.execute(delete(UPLOADS).where(UPLOADS.c.id.in_(ids)))).rowcount

    async def _end(self, connection: AsyncConnection, upload_id: str, status: UploadStatus, **values: Any) -> None:
        await doom(connection, [part.key for part in await _parts(connection, upload_id)], self._clock())
        await connection.execute(delete(UPLOAD_PARTS).where(UPLOAD_PARTS.c.upload_id == upload_id))
        await connection.execute(update(UPLOADS).where(UPLOADS.c.id == upload_id).values(status=status, **values))

    async def _pending(self, connection: AsyncConnection, owner: str, upload_id: str) -> Upload:
        upload = await self._get(connection, owner, upload_id, lock=True)
        _check_pending(upload)
        return upload

    async def _get(self, connection: AsyncConnection, owner: str, upload_id: str, *, lock: bool = False) -> Upload:
        query = select(*_COLUMNS).where(UPLOADS.c.id == upload_id, UPLOADS.c.owner == owner)
        if lock:  # so that it does not end while it is changed; SQLite has one writer anyway
            query = query.with_for_update()
        row = (await connection.execute(query)).mappings().first() if is_id(upload_id) else None
        if row is None:
            raise NotFound(f"there is no upload {upload_id[:ID_CHARS_MAX]!r} here", "upload_id")
        upload = Upload(**{**row, "status": UploadStatus(row["status"])})
        if upload.status is UploadStatus.PENDING and upload.expires_at <= self._clock():
            return replace(upload, status=UploadStatus.EXPIRED)  # whether it was swept already or not
        return upload


def as_parts(parts: Sequence[UploadPart]) -> Parts:
    """The parts of an upload as those of a file."""
    return [Part(part.key, part.bytes) for part in parts]


def _check_pending(upload: Upload) -> None:
    if upload.status is not UploadStatus.PENDING:
        raise WrongState(f"the upload {upload.id!r} is {upload.status}; make another one", "upload_id")


async def _parts(connection: AsyncConnection, upload_id: str) -> Sequence[UploadPart]:
    rows = await connection.execute(select(*_PARTS).where(UPLOAD_PARTS.c.upload_id == upload_id))
    return [UploadPart(**row) for row in rows.mappings()]
