"""Verifies a response: claims, evidence, judgements, one verdict. The same for every protocol.

One verification is a stream of news: `ClaimsFound`, one `ClaimJudged` a claim in the order of the response, and at
last the `Verification`. A failure ends it with an error of the tree in `inference/errors.py`, never with a verdict.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import islice

from inference.admission import Admission
from inference.aggregate import is_hallucination, overall_score, overall_verdict
from inference.claims.extract import extract_claims
from inference.errors import DeadlineExceeded, JudgeUnreadable, TooLarge
from inference.evidence.document import DocumentRetriever
from inference.evidence.gather import Gathered, gather_passages
from inference.evidence.retriever import Retriever
from inference.explain import NO_ANSWER, SOURCES_ASKED, explain
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.side_by_side import all_of
from inference.text.shorten import shorten
from inference.verdict import NO_TOKENS, Claim, ClaimVerdict, Judgement, Passage, SourceKind
from tools.limits import Limits
from tools.question import FieldNames, Question, check_question
from tools.verification import ClaimJudged, ClaimsFound, News, SearchResult, Usage, Verification

CLAIMS_PER_RUN = 8  # retrieved side by side and judged in one run; small enough that the first verdict comes early
SEARCH_RESULTS_MAX = 10  # sources listed with a verification; a result has to fit into an assistant's context
SNIPPET_CHARS_MAX = 400  # of a source's passage in a search result
INLINE_CHARS_MAX = 4_000  # texts up to this length are cut into claims faster than a thread is handed the work

_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that a verification needs. Holds no state of its own between verifications."""

    judge: Judge
    retrievers: tuple[Retriever, ...]
    limits: Limits
    admission: Admission

    async def stream(self, question: Question, fields: FieldNames) -> AsyncGenerator[News]:
        """The news of one verification.

        Raises BadInput and TooLarge (in the caller's `fields`), Overloaded, DeadlineExceeded, EvidenceError and
        JudgeError. Close it to stop the work.
        """
        check_question(question, self.limits, fields)
        async with aclosing(self._steps(question, fields)) as steps:
            async for news in _within(self.limits.verify_timeout_s, steps):
                yield news

    async def _steps(self, question: Question, fields: FieldNames) -> AsyncGenerator[News]:
        async with self.admission.enter():
            claims = await _cut_into_claims(question)
            if len(claims) > self.limits.claims_max:
                raise TooLarge(
                    f"{fields.response} makes {len(claims):,} claims; the limit is {self.limits.claims_max:,}. "
                    "Send it in parts, or raise TOUCHSTONE_CLAIMS_MAX.",
                    fields.response,
                )
            yield ClaimsFound(len(claims))
            passages = self.judge.passages_per_claim or self.limits.passages_per_claim
            evidence = _EvidenceOf(question, self.retrievers, passages)
            judged: list[ClaimVerdict] = []
            try:
                for batch in _runs(claims):
                    async for claim in self._judge(question, await evidence.find(batch)):
                        judged.append(claim)
                        yield ClaimJudged(len(judged) - 1, len(claims), claim)
            finally:
                await evidence.aclose()
            yield self._conclude(question, judged, evidence)

    async def _judge(self, question: Question, claims: Sequence[ClaimInQuestion]) -> AsyncGenerator[ClaimVerdict]:
        """A verdict for each of `claims`. Raises JudgeUnreadable if the judge says less or more than that."""
        said = 0
        exchange = Exchange(question.prompt, question.response, document_only=question.document is not None)
        async for judgement in self.judge.judge(exchange, claims):
            if said < len(claims):
                yield ClaimVerdict(_stated(claims[said].claim, judgement), judgement)
            said += 1
        if said != len(claims):
            raise JudgeUnreadable(f"the judge {self.judge.name} gave {said} judgements for {len(claims)} claims")

    def _conclude(self, question: Question, judged: Sequence[ClaimVerdict], evidence: "_EvidenceOf") -> Verification:
        verdict = overall_verdict(judged)
        explanation = explain(judged, evidence.what_was_asked())
        return Verification(
            verdict=verdict,
            is_hallucination=is_hallucination(verdict),
            score=overall_score(judged),
            explanation=explanation,
            claims=tuple(judged),
            search_results=_search_results(judged, evidence.passages_read()),
            usage=_usage(question, judged, evidence, explanation),
            judge=self.judge.name,
            provenance=self.judge.provenance,
        )


