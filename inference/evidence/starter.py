"""The corpus that ships with the project, so that there is evidence where there is no network.

A line of `starter/*.jsonl` is one passage: `{"id": "topic/name", "title": ..., "text": ...}`.
"""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from inference.encoder.embedder import Embedder
from inference.evidence.indexed_passages import IndexedPassages
from inference.evidence.rerank import Space
from inference.evidence.starter_embeddings import starter_rows
from inference.verdict import Passage, SourceKind

if TYPE_CHECKING:
    from inference.evidence.rerank import Cosines

NEAR_MIN = 0.4
"""Cosine from which a passage is put forward that shares no word with the query. Sentences about nothing in the corpus
stay under 0.35; paraphrases of what is in it lie above 0.5."""


class StarterRetriever:
    """Finds passages of the starter corpus. It is read and indexed once, at the first question.

    Its embeddings ship with it, so that only the question is embedded, when it comes.
    """

    name = "the starter corpus"

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder or Embedder()
        self._indexed = IndexedPassages(starter_passages, Space(self._embed, NEAR_MIN))

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        return await self._indexed.best(query, passages_max)

    def _embed(self, passages: Sequence[Passage]) -> "Callable[[str], Cosines]":
        rows = starter_rows(passages)
        return lambda query: rows @ self._embedder.embed_beginnings([query])[0]

    async def aclose(self) -> None:
        """Frees the index. The retriever cannot be asked again."""
        await self._indexed.aclose()


def starter_passages() -> list[Passage]:
    """Every passage of the starter corpus, in the order of its files and lines. Reads the files."""
    folder = files("inference.evidence") / "starter"
    listed = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".jsonl")), key=lambda file: file.name)
    return [_passage(line) for file in listed for line in file.read_text("utf-8").split("\n") if line.strip()]


def _passage(line: str) -> Passage:
    record = json.loads(line)
    return Passage(
        id=f"starter/{record['id']}",
        text=record["text"],
        kind=SourceKind.CORPUS,
        title=record["title"],
        link=f"touchstone://corpus/starter/{record['id']}",
    )
