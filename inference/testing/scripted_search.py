"""A source of evidence that has for each query what it was told: for tests of what is searched for, and how."""

import asyncio
from collections.abc import Mapping, Sequence

from inference.errors import EvidenceError
from inference.verdict import Passage


class ScriptedSearch:
    """Answers a query with its `pages`, or raises its failure from `failures`; on any other it finds nothing.

    The queries are kept in `asked`; `at_once_max` is how many were under way together at the most.
    """

    def __init__(
        self,
        pages: Mapping[str, Sequence[Passage]] | None = None,
        failures: Mapping[str, EvidenceError] | None = None,
        name: str = "scripted search",
    ) -> None:
        self.name = name
        self._pages = pages or {}
        self._failures = failures or {}
        self.asked: list[str] = []
        self._at_once = 0
        self.at_once_max = 0

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        self.asked.append(query)
        self._at_once += 1
        self.at_once_max = max(self.at_once_max, self._at_once)
        try:
            await asyncio.sleep(0)  # lets the others begin
        finally:
            self._at_once -= 1
        if query in self._failures:
            raise self._failures[query]
        return list(self._pages.get(query, ()))[:passages_max]
