"""Verifies a response: claims, evidence, judgements, one verdict. The same for every protocol.

One verification is a stream of news: `ClaimsFound`, one `ClaimJudged` a claim in the order of the response, and at
last the `Verification`; a `Step` may come anywhere between. What was told of a claim is final. A failure ends the news
with an error of the tree in `inference/errors.py`, never with a verdict. How claims are judged is in `rounds.py`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice

from inference.admission import Admission
from inference.aggregate import is_hallucination, overall_score, overall_verdict
from inference.claims.extract import extract_claims
from inference.correction.edit import Correction
from inference.correction.rewriter import Rewriter
from inference.errors import TooLarge
from inference.evidence.queries import ClaimAsQuery, QueryWriter
from inference.evidence.retriever import Retriever
from inference.explain import explain
from inference.judges.judge import Exchange, Judge
from inference.text.shorten import shorten
from inference.urgency import Urgency, urgency_now
from inference.verdict import NO_TOKENS, Claim, ClaimVerdict, Passage, SourceKind, Tokens
from tools.correct import CORRECTING, corrected, with_correction
from tools.evidence import EvidenceOf
from tools.in_turn import in_turn
from tools.limits import Limits
from tools.question import FieldNames, Question, check_question
from tools.rounds import Pace, Rounds
from tools.time_limit import within
from tools.verification import ClaimJudged, ClaimsFound, News, SearchResult, Step, Usage, Verification
from tools.word_count import words_and_marks

CLAIMS_PER_RUN = 8  # retrieved side by side and judged in one run; small enough that the first verdict comes early
SEARCH_RESULTS_MAX = 10  # sources listed with a verification; a result has to fit into an assistant's context
SNIPPET_CHARS_MAX = 400  # of a source's passage in a search result
INLINE_CHARS_MAX = 4_000  # texts up to this length are cut into claims faster than a thread is handed the work


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that a verification needs. Holds no state of its own between verifications."""

    judge: Judge
    retrievers: tuple[Retriever, ...]
    limits: Limits
    admission: Admission
    queries: QueryWriter = field(default_factory=ClaimAsQuery)
    clock: Callable[[], float] = time.monotonic
    rewriter: Rewriter | None = None
    """Who rewrites what fails, where a correction is asked for; with none it is only removed."""
    runs_abreast: int = 1
    """Runs of claims of one response that are judged at a time."""

    async def stream(self, question: Question, fields: FieldNames) -> AsyncGenerator[News]:
        """The news of one verification.

        Raises BadInput and TooLarge (in the caller's `fields`), Overloaded, DeadlineExceeded, EvidenceError and
        JudgeError. Close it to stop the work.
        """
        check_question(question, self.limits, fields)
        limit_s = self.limits.verify_timeout_s
        late = (
            f"the verification took longer than {limit_s:g} s. Send a shorter response, or raise "
            "TOUCHSTONE_VERIFY_TIMEOUT_S."
        )
        if urgency_now() is Urgency.LIVE:
            steps = self._steps(question, fields, since_s=self.clock())
            news = within(limit_s, self._admitted(steps), late)
        else:  # a line of a batch may wait for its turn as long as there is live work
            news = self._admitted(within(limit_s, self._steps(question, fields), late))
        async with aclosing(news):
            async for item in news:
                yield item

    async def _admitted(self, news: AsyncGenerator[News]) -> AsyncGenerator[News]:
        async with self.admission.enter(), aclosing(news):
            async for item in news:
                yield item

    async def _steps(
        self, question: Question, fields: FieldNames, since_s: float | None = None
    ) -> AsyncGenerator[News]:
        """The news itself. The time for it runs from `since_s`, or from now."""
        started = self.clock() if since_s is None else since_s
        claims = await _cut_into_claims(question)
        if len(claims) > self.limits.claims_max:
            raise TooLarge(
                f"{fields.response} makes {len(claims):,} claims; the limit is {self.limits.claims_max:,}. "
                "Send it in parts, or raise TOUCHSTONE_CLAIMS_MAX.",
                fields.response,
            )
        yield ClaimsFound(len(claims))
        to_judge = len(claims) * 2 if question.correct else len(claims)  # a correction judges what it leaves anew
        rounds = self._rounds(
            question, Pace(self.limits.verify_timeout_s, to_judge, self.clock, started, self.runs_abreast)
        )
        judged: list[ClaimVerdict] = []
        try:
            runs = map(rounds.judged, _runs(claims))
            async with aclosing(in_turn(runs, self.runs_abreast)) as news:
                async for item in news:
                    if isinstance(item, Step):
                        yield item
                        continue
                    judged.append(item)
                    yield ClaimJudged(len(judged) - 1, len(claims), item)
        finally:
            await rounds.evidence.aclose()
        verification = self._conclude(question, judged, rounds)
        if question.correct:
            yield Step(CORRECTING)
            verification = with_correction(verification, await self._correct(question, judged, rounds.evidence))
        yield verification

    async def _correct(self, question: Question, judged: Sequence[ClaimVerdict], evidence: EvidenceOf) -> Correction:
        passages = self.judge.passages_per_claim or self.limits.passages_per_claim
        return await corrected(question, judged, evidence.passages_read(), self.judge, passages, self.rewriter)

    def _rounds(self, question: Question, pace: Pace) -> Rounds:
        passages = self.judge.passages_per_claim or self.limits.passages_per_claim
        return Rounds(
            judge=self.judge,
            queries=self.queries,
            evidence=EvidenceOf(question, self.retrievers, passages),
            exchange=Exchange(question.prompt, question.response, document_only=question.document is not None),
            public=Exchange(question.prompt_without_material(), question.response),
            pace=pace,
        )

    def _conclude(self, question: Question, judged: Sequence[ClaimVerdict], rounds: Rounds) -> Verification:
        verdict = overall_verdict(judged)
        explanation = explain(judged, rounds.evidence.what_was_asked())
        read = rounds.evidence.passages_read()
        return Verification(
            verdict=verdict,
            is_hallucination=is_hallucination(verdict),
            score=overall_score(judged),
            explanation=explanation,
            claims=tuple(judged),
            search_results=_search_results(judged, read),
            usage=_usage(question, _tokens_spent(judged, rounds), read, explanation),
            judge=self.judge.name,
            provenance=self.judge.provenance,
        )


