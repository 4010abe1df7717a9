"""From claims to a response: the documented rule."""

import pytest

from inference.aggregate import is_hallucination, overall_score, overall_verdict
from inference.verdict import Basis, Claim, ClaimVerdict, Judgement, Label, Span, Verdict

S, R, N = Label.SUPPORTED, Label.REFUTED, Label.NOT_ENOUGH_EVIDENCE


def claims(*labels: Label) -> list[ClaimVerdict]:
    scores = {S: 0.9, R: 0.1, N: 0.4}
    return [ClaimVerdict(Claim("c", Span(0, 1)), Judgement(label, scores[label], "r")) for label in labels]


@pytest.mark.parametrize(
    ("labels", "verdict", "hallucination", "score"),
    [
        ([], Verdict.NOTHING_TO_CHECK, False, None),
        ([S], Verdict.SUPPORTED, False, 0.9),
        ([S, S, S], Verdict.SUPPORTED, False, 0.9),
        ([S, N], Verdict.NOT_ENOUGH_EVIDENCE, True, 0.4),
        ([N, R], Verdict.REFUTED, True, 0.1),
        ([S, S, R, S], Verdict.REFUTED, True, 0.1),
    ],
)
def test_a_response_is_as_good_as_its_weakest_claim(
    labels: list[Label], verdict: Verdict, hallucination: bool, score: float | None
) -> None:
    judged = claims(*labels)
    assert overall_verdict(judged) is verdict
    assert is_hallucination(verdict) is hallucination
    assert overall_score(judged) == score


def declined() -> ClaimVerdict:
    return ClaimVerdict(Claim("c", Span(0, 1)), Judgement(N, None, "The claim is in German."))


def test_a_claim_that_was_not_judged_takes_the_score_from_the_response() -> None:
    judged = [*claims(S, N), declined()]
    assert (overall_verdict(judged), overall_score(judged)) == (Verdict.NOT_ENOUGH_EVIDENCE, None)


def test_a_refuted_claim_keeps_its_score_beside_one_that_was_not_judged() -> None:
    judged = [declined(), *claims(S, R)]
    assert (overall_verdict(judged), overall_score(judged)) == (Verdict.REFUTED, 0.1)


def test_the_order_of_claims_changes_nothing() -> None:
    one, other = claims(S, N, R), claims(R, S, N)
    assert (overall_verdict(one), overall_score(one)) == (overall_verdict(other), overall_score(other))


def decided(label: Label, basis: Basis = Basis.EVIDENCE) -> ClaimVerdict:
    """As a language model decides whose engine tells no probabilities."""
    return ClaimVerdict(Claim("c", Span(0, 1)), Judgement(label, None, "r", basis=basis))


@pytest.mark.parametrize(
    ("without", "others"), [([S], [S]), ([S], [R]), ([R], [S]), ([R], [R, N]), ([S, R], []), ([R], [])]
)
def test_a_claim_decided_without_a_probability_leaves_the_response_without_one(
    without: list[Label], others: list[Label]
) -> None:
    judged = [*map(decided, without), *claims(*others)]
    assert overall_score(judged) is None
    assert overall_verdict(judged) is (Verdict.REFUTED if R in [*without, *others] else Verdict.SUPPORTED)


def test_what_the_judge_remembers_counts_as_what_it_calls_it() -> None:
    memory = Basis.MODEL_KNOWLEDGE
    assert overall_verdict([decided(S, memory), *claims(S)]) is Verdict.SUPPORTED
    assert overall_verdict([decided(R, memory), *claims(S)]) is Verdict.REFUTED
