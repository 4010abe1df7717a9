"""Two orders, by words and by nearness, made into one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evidence.document import DocumentRetriever
from inference.evidence.gather import gather_passages
from inference.evidence.indexed_passages import IndexedPassages
from inference.evidence.rerank import CANDIDATES_MAX, EMBEDDED_MAX, WORDS, Space, fused, nearest, reranked
from inference.verdict import Passage, SourceKind

ORDERS = st.lists(st.integers(0, 40), unique=True, max_size=32)


def passages(*texts: str) -> list[Passage]:
    return [Passage(id=str(number), text=text, kind=SourceKind.WEB) for number, text in enumerate(texts)]


class Counted:
    """Embeds by words and counts the passages."""

    def __init__(self) -> None:
        self.embedded = 0
        self.space = Space(self._embed, WORDS.near_min, EMBEDDED_MAX)

    def _embed(self, found: Sequence[Passage]) -> Callable[[str], Any]:
        self.embedded += len(found)
        return WORDS.embed(found)


@given(ORDERS, ORDERS, st.integers(1, 12))
def test_the_best_of_both_orders_always_have_a_place(lexical: list[int], near: list[int], limit: int) -> None:
    found = fused(lexical, near, limit)
    assert len(found) == len(set(found)) == min(limit, len({*lexical, *near}))
    assert set(lexical[: max(1, limit // 2)]) <= set(found)
    assert set(near[: limit // 3]) <= set(found)
    assert found[:1] == (lexical or near)[:1]


def test_what_is_good_in_both_orders_comes_before_what_is_best_in_one() -> None:
    assert fused([1, 2, 3], [4, 2, 5], 4) == [1, 2, 4, 3]


def test_equals_come_in_the_order_of_the_source() -> None:
    cosines = np.array([0.7, 0.9, 0.7, 0.70001, 0.2], np.float32)
    assert nearest(cosines, [4], near_min=0.5) == [1, 0, 2, 3, 4]


def test_what_is_far_and_shares_no_word_is_not_put_forward() -> None:
    found = passages("The tenant pays for heating.", "Whales sing.", "Granite is a hard rock.")
    assert reranked("The renter covers warmth costs.", found, [], 3) == [0]


async def test_a_paraphrase_is_found_in_a_long_document() -> None:
    rules = "".join(f"Section {number} sets out how form {number} is filed and stamped. " for number in range(400))
    middle = len(rules) // 2
    document = f"{rules[:middle]}The physician purchased an automobile. {rules[middle:]}"
    retriever = DocumentRetriever(document)
    found = await retriever.retrieve("A doctor bought a car.", 6)
    await retriever.aclose()
    assert any("physician" in passage.text for passage in found)


async def test_a_document_that_is_given_whole_is_not_embedded() -> None:
    counted = Counted()
    retriever = DocumentRetriever("Whales sing. " * 50, counted.space)
    assert await retriever.retrieve("What do whales do?", 6)
    await retriever.aclose()
    assert counted.embedded == 0


async def test_a_document_is_embedded_once_for_all_claims() -> None:
    counted = Counted()
    indexed = IndexedPassages(lambda: passages(*(f"Rule {number} holds." for number in range(50))), counted.space)
    for number in range(5):
        await indexed.best(f"What does rule {number} say?", 6)
    await indexed.aclose()
    assert counted.embedded == 50


async def test_of_a_very_long_document_only_the_candidates_are_embedded() -> None:
    counted = Counted()
    many = passages(*(f"Rule {number} holds." for number in range(EMBEDDED_MAX + 1)))
    indexed = IndexedPassages(lambda: many, counted.space)
    found = await indexed.best("What does rule 77 say?", 6)
    await indexed.aclose()
    assert found[0].text == "Rule 77 holds."
    assert counted.embedded == CANDIDATES_MAX


async def test_a_paraphrase_from_one_source_stands_beside_the_shared_words_of_another() -> None:
    class Fixed:
        def __init__(self, name: str, found: list[Passage]) -> None:
            self.name, self._found = name, found

        async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
            return self._found

    noise = [Passage(f"n{n}", f"A car park number {n} has a bought ticket.", SourceKind.WEB) for n in range(8)]
    paraphrase = Passage("p", "The physician purchased an automobile.", SourceKind.CORPUS)
    sources = [Fixed("web", noise), Fixed("corpus", [paraphrase])]
    gathered = await gather_passages(sources, "A doctor bought a car.", 6)
    assert paraphrase in gathered.passages


@pytest.mark.parametrize("query", ["", "???", "\ud800", "日本語", "a" * 100_000])
def test_any_query_can_be_ranked(query: str) -> None:
    assert set(reranked(query, passages("Whales sing.", "日本語", "", "?"), [2, 0], 4)) >= {0, 2}
