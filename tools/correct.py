"""Corrects a verified response: what the evidence does not support is put right or removed.

What is put in the place of anything is judged again, on the evidence that was read for the verification, and so is what
reads differently now that something before it is gone. What is not supported then is removed as well, until all that is
left is. Nothing new is searched for.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from inference.claims.extract import extract_claims
from inference.correction.draft import NOT_REWRITTEN, Draft, first_draft, stays
from inference.correction.edit import Correction
from inference.correction.exact_values import with_exact_values
from inference.correction.look_over import LookOver
from inference.correction.outline import Outline, outline
from inference.correction.plan import carried_out, nothing_left
from inference.correction.rewriter import Rewriter
from inference.correction.rewriting import to_rewrite, with_answers
from inference.errors import JudgeUnreadable
from inference.evidence.memory import InMemoryRetriever
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.side_by_side import all_of
from inference.verdict import NO_TOKENS, Claim, ClaimVerdict, Passage, Tokens
from tools.question import Question
from tools.verification import Usage, Verification

ROUNDS_MAX = 12  # of reading the corrected text anew; each puts nouns back or removes something, and two are usual
CORRECTING = "putting right or removing what the evidence does not support"


async def corrected(
    question: Question,
    judged: Sequence[ClaimVerdict],
    read: Sequence[Passage],
    judge: Judge,
    passages_per_claim: int,
    rewriter: Rewriter | None = None,
) -> Correction:
    """The correction of the response of `question`, whose claims were `judged` on the passages `read`.

    Raises JudgeError. A rewriter that fails costs its sentence and nothing else.
    """
    if all(stays(item.judgement) for item in judged):
        return Correction(question.response, ())
    again = _Again(question, read, judge, passages_per_claim)
    again.known.update((item.claim.text, stays(item.judgement)) for item in judged)
    of = await asyncio.to_thread(outline, question.response)
    draft = await asyncio.to_thread(with_exact_values, question.response, first_draft(judged), judged)
    tokens = NO_TOKENS
    if rewriter is not None:
        asked = to_rewrite(of, draft, judged)
        answers = await rewriter.rewrite([one.sentence for one in asked])
        tokens = sum((answer.tokens for answer in answers), tokens)
        draft = with_answers(draft, asked, answers, rewriter.name)
    correction = await _settled(of, draft, judged, again)
    return replace(correction, tokens=tokens + again.tokens)


def with_correction(verification: Verification, correction: Correction) -> Verification:
    """The verification with its correction, whose tokens count as well."""
    spent, usage = correction.tokens, verification.usage
    usage = Usage(usage.prompt_tokens + spent.read, usage.completion_tokens + spent.written)
    return replace(verification, correction=correction, usage=usage)


async def _settled(of: Outline, draft: Draft, judged: Sequence[ClaimVerdict], again: "_Again") -> Correction:
    """The first correction of which everything is supported. Raises JudgeError."""
    originals = [item.claim for item in judged]
    reasons = _reasons(draft, judged)
    for _ in range(ROUNDS_MAX):
        correction = await asyncio.to_thread(carried_out, of, draft)
        claims = await asyncio.to_thread(extract_claims, again.question.prompt, correction.text)
        look = LookOver(of, draft, correction, claims)
        following = look.with_nouns(originals, [claim.text in again.known for claim in claims])
        if following is None:
            stay = await again.stay(correction.text, claims)
            failing = [claim for claim, one in zip(claims, stay, strict=True) if not one]
            following = look.without(failing, reasons)
        if following is None:
            return correction
        draft = following
    return nothing_left(of.response, draft.claims, draft.gone.values())


def _reasons(draft: Draft, judged: Sequence[ClaimVerdict]) -> dict[int, str]:
    """Why each claim that failed at first goes, if what was put in its place does not last."""
    first = first_draft(judged).gone
    return {n: f"{reason} {NOT_REWRITTEN}" if n in draft.rewritten else reason for n, reason in first.items()}


@dataclass(slots=True)
class _Again:
    """Judges claims on what was read before, each text once."""

    question: Question
    read: Sequence[Passage]
    judge: Judge
    passages_per_claim: int
    known: dict[str, bool] = field(default_factory=dict)
    tokens: Tokens = NO_TOKENS

    async def stay(self, text: str, claims: Sequence[Claim]) -> list[bool]:
        """Whether each claim of the corrected `text` may stay there. Raises JudgeError."""
        new = list({claim.text: claim for claim in claims if claim.text not in self.known}.values())
        if new:
            await self._ask(text, new)
        return [self.known[claim.text] for claim in claims]

    async def _ask(self, text: str, claims: Sequence[Claim]) -> None:
        source = InMemoryRetriever(self.read)
        found = await all_of([source.retrieve(claim.text, self.passages_per_claim) for claim in claims])
        asked = [ClaimInQuestion(claim, tuple(passages)) for claim, passages in zip(claims, found, strict=True)]
        exchange = Exchange(self.question.prompt, text, document_only=self.question.document is not None)
        said = [one async for one in self.judge.judge(exchange, asked)]
        if len(said) != len(claims):
            raise JudgeUnreadable(f"the judge {self.judge.name} gave {len(said)} judgements for {len(claims)} claims")
        self.known.update((claim.text, stays(one)) for claim, one in zip(claims, said, strict=True))
        self.tokens = sum((one.tokens for one in said), self.tokens)
