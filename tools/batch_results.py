"""Reads the results of a batch in pages, while it runs and after, without ever holding more than a page.

Failed lines come first, then the answered ones, each in the order of their file. A cursor is a place in both; with it
each result is read exactly once, whatever the batch does meanwhile.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.batches.batch import ENDED, Batch
from inference.batches.result_parts import ResultPlaces
from inference.blobs.blobs import Blobs
from inference.errors import BadInput, BlobsUnavailable, NotFound
from inference.files.content import content
from inference.files.file import Parts

LINES_MAX = 1_000
"""Results on a page."""

PAGE_BYTES_MAX = 4 * 1024 * 1024
"""Bytes of result lines on a page, unless the first alone is longer."""

WINDOW_BYTES = 256 * 1024
"""Read at a time."""

_PLACE = re.compile(r"[0-9]{1,18}")  # a number of thousands of digits is none that Python reads

TRIES_MAX = 3
"""Of a page whose blobs are put together by a worker while it is read."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two results: how many bytes of each file were read."""

    error: int = 0
    output: int = 0

    @classmethod
    def of(cls, text: str) -> "Cursor":
        """The cursor that `text` is; the beginning for an empty one. Raises BadInput."""
        if not text:
            return cls()
        error, dash, output = text.partition("-")
        if not (dash and _PLACE.fullmatch(error) and _PLACE.fullmatch(output)):
            raise BadInput(
                "cursor: that is none. Send the next_cursor of the page before as it came, or leave it out to begin.",
                "cursor",
            )
        return cls(int(error), int(output))

    def __str__(self) -> str:
        return f"{self.error}-{self.output}"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A line of the output file, or, if it `failed`, of the error file, without its line break. `after` is the place
    behind it."""

    text: bytes
    failed: bool
    after: Cursor


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Some results, and whether there are more now. There will be more later unless the batch has ended."""

    batch: Batch
    lines: Sequence[ResultLine]
    has_more: bool

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it, now or later."""
        return not self.has_more and self.batch.status in ENDED


@dataclass(frozen=True, slots=True)
class BatchResults:
    """The results of all batches."""

    places: ResultPlaces
    blobs: Blobs

    async def page(self, owner: str, batch_id: str, cursor: Cursor, lines_max: int = LINES_MAX) -> ResultPage:
        """Up to `lines_max` results behind `cursor`.

        Raises NotFound for a batch that is not there or whose files were deleted, BadInput for a cursor that is none
        of this batch, StoreUnavailable and BlobsUnavailable.
        """
        for _ in range(TRIES_MAX - 1):
            try:
                return await self._page(owner, batch_id, cursor, lines_max)
            except BlobsUnavailable:
                continue  # segments may have been put together after they were looked up
        return await self._page(owner, batch_id, cursor, lines_max)

    async def _page(self, owner: str, batch_id: str, cursor: Cursor, lines_max: int) -> ResultPage:
        places = await self.places.find(owner, batch_id)
        error, output = _there(places.error, batch_id), _there(places.output, batch_id)
        found: list[ResultLine] = []
        room = PAGE_BYTES_MAX
        at = cursor.error
        for text in await self._lines(error, at, lines_max, room):
            at += len(text) + 1
            room -= len(text)
            found.append(ResultLine(text, True, Cursor(at, cursor.output)))
        rest_of_errors = at < _size(error)
        errors_read, at = at, cursor.output
        if not rest_of_errors and len(found) < lines_max and room > 0:
            for text in await self._lines(output, at, lines_max - len(found), room):
                at += len(text) + 1
                found.append(ResultLine(text, False, Cursor(errors_read, at)))
        return ResultPage(places.batch, found, rest_of_errors or at < _size(output))

    async def _lines(self, parts: Parts, start: int, lines_max: int, bytes_max: int) -> Sequence[bytes]:
        """Whole lines from `start` on, within both bounds; the first one however long it is."""
        size = _size(parts)
        await self._check_start(parts, start, size)
        lines: list[bytes] = []
        at, window = start, WINDOW_BYTES
        while at < size and len(lines) < lines_max and at - start < bytes_max:
            end = min(at + window, size)
            text = b"".join([chunk async for chunk in content(self.blobs, parts, at, end)])
            whole = text[: text.rfind(b"\n") + 1]
            if not whole:
                if end == size:
                    raise BlobsUnavailable("the results do not end with a whole line")
                window *= 2  # a line that is longer
                continue
            window = WINDOW_BYTES
            for line in whole[:-1].split(b"\n"):
                if lines and (len(lines) >= lines_max or at - start + len(line) > bytes_max):
                    return lines
                lines.append(line)
                at += len(line) + 1
        return lines

    async def _check_start(self, parts: Parts, start: int, size: int) -> None:
        """Raises BadInput for a place that is not between two results."""
        if start == 0:
            return
        before = [chunk async for chunk in content(self.blobs, parts, start - 1, start)] if start <= size else []
        if before != [b"\n"]:
            raise BadInput("cursor: it is none of this batch; leave it out to begin again", "cursor")


def _size(parts: Parts) -> int:
    return sum(part.bytes for part in parts)


def _there(parts: Parts | None, batch_id: str) -> Parts:
    if parts is None:
        raise NotFound(f"the results of the batch {batch_id!r} were deleted, or have expired", "batch_id")
    return parts