def _stated(claim: Claim, judgement: Judgement) -> Claim:
    """The claim in the judge's words, where it said it so that it stands better on its own."""
    return replace(claim, text=judgement.statement) if judgement.statement else claim


def _usage(question: Question, judged: Sequence[ClaimVerdict], evidence: "_EvidenceOf", explanation: str) -> Usage:
    """The tokens that a language model has counted, or else words and marks."""
    spent = sum((c.judgement.tokens for c in judged), NO_TOKENS)
    if spent != NO_TOKENS:
        return Usage(spent.read, spent.written)
    read = (question.prompt, question.response, *(p.text for p in evidence.passages_read()))
    return Usage(_count_tokens(*read), _count_tokens(explanation))


async def conclusion(news: AsyncGenerator[News]) -> Verification:
    """The verification at the end of `news`; the news before it are passed over. Raises what the stream raises."""
    async with aclosing(news):
        async for item in news:
            if isinstance(item, Verification):
                return item
    raise AssertionError("a stream of news ends with a Verification or with an error")


@dataclass(slots=True)
class _EvidenceOf:
    """The evidence of one verification: where it comes from, what was read, what could not be."""

    question: Question
    shared: tuple[Retriever, ...]
    passages_per_claim: int
    _own: DocumentRetriever | None = field(init=False)
    _read: dict[str, Passage] = field(init=False, default_factory=dict)
    _failures: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        text = self.question.material if self.question.document is None else self.question.document
        self._own = DocumentRetriever(text) if text else None

    async def find(self, claims: Sequence[Claim]) -> list[ClaimInQuestion]:
        """The passages for each of `claims`, found side by side. Raises EvidenceError."""
        gathered = await all_of([self._gather(claim) for claim in claims])
        for found in gathered:
            self._read.update((p.id, p) for p in found.passages)
            self._failures.update((failure.name, failure.message) for failure in found.failures)
        return [ClaimInQuestion(c, tuple(g.passages)) for c, g in zip(claims, gathered, strict=True)]

    async def _gather(self, claim: Claim) -> Gathered:
        return await gather_passages(self._sources(), claim.text, self.passages_per_claim)

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


async def _cut_into_claims(question: Question) -> list[Claim]:
    if len(question.response) <= INLINE_CHARS_MAX and len(question.prompt) <= INLINE_CHARS_MAX:
        return extract_claims(question.prompt, question.response)
    return await asyncio.to_thread(extract_claims, question.prompt, question.response)


def _runs(claims: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    for start in range(0, len(claims), CLAIMS_PER_RUN):
        yield claims[start : start + CLAIMS_PER_RUN]


async def _within(seconds: float, news: AsyncIterator[News]) -> AsyncGenerator[News]:
    """Passes `news` on until `seconds` after the first was asked for, then raises DeadlineExceeded."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            async with asyncio.timeout_at(deadline) as limit:
                item = await anext(news)
        except StopAsyncIteration:
            return
        except TimeoutError:
            if not limit.expired():
                raise
            raise DeadlineExceeded(
                f"the verification took longer than {seconds:g} s. Send a shorter response, or raise "
                "TOUCHSTONE_VERIFY_TIMEOUT_S."
            ) from None
        yield item


def _search_results(judged: Sequence[ClaimVerdict], read: Sequence[Passage]) -> tuple[SearchResult, ...]:
    """The sources of the claims, those quoted as evidence first. A given document is no search result."""
    quoted = [e.passage for c in judged for e in c.judgement.evidence]
    of_link: dict[str, Passage] = {}
    for passage in [*quoted, *read]:
        if passage.kind is not SourceKind.DOCUMENT:
            of_link.setdefault(passage.link, passage)
    passages = islice(of_link.values(), SEARCH_RESULTS_MAX)
    return tuple(SearchResult(p.title, shorten(p.text, SNIPPET_CHARS_MAX), p.link) for p in passages)


def _count_tokens(*texts: str) -> int:
    return sum(len(_TOKEN.findall(text)) for text in texts)
