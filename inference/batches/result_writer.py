"""Writes the results of a shard, a hundred lines at a time, and makes them count.

Results are first a blob, which is on the disk when it is written, and then rows of the store, under the shard's epoch.
Whatever is lost between the two is answered again; whatever is counted is never answered again.
"""

import asyncio
from dataclasses import dataclass, field

from inference.batches.batch import NO_TOKENS, LineTokens
from inference.batches.index import segments_prefix
from inference.batches.leases import ERROR, OUTPUT, Leases
from inference.batches.line import Line, LineAnswer, result_line
from inference.batches.shard import Results, ShardLease
from inference.blobs.blobs import Blobs, one_chunk
from inference.files.content import content
from inference.files.file import Part

SEGMENT_LINES_MAX = 100
"""Result lines that are written and synced together: as many as are answered again after a crash."""

SEGMENT_BYTES_MAX = 4 * 1024 * 1024
"""Of result lines held before they are written."""

SEGMENT_AGE_MAX_S = 1.0
"""For which results wait for others to be written with: counts that are read while a batch runs are no older."""


@dataclass(slots=True)
class _Held:
    positions: list[int] = field(default_factory=list)
    output: list[bytes] = field(default_factory=list)
    error: list[bytes] = field(default_factory=list)
    bytes: int = 0
    tokens: LineTokens = NO_TOKENS


class ResultWriter:
    """The writer for one lease. Writes one segment at a time, while the next one fills."""

    def __init__(self, leases: Leases, blobs: Blobs, lease: ShardLease) -> None:
        self._leases = leases
        self._blobs = blobs
        self._lease = lease
        self._held = _Held()
        self._written = 0
        self._turn = asyncio.Lock()

    @property
    def is_due(self) -> bool:
        """Whether there is enough to be written."""
        return len(self._held.positions) >= SEGMENT_LINES_MAX or self._held.bytes >= SEGMENT_BYTES_MAX

    @property
    def is_empty(self) -> bool:
        """Whether everything added is written, or being written."""
        return not self._held.positions

    def add(self, position: int, line: Line, answer: LineAnswer) -> None:
        """Holds a result until it is written."""
        text = result_line(self._lease.batch.id, line, answer)
        held = self._held
        held.positions.append(position)
        (held.output if answer.succeeded else held.error).append(text)
        held.bytes += len(text)
        if answer.tokens is not NO_TOKENS:
            held.tokens += answer.tokens

    async def write(self) -> None:
        """Writes and commits what is held. Raises LeaseLost, BlobsUnavailable, StoreUnavailable; then nothing of it
        counts."""
        async with self._turn:
            held, self._held = self._held, _Held()
            if not held.positions:
                return
            self._written += 1
            results = Results(
                tuple(held.positions),
                await self._blob(OUTPUT, held.output),
                await self._blob(ERROR, held.error),
                len(held.output),
                len(held.error),
                held.tokens,
            )
            for position in held.positions:
                self._lease.done.add(position)
            await self._leases.commit(self._lease, results, finished=False)

    async def finish(self) -> None:
        """Writes what is held, makes one blob of the segments of each kind, and ends the shard. Raises as `write`."""
        await self.write()
        replaced: list[str] = []
        for kind in (OUTPUT, ERROR):
            replaced += await self._in_one(kind)
        await self._leases.commit(self._lease, Results(()), finished=True)
        await self._blobs.delete(replaced)

    async def _in_one(self, kind: str) -> list[str]:
        """Puts the segments of a kind into one blob. Returns the keys of those that it replaces."""
        parts = await self._leases.segments(self._lease, kind)
        if len(parts) <= 1:
            return []
        key = f"batches/{self._lease.batch.id}/{kind}/{self._lease.shard.number:06d}-{self._lease.epoch}"
        size = await self._blobs.write(key, content(self._blobs, parts))
        await self._leases.replace_segments(self._lease, kind, Part(key, size))
        return [part.key for part in parts]

    async def _blob(self, kind: str, lines: list[bytes]) -> Part | None:
        if not lines:
            return None
        key = (
            f"{segments_prefix(self._lease.batch.id)}"
            f"{self._lease.shard.number:06d}-{self._lease.epoch}-{self._written}.{kind}"
        )
        return Part(key, await self._blobs.write(key, one_chunk(b"".join(lines))))
