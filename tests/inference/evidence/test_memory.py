"""The source in memory."""

import pytest

from inference.errors import SearchFailed
from inference.evidence.memory import InMemoryRetriever
from inference.verdict import Passage, SourceKind

PASSAGES = [
    Passage(id="1", text="Otters swim.", kind=SourceKind.CORPUS),
    Passage(id="2", text="They sleep.", kind=SourceKind.CORPUS, title="Bears"),
]


async def test_passages_are_found_by_text_and_title() -> None:
    retriever = InMemoryRetriever(PASSAGES)
    assert [found.id for found in await retriever.retrieve("bears", 5)] == ["2"]
    assert [found.id for found in await retriever.retrieve("otters and bears", 1)] == ["1"]


async def test_a_failure_is_raised_when_told_so() -> None:
    with pytest.raises(SearchFailed):
        await InMemoryRetriever(PASSAGES, failure=SearchFailed("no")).retrieve("bears", 5)
