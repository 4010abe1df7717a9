"""The document that a caller gives to check a response against.

It is cut and indexed once, at the first question, in a thread, and embedded by its words if it is not given whole.
Nothing of it is left out: any of its passages can be found. When no word of the query is in it and nothing near it in
meaning, its beginning is given all the same, for the judge to decide.
"""

from inference.evidence.chunk import chunk
from inference.evidence.indexed_passages import IndexedPassages
from inference.evidence.rerank import WORDS, Space
from inference.verdict import Passage, SourceKind


class DocumentRetriever:
    """Finds passages of one given document. Close it with `aclose` when the verification is over."""

    name = "the given document"

    def __init__(self, document: str, space: Space = WORDS) -> None:
        self._indexed = IndexedPassages(lambda: document_passages(document), space)

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        passages = await self._indexed.all()
        if len(passages) <= passages_max:
            return list(passages)
        return await self._indexed.best(query, passages_max) or list(passages[:passages_max])

    async def aclose(self) -> None:
        """Frees the index. The retriever cannot be asked again."""
        await self._indexed.aclose()


def document_passages(document: str) -> list[Passage]:
    """All of `document`, cut into passages."""
    return [
        Passage(
            id=f"document/{number}",
            text=document[span.start : span.end],
            kind=SourceKind.DOCUMENT,
            title="document",
            start=span.start,
        )
        for number, span in enumerate(chunk(document))
    ]
