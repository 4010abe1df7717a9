"""What several sources together have found."""

import asyncio

import pytest

from inference.errors import CorpusEmpty, CorpusUnreadable, EvidenceUnavailable, SearchFailed
from inference.evidence.gather import SourceFailure, gather_passages, without_repeats
from inference.evidence.memory import InMemoryRetriever
from inference.verdict import Passage, SourceKind


def passage(text: str, number: int = 0) -> Passage:
    return Passage(id=f"{number}/{text}", text=text, kind=SourceKind.WEB)


def source(*texts: str, name: str = "source") -> InMemoryRetriever:
    return InMemoryRetriever([passage(text) for text in texts], name=name)


class Hanging:
    """A source that never answers, and notes that it was told to stop."""

    name = "hanging"
    stopped = False

    async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True
        return []


async def test_the_best_passages_of_all_sources_come_first() -> None:
    one = source("Otters swim.", "Bears sleep all winter.")
    other = source("Bears eat fish in summer.", "Bears in winter sleep all day in caves.")
    gathered = await gather_passages([one, other], "Bears sleep in winter.", 2)
    assert [found.text for found in gathered.passages] == [
        "Bears sleep all winter.",
        "Bears in winter sleep all day in caves.",
    ]
    assert gathered.failures == ()


async def test_a_source_that_fails_is_named_and_the_others_answer() -> None:
    broken = InMemoryRetriever([], name="web search", failure=SearchFailed("No network."))
    gathered = await gather_passages([broken, source("Bears sleep.")], "bears", 5)
    assert [found.text for found in gathered.passages] == ["Bears sleep."]
    assert gathered.failures == (SourceFailure("web search", "No network."),)


async def test_that_every_source_failed_is_an_error_that_names_them_all() -> None:
    broken = [
        InMemoryRetriever([], name="web search", failure=SearchFailed("No network.")),
        InMemoryRetriever([], name="wiki", failure=SearchFailed("Refused.")),
    ]
    with pytest.raises(EvidenceUnavailable, match=r"web search: No network\. wiki: Refused\."):
        await gather_passages(broken, "bears", 5)


async def test_having_no_source_at_all_is_an_error() -> None:
    with pytest.raises(EvidenceUnavailable):
        await gather_passages([], "bears", 5)


async def test_a_broken_corpus_of_the_user_is_never_passed_over() -> None:
    broken = InMemoryRetriever([], name="your corpus", failure=CorpusUnreadable("Damaged."))
    hanging = Hanging()
    with pytest.raises(CorpusUnreadable, match="Damaged"):
        await gather_passages([source("Bears sleep."), broken, hanging], "bears", 5)
    assert hanging.stopped


async def test_sources_that_read_fine_and_found_nothing_are_no_error() -> None:
    gathered = await gather_passages([source("Otters swim."), source()], "bears", 5)
    assert gathered.passages == ()


async def test_an_error_of_the_program_is_not_taken_for_a_failed_source() -> None:
    class Faulty:
        name = "faulty"

        async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await gather_passages([Faulty(), source("Bears sleep.")], "bears", 5)


async def test_a_single_source_keeps_its_own_order() -> None:
    class Ordered:
        name = "ordered"

        async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
            return [passage("First, without the word."), passage("Bears.")]

    gathered = await gather_passages([Ordered()], "bears", 5)
    assert [found.text for found in gathered.passages] == ["First, without the word.", "Bears."]


def test_a_passage_that_stands_in_another_one_is_left_out() -> None:
    kept = without_repeats([passage("bears  Sleep"), passage("Bears sleep all winter."), passage("Otters swim.")])
    assert [found.text for found in kept] == ["Bears sleep all winter.", "Otters swim."]


def test_of_equal_passages_the_first_stays() -> None:
    kept = without_repeats([passage("Bears sleep.", 1), passage("bears sleep.", 2)])
    assert [found.id for found in kept] == ["1/Bears sleep."]


async def test_an_empty_corpus_is_passed_over_and_alone_it_is_no_evidence() -> None:
    empty = InMemoryRetriever([], failure=CorpusEmpty("empty"))
    gathered = await gather_passages([empty, source("Bears sleep.")], "bears", 5)
    assert (len(gathered.passages), gathered.failures) == (1, ())
    with pytest.raises(EvidenceUnavailable, match="corpus add"):
        await gather_passages([empty], "bears", 5)
