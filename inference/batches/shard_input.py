"""The requests of a shard, out of the input file, by the index."""

from collections.abc import Sequence

import orjson

from inference.batches.index import ENTRY, entries, index_key
from inference.batches.line import Line
from inference.batches.shard import ShardLease
from inference.blobs.blobs import Blobs
from inference.errors import BlobsUnavailable
from inference.files.content import content


async def open_lines(blobs: Blobs, lease: ShardLease) -> Sequence[tuple[int, bytes]]:
    """The requests that are not done: their position in the shard and their JSON. Raises BlobsUnavailable."""
    shard, done = lease.shard, lease.done
    index = blobs.read(
        index_key(lease.batch.id), shard.first_line * ENTRY.size, (shard.first_line + shard.lines) * ENTRY.size
    )
    found = entries(b"".join([chunk async for chunk in index]))
    file = content(blobs, lease.input_parts, shard.start, shard.start + shard.bytes)
    text = b"".join([chunk async for chunk in file])
    if len(text) != shard.bytes:
        raise BlobsUnavailable(f"the input file {lease.batch.input_file_id} is not whole")
    return [
        (position, text[entry.start - shard.start : entry.start - shard.start + entry.bytes])
        for position, entry in enumerate(found)
        if position not in done
    ]


def line_of(lease: ShardLease, position: int, text: bytes) -> Line:
    """A request that was found valid when the file was scanned."""
    value = orjson.loads(text)
    return Line(lease.shard.first_line + position, value["custom_id"], value["body"])
