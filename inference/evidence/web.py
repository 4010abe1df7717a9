"""The web as a source of evidence: a search, and the text of the best pages that it found.

A page that cannot be read still gives what the search engine said of it. That the search itself failed is raised, as
one of the kinds of SearchFailed that `polite_search` tells apart.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from inference.evidence.chunk import PASSAGE_CHARS_MAX, chunk
from inference.evidence.index import MemoryIndex
from inference.evidence.pages import PageReader, PageUnreadable
from inference.evidence.polite_search import PoliteSearch
from inference.evidence.rank import best_first
from inference.evidence.rerank import reranked
from inference.evidence.search_engine import SearchHit
from inference.verdict import Passage, SourceKind

QUERY_CHARS_MAX = 300
"""Characters of a claim that are searched for. Engines refuse much longer queries, and its subject comes early."""

PAGES_READ_MAX = 4
"""Pages read for one query. Beyond the first few results the evidence repeats itself."""

CACHED_PAGES_MAX = 64
"""Pages kept, some 50 kB each: the claims of one response lead to the same pages again and again."""

CACHED_PAGE_S = 900.0
"""Seconds. Longer than a verification, short enough that a page that could not be read gets another chance."""

_CANDIDATES_MAX = 50
# Passages that the index leaves for the finer ranking.


class WebSearch:
    """Finds passages on the web."""

    name = "web search"

    def __init__(
        self,
        search: PoliteSearch | None = None,
        pages: PageReader | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._search = search or PoliteSearch()
        self._pages = pages or PageReader()
        self._read: TTLCache[str, asyncio.Task[tuple[Passage, ...]]] = TTLCache(
            CACHED_PAGES_MAX, CACHED_PAGE_S, timer=clock
        )

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        hits = await self._search.search(query[:QUERY_CHARS_MAX])
        hits = tuple(hit for hit in hits if hit.link.startswith(("http://", "https://")))
        pages = await asyncio.gather(*(self._passages(hit) for hit in hits[:PAGES_READ_MAX]))
        passages = [*snippets(hits), *(passage for page in pages for passage in page)]
        return await asyncio.to_thread(_best, query, passages, passages_max)

    async def _passages(self, hit: SearchHit) -> tuple[Passage, ...]:
        """The page's passages. Claims that ask for one page at the same time share one reading of it."""
        reading = self._read.get(hit.link)
        if reading is None or reading.cancelled():
            reading = self._read[hit.link] = asyncio.create_task(self._read_page(hit))
        return await asyncio.shield(reading)

    async def _read_page(self, hit: SearchHit) -> tuple[Passage, ...]:
        try:
            page = await self._pages.read(hit.link)
        except PageUnreadable:
            return ()
        spans = await asyncio.to_thread(chunk, page.text)
        return tuple(
            Passage(
                id=f"{hit.link}#{span.start}",
                text=page.text[span.start : span.end],
                kind=SourceKind.WEB,
                title=hit.title or page.title,
                link=hit.link,
                start=span.start,
            )
            for span in spans
        )


def snippets(hits: Sequence[SearchHit]) -> list[Passage]:
    """What the search engine said of each page."""
    return [
        Passage(
            id=f"{hit.link}#snippet",
            text=hit.snippet[:PASSAGE_CHARS_MAX],
            kind=SourceKind.WEB,
            title=hit.title,
            link=hit.link,
        )
        for hit in hits
        if hit.snippet.strip()
    ]


def _best(query: str, passages: Sequence[Passage], passages_max: int) -> list[Passage]:
    """The index picks the candidates out of long pages, and the finer ranking orders them."""
    with MemoryIndex([passage.text for passage in passages], [passage.title for passage in passages]) as index:
        candidates = [passages[number] for number in index.best(query, max(passages_max, _CANDIDATES_MAX))]
    lexical = best_first(query, [f"{passage.title} {passage.text}" for passage in candidates])
    return [candidates[number] for number in reranked(query, candidates, lexical, passages_max)]
