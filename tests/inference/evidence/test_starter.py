"""The corpus that ships."""

import pytest

from inference.evidence.chunk import PASSAGE_CHARS_MAX
from inference.evidence.starter import StarterRetriever, starter_passages
from inference.verdict import SourceKind


def test_every_shipped_passage_has_a_text_a_title_and_an_id_of_its_own() -> None:
    passages = starter_passages()
    assert passages
    assert len({passage.id for passage in passages}) == len(passages)
    assert all(passage.title.strip() and passage.text.strip() for passage in passages)


def test_every_shipped_passage_is_short_enough_to_judge() -> None:
    assert all(len(passage.text) <= PASSAGE_CHARS_MAX for passage in starter_passages())


@pytest.mark.parametrize("claim", ["The Eiffel Tower is located in Rome.", "The Eiffel Tower is 330 metres tall."])
async def test_a_claim_finds_the_passages_about_its_subject(claim: str) -> None:
    retriever = StarterRetriever()
    passages = await retriever.retrieve(claim, 5)
    await retriever.aclose()
    assert "Eiffel Tower" in passages[0].title
    assert passages[0].kind is SourceKind.CORPUS
    assert passages[0].link == f"touchstone://corpus/{passages[0].id}"


async def test_a_claim_about_nothing_known_finds_nothing() -> None:
    retriever = StarterRetriever()
    assert await retriever.retrieve("Qwzx vblk.", 5) == []
    await retriever.aclose()
