"""Asks every source of evidence at once and makes one list of what they found.

A source that fails is named beside the answer of the others; an empty corpus is no source and is passed over. When no
source answers, and when the user's own corpus is broken (which only its owner can mend, and must hear of), that is an
error: never "no evidence".
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from inference.errors import CorpusEmpty, CorpusUnreadable, EvidenceError, EvidenceUnavailable
from inference.evidence.rank import best_first
from inference.evidence.rerank import reranked
from inference.evidence.retriever import Retriever
from inference.side_by_side import all_of
from inference.spans import RETRIEVAL, span
from inference.verdict import Passage


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A source that could not be read, and why."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the sources that answered have found, best first, and the sources that did not answer."""

    passages: tuple[Passage, ...]
    failures: tuple[SourceFailure, ...] = ()


_NO_SOURCE = "There is none: add files with `touchstone corpus add`, or switch the starter corpus or web search on."

_Answer = Sequence[Passage] | SourceFailure | None
# None: an empty corpus.


async def gather_passages(retrievers: Sequence[Retriever], query: str, passages_max: int) -> Gathered:
    """At most `passages_max` passages for `query` from all `retrievers`.

    Raises EvidenceUnavailable if no source answered and CorpusUnreadable if the user's corpus is broken.
    """
    answers = await _ask_all(retrievers, query, passages_max)
    failures = tuple(answer for answer in answers if isinstance(answer, SourceFailure))
    found = [answer for answer in answers if answer is not None and not isinstance(answer, SourceFailure)]
    if not found:
        reasons = " ".join(f"{failure.name}: {failure.message}" for failure in failures)
        raise EvidenceUnavailable(f"No source of evidence answered. {reasons or _NO_SOURCE}")
    pool = found[0] if len(found) == 1 else await asyncio.to_thread(_merge, found, query, passages_max)
    return Gathered(tuple(pool[:passages_max]), failures)


async def _ask_all(retrievers: Sequence[Retriever], query: str, passages_max: int) -> list[_Answer]:
    return await all_of([_ask(retriever, query, passages_max) for retriever in retrievers])


async def _ask(retriever: Retriever, query: str, passages_max: int) -> _Answer:
    try:
        with span(RETRIEVAL, source=retriever.name) as searching:
            found = await retriever.retrieve(query, passages_max)
            searching.note(passages=len(found))
            return found
    except CorpusUnreadable:
        raise
    except CorpusEmpty:
        return None
    except EvidenceError as error:
        return SourceFailure(retriever.name, error.message)


def _merge(found: Sequence[Sequence[Passage]], query: str, passages_max: int) -> list[Passage]:
    """The best of all sources in one order; those that neither share a word nor are near come last, as they were."""
    pool = without_repeats([passage for passages in found for passage in passages])
    lexical = best_first(query, [f"{passage.title} {passage.text}" for passage in pool])
    ranked = reranked(query, pool, lexical, passages_max)
    rest = sorted(set(range(len(pool))) - set(ranked))
    return [pool[number] for number in ranked + rest]


def without_repeats(passages: Sequence[Passage]) -> list[Passage]:
    """`passages` without those whose words stand wholly in another one; of equals the first stays."""
    plain = [" ".join(passage.text.casefold().split()) for passage in passages]
    return [
        passage
        for number, passage in enumerate(passages)
        if not any(_repeats(plain, number, other) for other in range(len(plain)) if other != number)
    ]


def _repeats(plain: Sequence[str], number: int, other: int) -> bool:
    if plain[number] == plain[other]:
        return other < number
    return plain[number] in plain[other]
