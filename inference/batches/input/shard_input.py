"""The requests of a shard, out of the input file, by the index."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from inference.batches.batch import BatchError
from inference.batches.input.index import ENTRY, Entry, entries, index_key
from inference.batches.line import Line
from inference.batches.shard import Done, ShardLease
from inference.blobs.blobs import Blobs
from inference.errors import BlobMissing, TouchstoneError
from inference.files.content import content

_GONE = BatchError("file_not_found", "The input file was deleted while the batch was running.", "input_file_id")


class InputUnusable(TouchstoneError):
    """The input file is no longer what the index says: the batch cannot be worked off. Never leaves the worker."""

    def __init__(self, reason: BatchError) -> None:
        super().__init__(reason.message)
        self.reason = reason


class ShardInput:
    """The text of a shard, cut into requests when they are asked for: it is held once."""

    def __init__(self, text: bytes, start: int, found: Sequence[Entry]) -> None:
        self._text = text
        self._start = start
        self._found = found

    def left(self, done: Done) -> Iterator[tuple[int, bytes]]:
        """The requests that are not done: their position in the shard and their JSON."""
        for position, entry in enumerate(self._found):
            if position not in done:
                at = entry.start - self._start
                yield position, self._text[at : at + entry.bytes]


async def open_input(blobs: Blobs, lease: ShardLease) -> ShardInput:
    """Reads the requests of the shard. Raises InputUnusable, BlobMissing and BlobsUnavailable."""
    shard = lease.shard
    if not lease.input_parts:
        raise InputUnusable(_GONE)
    index = blobs.read(
        index_key(lease.batch.id), shard.first_line * ENTRY.size, (shard.first_line + shard.lines) * ENTRY.size
    )
    found = entries(b"".join([chunk async for chunk in index]))
    end = shard.start + shard.bytes
    text = b"".join([chunk async for chunk in content(blobs, lease.input_parts, shard.start, end)])
    if len(text) != shard.bytes:
        raise BlobMissing(f"the input file {lease.batch.input_file_id} ends before byte {end:,}")
    if any(entry.start < shard.start or entry.start + entry.bytes > end for entry in found):
        raise InputUnusable(_changed("the index of its requests is damaged"))
    return ShardInput(text, shard.start, found)


def line_of(lease: ShardLease, position: int, text: bytes) -> Line:
    """A request that was found valid when the file was scanned. Raises InputUnusable if it is so no longer."""
    number = lease.shard.first_line + position
    try:
        value: dict[str, Any] = orjson.loads(text)
        return Line(number, value["custom_id"], value["body"])
    except (ValueError, KeyError, TypeError):
        raise InputUnusable(_changed(f"request {number + 1:,} is no longer the one that was validated")) from None


def unreadable(why: str) -> InputUnusable:
    """The input file is recorded, and its bytes are not there."""
    return InputUnusable(BatchError("input_unreadable", f"The input file cannot be read: {why}.", "input_file_id"))


def _changed(how: str) -> BatchError:
    return BatchError("input_changed", f"The input file is not what was validated: {how}.", "input_file_id")
