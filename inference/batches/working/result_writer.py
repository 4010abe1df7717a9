"""Writes the results of a shard, a hundred lines at a time, and makes them count.

Results are first a blob, which is on the disk when it is written, and then rows of the store, under the shard's epoch.
Whatever is lost between the two is answered again; whatever is counted is never answered again, and counted once. What
could not be written is held, and written by the next call.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

from inference.batches.input.index import segments_prefix
from inference.batches.line import Line, LineAnswer, result_line
from inference.batches.result_parts import ERROR, OUTPUT
from inference.batches.shard import Results, ShardLease
from inference.batches.working.leases import LeaseLost, Leases
from inference.blobs.blobs import Blobs, one_chunk
from inference.errors import StorageError
from inference.files.content import content
from inference.files.file import Part
from inference.usage.token_usage import NO_USAGE, TokenUsage
from inference.usage.used import ByModel, Used

SEGMENT_LINES_MAX = 100
"""Result lines that are enough to be written and synced together. What is not written is answered again after a crash:
some hundreds of lines."""

SEGMENT_BYTES_MAX = 4 * 1024 * 1024
"""Of result lines held before they are written."""

SEGMENTS_HELD_MAX = 2
"""One is written while the next one fills; then nothing more is asked for until the first is written."""

SEGMENT_AGE_MAX_S = 1.0
"""For which results wait for others to be written with: counts that are read while a batch runs are no older."""


@dataclass(slots=True)
class _Held:
    positions: list[int] = field(default_factory=list)
    output: list[bytes] = field(default_factory=list)
    error: list[bytes] = field(default_factory=list)
    bytes: int = 0
    tokens: TokenUsage = NO_USAGE
    used: dict[str, Used] = field(default_factory=dict)

    def is_over(self, segments: int) -> bool:
        return len(self.positions) >= SEGMENT_LINES_MAX * segments or self.bytes >= SEGMENT_BYTES_MAX * segments

    def take_over(self, later: "_Held") -> None:
        """Adds what was held later."""
        self.positions += later.positions
        self.output += later.output
        self.error += later.error
        self.bytes += later.bytes
        self.tokens += later.tokens
        self.use(later.used)

    def use(self, used: ByModel) -> None:
        """Adds what was used of each model."""
        for model, amount in used.items():
            self.used[model] = self.used[model] + amount if model in self.used else amount


class ResultWriter:
    """The writer for one lease. Writes one segment at a time, while the next one fills."""

    def __init__(self, leases: Leases, blobs: Blobs, lease: ShardLease) -> None:
        self._leases = leases
        self._blobs = blobs
        self._lease = lease
        self._held = _Held()
        self._unsure: Results | None = None
        """Written as blobs, and not known to be counted: the store may have failed before its commit, or after."""
        self._attempts = 0
        self._turn = asyncio.Lock()

    @property
    def is_due(self) -> bool:
        """Whether there is enough to be written."""
        return self._held.is_over(1)

    @property
    def is_full(self) -> bool:
        """Whether so much is held that nothing should be added before it is written."""
        return self._held.is_over(SEGMENTS_HELD_MAX)

    def add(self, position: int, line: Line, answer: LineAnswer) -> None:
        """Holds a result until it is written."""
        text = result_line(self._lease.batch.id, line, answer)
        held = self._held
        held.positions.append(position)
        (held.output if answer.succeeded else held.error).append(text)
        held.bytes += len(text)
        if answer.tokens is not NO_USAGE:
            held.tokens += answer.tokens
        held.use(answer.used)

    async def write(self) -> None:
        """Writes and commits what is held. Raises BlobsUnavailable and StoreUnavailable: then it is still held, as it
        is if the call is cancelled. Raises LeaseLost: then nothing that was held counts."""
        async with self._turn:
            await self._settle()
            held, self._held = self._held, _Held()
            if not held.positions:
                return
            try:
                self._unsure = await self._as_blobs(held)
            except BaseException:
                held.take_over(self._held)
                self._held = held
                raise
            await self._settle(is_new=True)

    async def finish(self) -> None:
        """Writes what is held, makes one blob of the segments of each kind, and ends the shard. Raises as `write`, and
        may then be called again."""
        await self.write()
        replaced: list[str] = []
        for kind in (OUTPUT, ERROR):
            replaced += await self._in_one(kind)
        await self._leases.finish(self._lease)
        await self._delete(replaced)

    async def _settle(self, *, is_new: bool = False) -> None:
        """Makes what is written as blobs count. Doing it again does no harm, so it is done until it is known to be."""
        results = self._unsure
        if results is None:
            return
        try:
            await self._leases.commit(self._lease, results)
        except LeaseLost:
            if is_new:  # nothing was committed before, so nothing refers to them
                await self._delete([part.key for part in (results.output, results.error) if part])
            raise
        for position in results.positions:
            self._lease.done.add(position)
        self._unsure = None

    async def _in_one(self, kind: str) -> list[str]:
        """Puts the segments of a kind into one blob. Returns the keys of those that it replaces."""
        parts = await self._leases.segments(self._lease, kind)
        if len(parts) <= 1:
            return []
        self._attempts += 1
        key = (
            f"batches/{self._lease.batch.id}/{kind}/{self._lease.shard.number:06d}-{self._lease.epoch}-{self._attempts}"
        )
        async with contextlib.aclosing(content(self._blobs, parts)) as chunks:
            size = await self._blobs.write(key, chunks)
        try:
            await self._leases.replace_segments(self._lease, kind, Part(key, size))
        except LeaseLost:
            await self._delete([key])  # nothing refers to it, and its batch may have been cleaned up already
            raise
        return [part.key for part in parts]

    async def _delete(self, keys: list[str]) -> None:
        with contextlib.suppress(StorageError):  # what is left over is cleaned away when the batch ends
            await self._blobs.delete(keys)

    async def _as_blobs(self, held: _Held) -> Results:
        self._attempts += 1  # a key is never used twice: a write that was given up may still be going on
        return Results(
            tuple(held.positions),
            await self._blob(OUTPUT, held.output),
            await self._blob(ERROR, held.error),
            len(held.output),
            len(held.error),
            held.tokens,
            held.used,
        )

    async def _blob(self, kind: str, lines: list[bytes]) -> Part | None:
        if not lines:
            return None
        key = (
            f"{segments_prefix(self._lease.batch.id)}"
            f"{self._lease.shard.number:06d}-{self._lease.epoch}-{self._attempts}.{kind}"
        )
        return Part(key, await self._blobs.write(key, one_chunk(b"".join(lines))))
