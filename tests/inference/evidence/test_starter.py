"""The corpus that ships."""

import json
from pathlib import Path

import pytest

from inference.encoder.embedder import Embedder
from inference.errors import EncoderUnavailable
from inference.evidence.chunk import PASSAGE_CHARS_MAX
from inference.evidence.search_terms import query_terms, tokens
from inference.evidence.starter import StarterRetriever, starter_passages
from inference.evidence.starter_embeddings import MADE_FROM, embedded_text, made_from, starter_rows
from inference.text.words import stem
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


@pytest.mark.parametrize(
    ("claim", "title"),
    [
        ("Electric storms never hit one spot again.", "Lightning strikes"),
        ("A huge marine creature is the biggest beast alive.", "Blue whale"),
        ("Canines sniff superbly.", "Dogs and cats"),
    ],
)
async def test_a_paraphrase_that_shares_no_word_is_found(claim: str, title: str) -> None:
    retriever = StarterRetriever()
    found = await retriever.retrieve(claim, 6)
    assert [passage.id for passage in found] == [passage.id for passage in await retriever.retrieve(claim, 6)]
    await retriever.aclose()
    words = {stem(term) for term in query_terms(claim)}
    passages = [passage for passage in found if passage.title == title]
    assert passages
    assert any(not words & {stem(token) for token in tokens(embedded_text(passage))} for passage in passages)


async def test_a_missing_encoder_is_an_error_and_not_an_empty_answer(tmp_path: Path) -> None:
    retriever = StarterRetriever(Embedder(tmp_path))
    with pytest.raises(EncoderUnavailable):
        await retriever.retrieve("The Earth is flat.", 6)
    await retriever.aclose()


def test_the_embeddings_are_those_of_the_passages_and_the_encoder_that_ship() -> None:
    """If this is red, run `make starter-embeddings`."""
    passages = starter_passages()
    assert json.loads(MADE_FROM.read_text()) == made_from(passages)
    few = range(0, len(passages), 200)
    again = Embedder().embed_beginnings([embedded_text(passages[number]) for number in few])
    assert abs(starter_rows(passages)[few] - again).max() < 1e-3
