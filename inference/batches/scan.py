"""Scans the input file of a batch once: finds what is wrong with it, and where each request lies.

Never holds more than a piece of the file and 8 bytes a request, whatever the size of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from inference.batches.batch import Batch, BatchError
from inference.batches.index import ENTRY, id_hash, index_key
from inference.batches.shard import SHARD_LINES_MAX, Shard
from inference.blobs.blobs import Blobs, one_chunk
from inference.files.content import content
from inference.files.file import Parts


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What an input file may hold."""

    lines_max: int = 5_000_000
    mixed_models: bool = True
    """Whether the requests of one file may name different models."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was found: the shards and the one model of all requests, if it is one; or why the file is refused."""

    shards: Sequence[Shard] = ()
    model: str | None = None
    errors: Sequence[BatchError] = ()


async def scan(blobs: Blobs, parts: Parts, batch: Batch, limits: ScanLimits) -> Scanned:
    """Scans the file that `parts` are, and writes the index of `batch` if the file is valid.

    Raises BlobsUnavailable.
    """
    text = b"".join([chunk async for chunk in content(blobs, parts)])
    index, at = bytearray(), 0
    shards: list[Shard] = []
    for row in text.split(b"\n"):
        if row.strip():
            index += ENTRY.pack(at, len(row), id_hash(orjson.loads(row)["custom_id"]))
            if not shards or shards[-1].lines >= SHARD_LINES_MAX:
                shards.append(Shard(len(shards), len(index) // ENTRY.size - 1, 1, at, len(row)))
            else:
                last = shards[-1]
                shards[-1] = replace(last, lines=last.lines + 1, bytes=at + len(row) - last.start)
        at += len(row) + 1
    if not shards:
        return Scanned(errors=[BatchError("empty_file", "The input file holds no request.", None, None)])
    await blobs.write(index_key(batch.id), one_chunk(bytes(index)))
    return Scanned(shards)
