"""Passages that are cut or read, and indexed in memory, at the first question and only once."""

import asyncio
from collections.abc import Callable, Sequence

from inference.evidence.index import MemoryIndex
from inference.verdict import Passage


class IndexedPassages:
    """An index over the passages that `read` gives. `read` runs in a thread, at the first question."""

    def __init__(self, read: Callable[[], Sequence[Passage]]) -> None:
        self._read = read
        self._opened: asyncio.Task[tuple[Sequence[Passage], MemoryIndex]] | None = None

    async def all(self) -> Sequence[Passage]:
        """Every passage, in the order of the source."""
        passages, _ = await self._open()
        return passages

    async def best(self, query: str, limit: int) -> list[Passage]:
        """At most `limit` passages that share a word with `query`, best first."""
        passages, index = await self._open()
        return [passages[number] for number in await asyncio.to_thread(index.best, query, limit)]

    async def aclose(self) -> None:
        """Frees the index. It cannot be asked again."""
        if self._opened is not None:
            _, index = await self._open()
            await asyncio.to_thread(index.close)

    async def _open(self) -> tuple[Sequence[Passage], MemoryIndex]:
        if self._opened is None:
            self._opened = asyncio.create_task(asyncio.to_thread(self._index))
        # Shielded, because several claims wait for the one index and a caller that gives up must not cancel it.
        return await asyncio.shield(self._opened)

    def _index(self) -> tuple[Sequence[Passage], MemoryIndex]:
        passages = self._read()
        return passages, MemoryIndex([passage.text for passage in passages], [passage.title for passage in passages])
