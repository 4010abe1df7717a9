"""What a caller can do with files: keep one, look at it, list them, read one, delete it. The same for every protocol.

The bytes of a file come before all that has to be known of it: with OpenAI's clients the file stands in front of its
purpose. So they are taken in first, as a blob that is nobody's yet (`take_in`), and become a file at the end (`add`).
If nothing comes of them they are given up, at once or, if this process ends, by the sweeper.
"""

import time
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass

from inference.blobs.blobs import Blobs, one_chunk
from inference.blobs.room import Room
from inference.errors import BadInput, TooLarge
from inference.files.blob_intake import give_up, take_in
from inference.files.content import content
from inference.files.file import UPLOADED, File, Part, Parts, Purpose
from inference.files.file_records import Clock, FileRecords
from inference.files.ids import new_id

LABEL_CHARS_MAX = 255
"""In the name of a file, as file systems have it, and in its kind."""

EXPIRES_AFTER_MIN_S = 3600
EXPIRES_AFTER_MAX_S = 30 * 24 * 3600
"""OpenAI's bounds."""

PAGE_MAX = 10_000
"""OpenAI's, and its default."""

NOT_OURS = frozenset({"assistants", "assistants_output", "vision", "evals"})
"""OpenAI's other purposes. A list of such files is asked for by its clients, and empty."""

_NO_TEXT = frozenset({"Cc", "Cs"})
"""Control characters and surrogates, as Unicode has them: no database and no header takes all of them."""


@dataclass(frozen=True, slots=True)
class FilePage:
    """Some files of one owner, and whether there are more."""

    files: Sequence[File]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Files:
    """The files of all owners. `clock` gives seconds since 1970. Everything raises StoreUnavailable, and what reads or
    writes bytes BlobsUnavailable."""

    records: FileRecords
    blobs: Blobs
    bytes_max: int
    """In one file (setting file_bytes_max)."""
    clock: Clock = time.time
    room: Room | None = None
    """On the disk; None where there is no disk of ours, as with an object store."""

    @property
    def over(self) -> str:
        """What a file that is too large is told."""
        return f"the file is over the limit of {self.bytes_max:,} bytes. Split it, or raise TOUCHSTONE_FILE_BYTES_MAX."

    async def take_in(self, chunks: AsyncIterator[bytes]) -> Part:
        """Writes the bytes of a file that is to be. Raises what `chunks` raises, too; then nothing is left of them."""
        return await self.take_in_under(f"files/{new_id('')}", chunks)

    async def take_in_under(self, key: str, chunks: AsyncIterator[bytes]) -> Part:
        """The same under a new key of the caller's own."""
        kept = chunks if self.room is None else self.room.within(chunks)
        return await take_in(self.records, self.blobs, key, kept)

    async def give_up(self, part: Part) -> None:
        """Nothing comes of what was taken in."""
        await give_up(self.records, self.blobs, part.key)

    def describe(
        self, owner: str, part: Part, *, filename: str, purpose: str, expires_after_s: int | None = None
    ) -> File:
        """The file that was taken in, before it is one. Raises BadInput; then the caller gives the part up."""
        now = int(self.clock())
        return File(
            id=new_id("file-"),
            owner=owner,
            filename=checked_filename(filename),
            purpose=checked_purpose(purpose),
            bytes=part.bytes,
            created_at=now,
            expires_at=None if expires_after_s is None else now + checked_expiry(expires_after_s),
        )

    async def add(self, file: File, part: Part) -> None:
        """Makes the file. From here on the part is not to be given up, whatever is raised: a transaction that was begun
        may have been carried out."""
        await self.records.add(file, [part])

    async def keep(self, owner: str, content: bytes, *, filename: str, purpose: str) -> File:
        """Makes a file of bytes that are in memory. Raises BadInput and TooLarge."""
        if len(content) > self.bytes_max:
            raise TooLarge(self.over, "file")
        checked_filename(filename)
        checked_purpose(purpose)
        part = await self.take_in(one_chunk(content))
        file = self.describe(owner, part, filename=filename, purpose=purpose)
        await self.add(file, part)
        return file

    async def get(self, owner: str, file_id: str) -> File:
        """The file. Raises NotFound."""
        return await self.records.get(owner, file_id)

    async def parts(self, owner: str, file_id: str) -> tuple[File, Parts]:
        """The file and what it consists of. Raises NotFound."""
        return await self.records.parts(owner, file_id)

    def content(self, parts: Parts, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` to before `end`, in chunks. Whoever may not take all of them closes it."""
        return content(self.blobs, parts, start, end)

    async def page(
        self,
        owner: str,
        *,
        purpose: str | None = None,
        after: str | None = None,
        limit: int = PAGE_MAX,
        newest_first: bool = True,
    ) -> FilePage:
        """Up to `limit` files, from the one that comes after the file with the id `after`.

        Raises BadInput for a purpose that is none, and NotFound if there is no `after`.
        """
        if purpose is not None and purpose not in list(Purpose) and purpose not in NOT_OURS:
            raise _bad_purpose(purpose, tuple(Purpose))
        found = await self.records.page(owner, purpose=purpose, after=after, limit=limit + 1, newest_first=newest_first)
        return FilePage(found[:limit], has_more=len(found) > limit)

    async def delete(self, owner: str, file_id: str) -> None:
        """Deletes the file. Raises NotFound, and WrongState while a batch reads it."""
        await self.records.delete(owner, file_id)


def checked_purpose(text: str) -> Purpose:
    """What a caller may give a file for. Raises BadInput."""
    if text not in UPLOADED:
        raise _bad_purpose(text, UPLOADED)
    return Purpose(text)


def checked_filename(text: str) -> str:
    """The name without the folders that some clients send in front of it. Raises BadInput."""
    name = text.replace("\\", "/").rpartition("/")[2]
    if not name.strip(" ."):  # "." and ".." are folders to whoever keeps the file under its name
        raise BadInput("filename: the file has no name; send one, such as requests.jsonl", "filename")
    return checked_label("filename", name)


def checked_label(param: str, text: str) -> str:
    """A short text that is kept as it is. Raises BadInput."""
    if not text or len(text) > LABEL_CHARS_MAX:
        raise BadInput(f"{param}: {len(text):,} characters; 1 to {LABEL_CHARS_MAX} are kept", param)
    if any(unicodedata.category(character) in _NO_TEXT for character in text):
        raise BadInput(f"{param}: it holds a control character; choose another", param)
    return text


def checked_expiry(seconds: int) -> int:
    """After how many seconds a file expires. Raises BadInput."""
    if not EXPIRES_AFTER_MIN_S <= seconds <= EXPIRES_AFTER_MAX_S:
        raise BadInput(
            f"expires_after.seconds: {seconds} is not from {EXPIRES_AFTER_MIN_S:,} (an hour) to "
            f"{EXPIRES_AFTER_MAX_S:,} (30 days)",
            "expires_after",
        )
    return seconds


def _bad_purpose(text: str, allowed: Sequence[Purpose]) -> BadInput:
    return BadInput(f"purpose: {text[:100]!r} is none; it can be {', '.join(allowed)}", "purpose")
