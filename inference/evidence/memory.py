"""A source of evidence that is a list in memory: for tests, and for trying a judge on passages of one's own."""

from collections.abc import Sequence

from inference.errors import EvidenceError
from inference.evidence.rank import best_first
from inference.verdict import Passage


class InMemoryRetriever:
    """Finds passages in a given list. Told a `failure`, it raises that instead, as a broken source would."""

    def __init__(
        self, passages: Sequence[Passage], *, name: str = "passages in memory", failure: EvidenceError | None = None
    ) -> None:
        self.name = name
        self._passages = tuple(passages)
        self._failure = failure

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        if self._failure is not None:
            raise self._failure
        found = best_first(query, [f"{passage.title} {passage.text}" for passage in self._passages])
        return [self._passages[number] for number in found[:passages_max]]