def _tokens_spent(judged: Sequence[ClaimVerdict], rounds: Rounds) -> Tokens:
    return sum((c.judgement.tokens for c in judged), rounds.spent)


def _usage(question: Question, spent: Tokens, passages: Sequence[Passage], explanation: str) -> Usage:
    """The tokens that a language model has counted, or else words and marks."""
    if spent != NO_TOKENS:
        return Usage(spent.read, spent.written)
    read = (question.prompt, question.response, *(p.text for p in passages))
    return Usage(words_and_marks(*read), words_and_marks(explanation))


async def conclusion(news: AsyncGenerator[News]) -> Verification:
    """The verification at the end of `news`; the news before it are passed over. Raises what the stream raises."""
    async with aclosing(news):
        async for item in news:
            if isinstance(item, Verification):
                return item
    raise AssertionError("a stream of news ends with a Verification or with an error")


async def _cut_into_claims(question: Question) -> list[Claim]:
    if len(question.response) <= INLINE_CHARS_MAX and len(question.prompt) <= INLINE_CHARS_MAX:
        return extract_claims(question.prompt, question.response)
    return await asyncio.to_thread(extract_claims, question.prompt, question.response)


def _runs(claims: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    for start in range(0, len(claims), CLAIMS_PER_RUN):
        yield claims[start : start + CLAIMS_PER_RUN]


def _search_results(judged: Sequence[ClaimVerdict], read: Sequence[Passage]) -> tuple[SearchResult, ...]:
    """The sources of the claims, those quoted as evidence first. A given document is no search result."""
    quoted = [e.passage for c in judged for e in c.judgement.evidence]
    of_link: dict[str, Passage] = {}
    for passage in [*quoted, *read]:
        if passage.kind is not SourceKind.DOCUMENT:
            of_link.setdefault(passage.link, passage)
    passages = islice(of_link.values(), SEARCH_RESULTS_MAX)
    return tuple(SearchResult(p.title, shorten(p.text, SNIPPET_CHARS_MAX), p.link) for p in passages)
