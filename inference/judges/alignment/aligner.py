"""Joins a claim to one sentence: what is met, what differs, what is denied, and what follows for the claim.

The rules, for a claim that states something (for one that denies, support and refutation change places):
- support: the sentence says every weighty word of the claim, in the same roles, and denies none of them;
- refutation by denial: the sentence denies something that the claim says, and nothing narrower;
- refutation by conflict: the sentence says every weighty word of the claim but one, and in that one's place something
  that excludes it;
- anything else says nothing. A sentence about another subject never refutes.
"""

from collections.abc import Mapping

from inference.judges.alignment.agreement import by_content
from inference.judges.alignment.aligned_case import COVERED_MIN, NOTHING, Alignment, Case, conclude, covered_share
from inference.judges.alignment.conflicts import (
    limits,
    match_contrast,
    opposites,
    other_agent,
    other_names,
    other_subject,
    ranks,
    swap,
)
from inference.judges.alignment.contradiction import by_conflict
from inference.judges.alignment.denial import by_denial
from inference.judges.alignment.lemma import lemma_set
from inference.judges.alignment.matching import SYNONYM, Matches, match_context, match_words
from inference.judges.alignment.opposites import Opposition, opposed
from inference.judges.alignment.quantity_words import obliges, permits
from inference.judges.alignment.statement import Statement
from inference.judges.alignment.tokens import Token
from inference.judges.alignment.values import value_findings
from inference.verdict import Label


def align_sentence(claim: Statement, evidence: Statement, context: Mapping[str, int], given: bool = False) -> Alignment:
    """Weighs one sentence. `context`: the keys of the title and of what was said before it in the passage.

    `given`: the passage is the document that the claim is about, so "the deposit" of both is the same deposit.
    """
    matches = match_words(claim, evidence)
    match_context(claim, context, evidence, matches, given)
    _match_permission(claim, evidence, matches)
    match_contrast(claim, evidence, matches)
    case = Case(claim, evidence, matches, given)
    if evidence.question or covered_share(case) < COVERED_MIN:
        return conclude(case, Label.NOT_ENOUGH_EVIDENCE, 0.0, NOTHING)
    case.values = value_findings(claim, evidence, matches)
    case.swapped = swap(claim, evidence, matches)
    case.conflicts = opposites(claim, evidence, matches, case.swapped is not None)
    case.conflicts += ranks(claim, evidence, matches)
    case.conflicts += limits(claim, evidence, matches)
    case.conflicts += other_names(claim, evidence, matches)
    case.conflicts += other_subject(claim, evidence, matches)
    if given and not case.conflicts:
        case.conflicts += other_agent(claim, evidence, matches)
    return _weigh(case)


_PERMISSION = lemma_set("allow permit let enable entitle authorise authorize")


def _match_permission(claim: Statement, evidence: Statement, matches: Matches) -> None:
    """ "The contract allows remote work" is a sentence about what one may or must do."""
    if not (permits(evidence.tokens) or obliges(evidence.tokens)):
        return
    for at, token in enumerate(claim.tokens):
        if token.verb and token.lemma in _PERMISSION and at not in matches.at and not _opposed_in(token, evidence):
            matches.add(at, -1, SYNONYM)


def _opposed_in(token: Token, evidence: Statement) -> bool:
    return any(opposed(token.lemma, other.lemma) is not Opposition.NONE for other in evidence.tokens if other.lemma)


def _weigh(case: Case) -> Alignment:
    for rule in (by_denial, by_conflict, by_content):
        found = rule(case)
        if found is not None:
            return found
    return conclude(case, Label.NOT_ENOUGH_EVIDENCE, 0.0, NOTHING)
