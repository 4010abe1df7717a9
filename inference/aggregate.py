"""From the verdicts of claims to the verdict of a response. Pure functions.

The rule, in the order in which it is tried:

1. no claims            -> nothing_to_check
2. any claim refuted    -> refuted
3. any without evidence -> not_enough_evidence
4. otherwise            -> supported

A response is as good as its weakest claim, so its score is the lowest score of its claims. A product would call a
long response bad for being long.

What a claim's judgement rests on changes nothing here. A claim that a language model remembers, without a source that
says so, counts as what the model calls it, supported or refuted; `explain.py` names every such claim.

A claim that the judge declined to judge has no score. Then the response has none either, unless a claim is refuted: a
refutation stands whatever the unread claim says, and its score is the lowest of those that were judged. So a score
never hides a refusal to judge. A claim that was decided without a probability, by a language model whose engine tells
none, leaves the response without a score in any case: the lowest is not known.
"""

from collections.abc import Sequence

from inference.verdict import ClaimVerdict, Label, Verdict


def overall_verdict(claims: Sequence[ClaimVerdict]) -> Verdict:
    """The verdict of the response that makes `claims`."""
    labels = {c.judgement.label for c in claims}
    if not labels:
        return Verdict.NOTHING_TO_CHECK
    if Label.REFUTED in labels:
        return Verdict.REFUTED
    if Label.NOT_ENOUGH_EVIDENCE in labels:
        return Verdict.NOT_ENOUGH_EVIDENCE
    return Verdict.SUPPORTED


def overall_score(claims: Sequence[ClaimVerdict]) -> float | None:
    """The probability, 0 to 1, that the response is supported. None when there was nothing to check, when a claim was
    decided without a probability, or when a claim was declined and none is refuted."""
    scores = [c.judgement.score for c in claims if c.judgement.score is not None]
    if len(scores) < len(claims) and (_without_probability(claims) or overall_verdict(claims) is not Verdict.REFUTED):
        return None
    return min(scores, default=None)


def _without_probability(claims: Sequence[ClaimVerdict]) -> bool:
    """Whether a claim was decided by an engine that tells no probabilities. One that was declined is not decided."""
    return any(c.judgement.score is None and c.judgement.label is not Label.NOT_ENOUGH_EVIDENCE for c in claims)


def is_hallucination(verdict: Verdict) -> bool:
    """True unless everything checkable is supported, or there was nothing to check."""
    return verdict in (Verdict.REFUTED, Verdict.NOT_ENOUGH_EVIDENCE)
