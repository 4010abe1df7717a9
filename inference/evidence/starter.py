"""The corpus that ships with the project, so that there is evidence where there is no network.

A line of `starter/*.jsonl` is one passage: `{"id": "topic/name", "title": ..., "text": ...}`.
"""

import json
from importlib.resources import files

from inference.evidence.indexed_passages import IndexedPassages
from inference.verdict import Passage, SourceKind


class StarterRetriever:
    """Finds passages of the starter corpus. It is read and indexed once, at the first question."""

    name = "the starter corpus"

    def __init__(self) -> None:
        self._indexed = IndexedPassages(starter_passages)

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        return await self._indexed.best(query, passages_max)

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
