"""Passages that are cut or read, indexed and embedded in memory, at the first question and only once."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from inference.evidence.index import MemoryIndex
from inference.evidence.rerank import CANDIDATES_MAX, WORDS, Space, fused, nearest, reranked
from inference.verdict import Passage

if TYPE_CHECKING:
    from inference.evidence.rerank import Cosines


class IndexedPassages:
    """An index over the passages that `read` gives. `read` runs in a thread, at the first question."""

    def __init__(self, read: Callable[[], Sequence[Passage]], space: Space = WORDS) -> None:
        self._read = read
        self._space = space
        self._opened: asyncio.Task[_Opened] | None = None

    async def all(self) -> Sequence[Passage]:
        """Every passage, in the order of the source."""
        return (await self._open()).passages

    async def best(self, query: str, limit: int) -> list[Passage]:
        """At most `limit` passages that share a word with `query` or are near to it in meaning, best first."""
        opened = await self._open()
        return await asyncio.to_thread(opened.best, query, limit)

    async def aclose(self) -> None:
        """Frees the index. It cannot be asked again."""
        if self._opened is not None:
            await asyncio.to_thread((await self._open()).index.close)

    async def _open(self) -> "_Opened":
        if self._opened is None:
            self._opened = asyncio.create_task(asyncio.to_thread(self._index))
        # Shielded, because several claims wait for the one index and a caller that gives up must not cancel it.
        return await asyncio.shield(self._opened)

    def _index(self) -> "_Opened":
        return _Opened(self._read(), self._space)


class _Opened:
    """Passages with their index. They are embedded at the first search: a source that is given whole needs none."""

    def __init__(self, passages: Sequence[Passage], space: Space) -> None:
        self.passages = passages
        self.index = MemoryIndex([passage.text for passage in passages], [passage.title for passage in passages])
        self._space = space
        self._embedding = threading.Lock()

    def best(self, query: str, limit: int) -> list[Passage]:
        """Blocks. Several threads may search at once; one embeds and the others wait for it."""
        found = self.index.best(query, max(limit, CANDIDATES_MAX))
        if self._space.passages_max is not None and len(self.passages) > self._space.passages_max:
            candidates = [self.passages[number] for number in found]
            return [candidates[n] for n in reranked(query, candidates, range(len(found)), limit, self._space)]
        with self._embedding:
            cosines = self._cosines
        near = nearest(cosines(query), found, self._space.near_min)
        return [self.passages[number] for number in fused(found, near, limit)]

    @cached_property
    def _cosines(self) -> "Callable[[str], Cosines]":
        return self._space.embed(self.passages)
