"""What a caller can do with uploads: begin one, send parts in any order, complete or cancel it. A completed upload is a
file, put together of the parts without copying a byte."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from inference.errors import BadInput, TooLarge, WrongState
from inference.files.blob_intake import give_up
from inference.files.content import content
from inference.files.file import File, Parts
from inference.files.file_records import Clock
from inference.files.ids import ID_CHARS_MAX, new_id
from inference.files.upload import PARTS_MAX, UPLOAD_S, Upload, UploadPart, UploadStatus
from inference.files.upload_records import UploadRecords, as_parts
from tools.files import Files, checked_expiry, checked_filename, checked_label, checked_purpose


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of all owners. `clock` gives seconds since 1970.

    Everything raises StoreUnavailable, and what reads or writes bytes BlobsUnavailable.
    """

    records: UploadRecords
    files: Files
    part_bytes_max: int
    """In one part (setting upload_part_bytes_max)."""
    clock: Clock = time.time

    @property
    def over(self) -> str:
        """What a part that is too large is told."""
        return (
            f"the part is over the limit of {self.part_bytes_max:,} bytes. Send smaller parts, or raise "
            "TOUCHSTONE_UPLOAD_PART_BYTES_MAX."
        )

    async def begin(
        self,
        owner: str,
        *,
        filename: str,
        purpose: str,
        size: int,
        mime_type: str,
        expires_after_s: int | None = None,
    ) -> Upload:
        """A new upload of `size` bytes. Raises BadInput, and TooLarge for more than a file may have."""
        if size < 0:
            raise BadInput(f"bytes: {size} is no size", "bytes")
        now = int(self.clock())
        upload = Upload(
            id=new_id("upload_"),
            owner=owner,
            filename=checked_filename(filename),
            purpose=checked_purpose(purpose),
            mime_type=checked_label("mime_type", mime_type),
            bytes=size,
            status=UploadStatus.PENDING,
            created_at=now,
            expires_at=now + UPLOAD_S,
            file_expires_after_s=None if expires_after_s is None else checked_expiry(expires_after_s),
        )
        if size > self.files.bytes_max:
            raise TooLarge(self.files.over, "bytes")
        await self.records.add(upload)
        return upload

    async def check_pending(self, owner: str, upload_id: str) -> None:
        """Before a part is read. Raises NotFound, and WrongState for an upload that takes no parts any more."""
        upload = await self.records.get(owner, upload_id)
        if upload.status is not UploadStatus.PENDING:
            raise WrongState(f"the upload {upload_id!r} is {upload.status}, so it takes no parts", "upload_id")

    async def take_part(self, upload_id: str, chunks: AsyncIterator[bytes]) -> UploadPart:
        """Writes the bytes of a part that is to be. Raises what `chunks` raises, too; then nothing is left of them."""
        part_id = new_id("part_")
        part = await self.files.take_in_under(_key(upload_id, part_id), chunks)
        return UploadPart(part_id, upload_id, part.key, part.bytes, int(self.clock()))

    async def give_up(self, part: UploadPart) -> None:
        """Nothing comes of what was taken in."""
        await give_up(self.files.records, self.files.blobs, part.key)

    async def add_part(self, owner: str, part: UploadPart) -> None:
        """Makes a part of what was taken in. Raises NotFound, WrongState and TooLarge; then the part is given up."""
        try:
            await self.records.add_part(owner, part)
        except BadInput:  # after anything else the transaction may have been carried out
            await self.give_up(part)
            raise

    async def complete(
        self, owner: str, upload_id: str, part_ids: Sequence[str], md5: str | None = None
    ) -> tuple[Upload, File]:
        """Makes a file of the parts in the order in which they are named. Twice with the same ones is as good as once.

        Raises NotFound, WrongState, and BadInput if the parts are not those of the upload, or their bytes are not what
        was announced; then the upload is as it was.
        """
        if len(part_ids) > PARTS_MAX:
            raise TooLarge(f"part_ids: more than {PARTS_MAX:,}", "part_ids")
        upload = await self.records.get(owner, upload_id)
        if upload.status is not UploadStatus.PENDING:
            return await self._completed(upload, part_ids)
        parts = as_parts(await self._named(upload_id, part_ids))
        size = sum(part.bytes for part in parts)
        if size != upload.bytes:
            raise BadInput(
                f"part_ids: these parts have {size:,} bytes together, and the upload was made for {upload.bytes:,}. "
                "Send what is missing, or name other parts.",
                "part_ids",
            )
        if md5 is not None:
            await self._check_md5(parts, md5)
        file = self._file_of(upload)
        try:
            return await self.records.complete(owner, upload_id, file, parts), file
        except WrongState:  # somebody was faster
            return await self._completed(await self.records.get(owner, upload_id), part_ids)

    async def cancel(self, owner: str, upload_id: str) -> Upload:
        """Ends the upload without a file. Twice is as good as once. Raises NotFound, and WrongState for one that was
        completed or has expired."""
        return await self.records.cancel(owner, upload_id)

    async def _named(self, upload_id: str, part_ids: Sequence[str]) -> Sequence[UploadPart]:
        there = await self.records.parts(upload_id)
        named: dict[str, UploadPart] = {}
        for part_id in part_ids:
            if part_id in named:
                raise BadInput(f"part_ids: {part_id!r} is named twice", "part_ids")
            if part_id not in there:
                raise BadInput(f"part_ids: the upload has no part {part_id[:ID_CHARS_MAX]!r}", "part_ids")
            named[part_id] = there[part_id]
        return list(named.values())

    async def _check_md5(self, parts: Parts, md5: str) -> None:
        digest = hashlib.md5(usedforsecurity=False)  # against mishaps, as OpenAI's clients send it
        async with aclosing(content(self.files.blobs, parts)) as chunks:
            async for chunk in chunks:
                await asyncio.to_thread(digest.update, chunk)
        if digest.hexdigest() != md5.lower():
            raise BadInput(
                f"md5: the parts in this order have {digest.hexdigest()}, not {md5[:64]!r}. Check their order, or send "
                "what was damaged again.",
                "md5",
            )

    def _file_of(self, upload: Upload) -> File:
        now, expiry = int(self.clock()), upload.file_expires_after_s
        return File(
            id=new_id("file-"),
            owner=upload.owner,
            filename=upload.filename,
            purpose=upload.purpose,
            bytes=upload.bytes,
            created_at=now,
            expires_at=None if expiry is None else now + expiry,
        )

    async def _completed(self, upload: Upload, part_ids: Sequence[str]) -> tuple[Upload, File]:
        """What an upload became that was completed before, with the same parts. Raises WrongState if it was not."""
        if upload.status is not UploadStatus.COMPLETED or upload.file_id is None:
            raise WrongState(f"the upload {upload.id!r} is {upload.status}; make another one", "upload_id")
        file, parts = await self.files.parts(upload.owner, upload.file_id)
        if [part.key for part in parts] != [_key(upload.id, part_id) for part_id in part_ids]:
            raise WrongState(
                f"the upload {upload.id!r} was completed before, of other parts; it is the file {file.id!r}", "part_ids"
            )
        return upload, file


def _key(upload_id: str, part_id: str) -> str:
    return f"uploads/{upload_id}/{part_id}"
