"""What is to go from a response and what is to be put in its place, before it is an edit. Values, and one question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inference.correction.edit import Edit
from inference.verdict import Basis, ClaimVerdict, Judgement, Label, Span

REFUTED = "The evidence contradicts it."
NOT_CONFIRMED = "The evidence does not confirm it."
REMEMBERED = "The judge only remembers it so; no evidence says it."
NOT_JUDGED = "It was not judged, so nothing confirms it."
LOST_ITS_TEXT = "Without the text before it, the evidence does not confirm it."
NOTHING_LEFT = "Nothing that it introduces is left."
MOVED_UP = "The list item above it was removed."
NOT_REWRITTEN = "It could not be rewritten so that the evidence supports it, so it was removed."
NOUN_PUT_BACK = "The text before it, which said what is meant, was removed."


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch of the response that goes, with the claims on whose account."""

    span: Span
    claims: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """`claims` are the places of all claims, in order; `gone` the numbers of those that go, with the reason for each.

    `stretches` go as well; they lie in no claim. `swaps` are edits that put something else in the place of a claim, of
    its sentence or of a word of it; one that touches what goes is dropped.
    """

    claims: Sequence[Span]
    gone: Mapping[int, str]
    stretches: tuple[Removal, ...] = ()
    swaps: tuple[Edit, ...] = ()
    rewritten: frozenset[int] = frozenset()  # the claims whose sentences a rewriter put into other words

    def without(self, gone: Mapping[int, str]) -> "Draft":
        """The draft in which these claims go too, and nothing is put in the place of any of them."""
        swaps = tuple(swap for swap in self.swaps if not set(swap.claims) & set(gone))
        return replace(self, gone={**gone, **self.gone}, swaps=swaps)


def reason_of(judgement: Judgement) -> str:
    """Why a claim with this judgement goes."""
    if judgement.label is Label.REFUTED:
        return REFUTED
    if judgement.basis is Basis.MODEL_KNOWLEDGE:
        return REMEMBERED
    return NOT_JUDGED if judgement.score is None and not judgement.evidence else NOT_CONFIRMED


def stays(judgement: Judgement) -> bool:
    """Whether a claim with this judgement has its place in the corrected response: evidence supports it."""
    return judgement.label is Label.SUPPORTED and judgement.basis is Basis.EVIDENCE


def first_draft(judged: Sequence[ClaimVerdict]) -> Draft:
    """The draft in which every claim that fails goes."""
    gone = {number: reason_of(item.judgement) for number, item in enumerate(judged) if not stays(item.judgement)}
    return Draft([item.claim.span for item in judged], gone)
