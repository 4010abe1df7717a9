"""The evidence of one verification: where it comes from, what was read, and what could not be."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest

from inference.errors import EvidenceUnavailable, TouchstoneError
from inference.evidence.document import DocumentRetriever
from inference.evidence.gather import Gathered, gather_passages
from inference.evidence.retriever import Retriever
from inference.explain import NO_ANSWER, SOURCES_ASKED
from inference.judges.judge import ClaimInQuestion
from inference.side_by_side import all_of
from inference.verdict import Claim, Passage
from tools.question import Question

QUERIES_AT_ONCE_MAX = 4
"""Written queries searched for at the same time. A few more than the web search takes on, so that none spends its own
time limit waiting in line there."""

A_SEARCH = "one of the searches"  # what is named if all sources failed for a query while others were answered


@dataclass(slots=True)
class EvidenceOf:
    """What is found for the claims of one `question`. Close it when the verification is over."""

    question: Question
    shared: tuple[Retriever, ...]
    passages_per_claim: int
    _own: DocumentRetriever | None = field(init=False)
    _read: dict[str, Passage] = field(init=False, default_factory=dict)
    _failures: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        text = self.question.material if self.question.document is None else self.question.document
        self._own = DocumentRetriever(text) if text else None

    @property
    def searchable(self) -> bool:
        """Whether there is anything beyond what the caller sent, and it counts."""
        return self.question.document is None and bool(self.shared)

    async def find(self, claims: Sequence[Claim]) -> list[ClaimInQuestion]:
        """The passages for each of `claims` by its own words, found side by side. Raises EvidenceError."""
        gathered = await all_of([self._gather(claim.text) for claim in claims])
        for found in gathered:
            self._note(found)
        return [ClaimInQuestion(c, found.passages) for c, found in zip(claims, gathered, strict=True)]

    async def search(self, claims: Sequence[Claim], queries: Sequence[Sequence[str]]) -> list[ClaimInQuestion]:
        """The passages for each of `claims` by its `queries`, of which it has at least one.

        A query that no source answered is named as a failure if another one of the claim was answered. Raises
        EvidenceUnavailable if none was, and CorpusUnreadable.
        """
        distinct = list(dict.fromkeys(chain.from_iterable(queries)))
        turn = asyncio.Semaphore(QUERIES_AT_ONCE_MAX)
        answers = dict(zip(distinct, await all_of([self._answer(query, turn) for query in distinct]), strict=True))
        return [
            ClaimInQuestion(claim, self._together([answers[query] for query in of_claim]))
            for claim, of_claim in zip(claims, queries, strict=True)
        ]

    async def _answer(self, query: str, turn: asyncio.Semaphore) -> Gathered | EvidenceUnavailable:
        async with turn:
            try:
                return await self._gather(query)
            except EvidenceUnavailable as error:
                return error

    def _together(self, answers: Sequence[Gathered | EvidenceUnavailable]) -> tuple[Passage, ...]:
        found = [answer for answer in answers if isinstance(answer, Gathered)]
        failed = [answer for answer in answers if isinstance(answer, EvidenceUnavailable)]
        if not found:
            raise failed[0]
        for answer in found:
            self._note(answer)
        for error in failed:
            self.note_failure(error)
        return merged([answer.passages for answer in found], self.passages_per_claim)

    async def _gather(self, query: str) -> Gathered:
        return await gather_passages(self._sources(), query, self.passages_per_claim)

    def _note(self, found: Gathered) -> None:
        self._read.update((p.id, p) for p in found.passages)
        self._failures.update((failure.name, failure.message) for failure in found.failures)

    def note_failure(self, error: TouchstoneError) -> None:
        """Has a search that failed named beside the sources, though the verification goes on."""
        self._failures[A_SEARCH] = error.message

    def _sources(self) -> tuple[Retriever, ...]:
        own = (self._own,) if self._own else ()
        return own if self.question.document is not None else own + self.shared

    def passages_read(self) -> list[Passage]:
        return list(self._read.values())

    def what_was_asked(self) -> list[str]:
        """Sentences that say where evidence was looked for, and what gave no answer."""
        if self.question.document is not None:
            return []
        names = ", ".join(r.name for r in self._sources()) or "none is configured"
        failures = [f"{NO_ANSWER} {name}: {message}" for name, message in self._failures.items()]
        return [f"{SOURCES_ASKED} {names}.", *failures]

    async def aclose(self) -> None:
        if self._own:
            await self._own.aclose()


def merged(lists: Iterable[Sequence[Passage]], passages_max: int) -> tuple[Passage, ...]:
    """At most `passages_max` of the passages in `lists`, by rank: the first of each list, the second of each, and so
    on. Each passage comes once."""
    by_rank = chain.from_iterable(zip_longest(*lists))
    once: dict[str, Passage] = {}
    for passage in by_rank:
        if passage is not None:
            once.setdefault(passage.id, passage)
    return tuple(islice(once.values(), passages_max))
