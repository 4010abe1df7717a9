"""Scans the input file of a batch: finds what is wrong with it, and writes where each request lies.

The file is read once, in chunks, and once more if two requests seem to have the same custom_id. What is held of it is a
chunk, a line, and 8 bytes a request, whatever the size of the file.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from inference.batches.batch import Batch, BatchError
from inference.batches.input.beside_loop import InThread, ProcessDied, Work, WorkT, in_process
from inference.batches.input.index import index_key
from inference.batches.input.line_rules import shown
from inference.batches.input.line_scan import ERRORS_MAX, Findings, LineScan, PlanLines, ScanLimits
from inference.batches.input.repeats import Repeat, RepeatSearch
from inference.batches.shard import Shard
from inference.blobs.blobs import Blobs
from inference.errors import TouchstoneError
from inference.files.content import content
from inference.files.file import Parts

__all__ = ["LimitsOf", "PlanLines", "ScanLimits", "Scanned", "scan"]

LimitsOf = Callable[[Batch], ScanLimits]
"""The limits of a batch, which its plan has a say in. Raises PlanNotFound for one that nobody knows here."""

THREAD_BYTES_MAX = 256 * 1024
"""Up to which a file is scanned in a thread, about a thousand lines: that takes less than to start a process."""

TRIES = 2
"""Of a scan whose process ends by itself, which is killed if memory is short."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was found: the shards and the one model of all requests, if it is one; or why the file is refused."""

    shards: Sequence[Shard] = ()
    model: str | None = None
    errors: Sequence[BatchError] = ()


async def scan(blobs: Blobs, parts: Parts, batch: Batch, limits: ScanLimits) -> Scanned:
    """Scans the file that `parts` are, and writes the index of `batch` if the file is valid.

    May be cancelled at any time; then nothing stays. Raises BlobsUnavailable.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return await _Scan(blobs, parts, batch, limits).run()
        except ProcessDied as died:
            if attempt == TRIES:
                told = f"The input file could not be read: {died.message}. It may need more memory than there is."
                return Scanned(errors=[BatchError("file_unreadable", told, "input_file_id")])
    raise AssertionError("unreachable")


class _Refused(TouchstoneError):
    """The file is not valid. Keeps its index from being written."""

    def __init__(self, errors: Sequence[BatchError]) -> None:
        super().__init__("the input file is not valid")
        self.errors = errors


class _Scan:
    """One scan of one file."""

    def __init__(self, blobs: Blobs, parts: Parts, batch: Batch, limits: ScanLimits) -> None:
        self._blobs = blobs
        self._parts = parts
        self._batch = batch
        self._limits = limits
        self._findings: Findings | None = None

    async def run(self) -> Scanned:
        try:
            async with contextlib.aclosing(self._index()) as index:
                await self._blobs.write(index_key(self._batch.id), index)
        except _Refused as refused:
            return Scanned(errors=refused.errors)
        assert self._findings is not None, "the index is at its end only after them"  # noqa: S101
        return Scanned(self._findings.shards, self._findings.model)

    async def _index(self) -> AsyncGenerator[bytes]:
        """The index, as far as the file is valid. Raises _Refused at its end, when all faults are found."""
        async with _beside(LineScan(self._batch.endpoint, self._limits), self._parts) as reading:
            async with self._content() as chunks:
                async for chunk in chunks:
                    entries = await reading.call(LineScan.feed, chunk)
                    if entries is None:
                        break
                    if entries:
                        yield entries
            last_entries, findings = await reading.call(LineScan.finish)
            repeats = await self._repeats(reading, ERRORS_MAX - len(findings.errors))
        errors = _merged(findings, repeats)
        if errors:
            raise _Refused(errors)
        self._findings = findings
        yield last_entries

    async def _repeats(self, reading: Work[LineScan], wanted: int) -> Sequence[Repeat]:
        """Repeated custom_ids, at least `wanted` of them if there are so many."""
        found: list[Repeat] = []
        after, more = -1, True
        while more and len(found) <= wanted:
            suspects = await reading.call(LineScan.suspects, after)
            if suspects is None:
                break
            found += await self._confirmed(suspects.requests, after)
            after, more = suspects.last, suspects.more
        return found

    async def _confirmed(self, requests: Sequence[int], after: int) -> Sequence[Repeat]:
        """Those of `requests` after `after` that repeat the custom_id of one before them."""
        search = RepeatSearch(requests, after, self._limits.line_bytes_max)
        async with _beside(search, self._parts) as searching, self._content() as chunks:
            async for chunk in chunks:
                if not await searching.call(RepeatSearch.feed, chunk):
                    break
            return await searching.call(RepeatSearch.finish)

    @contextlib.asynccontextmanager
    async def _content(self) -> AsyncIterator[AsyncGenerator[bytes]]:
        async with contextlib.aclosing(content(self._blobs, self._parts)) as chunks:
            yield chunks


@contextlib.asynccontextmanager
async def _beside(work: WorkT, parts: Parts) -> AsyncIterator[Work[WorkT]]:
    if sum(part.bytes for part in parts) <= THREAD_BYTES_MAX:
        yield InThread(work)
        return
    async with in_process(work) as there:
        yield there


def _merged(findings: Findings, repeats: Sequence[Repeat]) -> Sequence[BatchError]:
    """All errors by line, no more than ERRORS_MAX of them, and one that says how many more there are."""
    repeated = [
        BatchError(
            "duplicate_custom_id",
            f"The custom_id {shown(repeat.custom_id)} is that of line {repeat.first_line:,} too.",
            "custom_id",
            repeat.line,
        )
        for repeat in repeats
    ]
    errors = sorted([*findings.errors, *repeated], key=lambda error: error.line or 0)
    more = findings.more_errors + max(0, len(errors) - ERRORS_MAX)
    if more:
        told = f"At least {more:,} more lines are wrong; the first {ERRORS_MAX} are listed."
        return [*errors[:ERRORS_MAX], BatchError("too_many_errors", told)]
    return errors
