"""The sentence says every weighty word of the claim: whether that makes it say the claim."""

from collections.abc import Sequence

from inference.judges.alignment.aligned_case import (
    AMOUNT,
    DENIED,
    DIFFERS,
    DUTY,
    SAID,
    Alignment,
    Case,
    cancelled,
    claim_denies,
    conclude,
    flip,
    met_pairs,
    read_polarity,
)
from inference.judges.alignment.contradiction import about_same
from inference.judges.alignment.dates import Relation
from inference.judges.alignment.quantity_words import (
    Amount,
    amount_of,
    amount_supported,
    amounts_conflict,
    obliges,
    permits,
    restricts,
)
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Token
from inference.judges.alignment.values import ValueFinding
from inference.judges.alignment.weakening import only_so_called, weakened
from inference.verdict import Label


def by_content(case: Case) -> Alignment | None:
    """Everything the claim says is said; the polarity decides which way."""
    polarity = read_polarity(case)
    if polarity == 0 and _without_what_is_needed(case):
        return conclude(case, Label.REFUTED, 0.86, DENIED)
    if polarity == 0 or not _all_said(case):
        return None
    if case.claim.partial or case.evidence.partial:
        return _by_partial(case)
    if amounts_conflict(case.claim.amount, case.evidence.amount) and _same_counted(case):
        return conclude(case, Label.REFUTED, 0.88, AMOUNT) if polarity == 1 and not claim_denies(case) else None
    return _against(case) if polarity == -1 else _for(case)


def _without_what_is_needed(case: Case) -> bool:
    """ "May be used without approval" against "may be used only with approval"."""
    if restricts(case.evidence.tokens) is None or not _all_said(case):
        return False
    differing = [(mine, theirs) for mine, theirs in met_pairs(case) if mine.negated != theirs.negated]
    return all(mine.preposition == "without" and mine.negated for mine, _ in differing)


def _all_said(case: Case) -> bool:
    """Whether the sentence itself says the whole claim, of the same thing, in the same roles."""
    if case.missing() or any(not conflict.agrees for conflict in case.conflicts):
        return False
    if case.swapped is not None and not cancelled(case):
        return False
    if any(v.relation is not Relation.SAME and v.mine not in case.matches.at for v in case.values):
        return False
    if not any(mine.weight >= CONTENT_WEIGHT for mine, _ in met_pairs(case)):
        return False  # all of it was said elsewhere
    predicate = [at for at in case.claim.content() if not case.claim.tokens[at].subject]
    if predicate and not any(at in case.matches.at for at in predicate) and not case.conflicts:
        return False  # only its subject is said
    same = about_same(case) or (case.attributive() and _gives_value(case) and not _owned(case))
    return same and not _side_by_side(case) and not _by_another(case)


def _gives_value(case: Case) -> bool:
    return any(v.relation is Relation.SAME for v in case.values)


def _owned(case: Case) -> bool:
    """ "The mayor's brother is ill" says nothing of the mayor."""
    pairs = [(case.claim.tokens[mine], case.evidence.tokens[at]) for mine, at in case.matches.at.items() if at >= 0]
    return any(mine.subject and theirs.lower.endswith("'s") != mine.lower.endswith("'s") for mine, theirs in pairs)


def _same_counted(case: Case) -> bool:
    """Whether "most" is said of a word of the claim: "most of Asia" is no limit to "all of China"."""
    at = amount_of(case.evidence.tokens)
    return at is None or at in case.matches.taken()


def _for(case: Case) -> Alignment | None:
    if only_so_called(case):
        return conclude(case, flip(Label.REFUTED, claim_denies(case)), 0.85, DIFFERS)
    if weakened(case) or not amount_supported(case.claim.amount, case.evidence.amount):
        return None
    if obliges(case.claim.tokens) and permits(case.evidence.tokens) and not obliges(case.evidence.tokens):
        return conclude(case, Label.REFUTED, 0.84, DUTY)
    return conclude(case, Label.SUPPORTED, _support(case), SAID, value=_agreeing_value(case))


def _by_another(case: Case) -> bool:
    """ "Written by X with art by Y" is not "written by Y"."""
    tokens = case.evidence.tokens
    verbs = [at for mine, at in case.matches.at.items() if at >= 0 and case.claim.tokens[mine].verb]
    for mine, at in case.matches.at.items():
        if at < 0 or case.claim.tokens[mine].preposition != "by" or not verbs or at < verbs[-1]:
            continue
        if sum(token.lower == "by" for token in tokens[verbs[-1] : at]) > 1:
            return True
    return False


def _side_by_side(case: Case) -> bool:
    """ "X and Y are ..." says nothing of the sort "X is Y"."""
    tokens = case.evidence.tokens
    places = [(case.claim.tokens[mine], at) for mine, at in case.matches.at.items() if at >= 0]
    bare = [(mine, at) for mine, at in places if tokens[at].subject and not tokens[at].preposition]
    first = [at for mine, at in bare if mine.content and mine.subject and not mine.preposition]
    second = [at for mine, at in bare if mine.content and not mine.subject and not mine.preposition and not mine.verb]
    return any(_joined(tokens[min(a, b) : max(a, b)]) for a in first for b in second)


def _joined(between: Sequence[Token]) -> bool:
    return any(token.lower in {"and", "or"} for token in between)


def _against(case: Case) -> Alignment | None:
    """One denies what the other states. A sentence that denies was heard before: here the claim denies."""
    if claim_denies(case) and not any(t.negated for t in case.evidence.tokens):
        return None if weakened(case) else conclude(case, Label.REFUTED, 0.93, DENIED)
    if case.claim.amount is Amount.ALL and any(t.negated for t in case.evidence.tokens):
        return conclude(case, Label.REFUTED, 0.88, AMOUNT)
    return None


def _by_partial(case: Case) -> Alignment | None:
    """ "Not all" on one side: it denies "all" and says nothing else."""
    if case.claim.partial and case.evidence.partial:
        return conclude(case, Label.SUPPORTED, 0.9, SAID)
    other = case.evidence.amount if case.claim.partial else case.claim.amount
    if other is not Amount.ALL:
        return None
    return conclude(case, Label.REFUTED, 0.9, AMOUNT)


_UNSURE_ROLES = 0.78
"""How sure a claim is of which all is said, but in passing."""


def _support(case: Case) -> float:
    sure = [case.matches.sure[at] for at in case.matches.at if case.claim.tokens[at].content]
    least = min(sure, default=1.0)
    light = sum(1 for at in case.claim.content() if at not in case.matches.at)
    if not about_same(case):
        return _UNSURE_ROLES
    return max(0.75, 0.97 * (0.5 + 0.5 * least) - 0.01 * light - (0.05 if cancelled(case) else 0.0))


def _agreeing_value(case: Case) -> ValueFinding | None:
    return next((v for v in case.values if v.relation is Relation.SAME), None)
