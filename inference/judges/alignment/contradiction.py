"""The sentence speaks of the same thing and says something else of it: all is met but one place."""

from inference.judges.alignment.aligned_case import (
    DIFFERS,
    Alignment,
    Case,
    claim_denies,
    conclude,
    flip,
    read_polarity,
    subject_met,
)
from inference.judges.alignment.conflicts import Conflict, verbs_met
from inference.judges.alignment.dates import Relation
from inference.judges.alignment.lemma import lemma_set
from inference.judges.alignment.quantity_words import Amount, permits, restricts
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Role, Token
from inference.judges.alignment.values import ValueFinding
from inference.verdict import Label


def by_conflict(case: Case) -> Alignment | None:
    """All is met but one place, and there the sentence has something that excludes the claim's word."""
    wrong = [v for v in case.values if v.relation is Relation.CONFLICT and _value_stands(case, v)]
    clashing = [conflict for conflict in case.conflicts if not conflict.agrees]
    if not wrong and not clashing and case.swapped is None:
        return None
    if not subject_met(case) or not (about_same(case) or _bound_closely(case, wrong, clashing)) or case.missing():
        return None
    if len(wrong) < sum(v.relation is Relation.CONFLICT for v in case.values):
        return None
    if not wrong and not clashing:
        return _swap_verdict(case)
    if _in_doubt(case, clashing) or (read_polarity(case) == -1 and len(case.matches.at) > 1 and not claim_denies(case)):
        return None
    label = flip(Label.REFUTED, _place_denied(case, wrong, clashing))
    if wrong:
        return conclude(case, label, 0.92, DIFFERS, value=wrong[0])
    conflict = max(clashing, key=lambda c: c.strength)
    return conclude(case, label, conflict.strength, DIFFERS, conflict=conflict)


def _place_denied(case: Case, wrong: list[ValueFinding], clashing: list[Conflict]) -> bool:
    mine = wrong[0].mine if wrong else clashing[0].mine[0]
    return case.claim.tokens[mine].negated


def _swap_verdict(case: Case) -> Alignment | None:
    if case.swapped is None or case.conflicts or read_polarity(case) != 1:
        return None
    label = flip(Label.REFUTED, claim_denies(case))
    return conclude(case, label, case.swapped.strength, DIFFERS, conflict=case.swapped)


def _value_stands(case: Case, finding: ValueFinding) -> bool:
    """Whether the other value is really the value of what the claim speaks of."""
    token = case.evidence.tokens[finding.theirs]
    return not token.negated and (verbs_met(case.evidence, finding.theirs, case.matches) or _bound(case, finding))


def _bound_closely(case: Case, wrong: list[ValueFinding], clashing: list[Conflict]) -> bool:
    """ "Tenant pays a deposit of $2,400" is about the deposit too: the value stands right beside it."""
    return bool(wrong) and not clashing and all(_bound(case, finding) for finding in wrong)


_LOOSE_GAP = 4
"""How many words may stand between a noun and its value: "a deposit of at most $500"."""


def _bound(case: Case, finding: ValueFinding) -> bool:
    """Whether the value is said of a noun of the claim by mere nearness: "deposit of $2,400", "412 patients"."""
    if not case.attributive():
        return False
    tokens, taken = case.evidence.tokens, case.matches.taken()
    value = tokens[finding.theirs]
    if value.quantity is not None and value.quantity.noun:
        return any(at in taken for at in range(finding.theirs + 1, min(finding.theirs + 4, len(tokens))))
    for at in range(finding.theirs - 1, max(-1, finding.theirs - 1 - _LOOSE_GAP), -1):
        if tokens[at].kind is not Kind.WORD or tokens[at].lower in {"from", "with"}:
            return False
        if tokens[at].weight >= CONTENT_WEIGHT and not tokens[at].verb:
            return at in taken
    return False


def _in_doubt(case: Case, clashing: list[Conflict]) -> bool:
    """Permission to do a thing is not excluded by a partial duty to do its opposite."""
    if not clashing or any(conflict.kind == "limit" for conflict in clashing):
        return False
    partial = any(t.quantity is not None for t in case.evidence.tokens) and restricts(case.evidence.tokens) is not None
    return permits(case.claim.tokens) and partial and case.claim.amount is not Amount.ALL


_EMPTY_HEADS = lemma_set("city town country planet river mountain island state company book film novel game")


def about_same(case: Case) -> bool:
    """Whether the claim's subject is the subject of the sentence too, not a word in passing: "a city in Rome"."""
    tokens = case.evidence.tokens
    taken = case.matches.taken()
    for mine, theirs in case.matches.at.items():
        one = case.claim.tokens[mine]
        if theirs < 0 or not one.subject or one.preposition or one.weight < CONTENT_WEIGHT or one.clause:
            continue
        other = tokens[theirs]
        if (other.subject and not other.preposition) or (_in_one_role(one, other) and _does_something(case)):
            continue
        if _strange_subject(case, other.clause, taken):
            return False
    return True


def _in_one_role(one: Token, other: Token) -> bool:
    return one.role is other.role and one.role is not Role.NONE


def _does_something(case: Case) -> bool:
    """Whether the claim tells of a deed, which the sentence may tell the other way round. "Is located in" is none: what
    "overtook the tower in 1930" does to the tower says nothing of where it is."""
    verbs = [(at, token) for at, token in enumerate(case.claim.tokens) if token.verb and token.content]
    return any(token.weight >= CONTENT_WEIGHT or case.matches.at.get(at, -1) >= 0 for at, token in verbs)


def _strange_subject(case: Case, clause: int, taken: set[int]) -> bool:
    tokens = case.evidence.tokens
    heads = [
        at
        for at, t in enumerate(tokens)
        if t.subject and not t.preposition and t.weight >= CONTENT_WEIGHT and t.clause in {0, clause}
        and t.lemma not in _EMPTY_HEADS
    ]  # fmt: skip
    known = taken | {conflict.theirs for conflict in case.conflicts}
    names = {tokens[at].name for at in known if tokens[at].name >= 0}
    return any(at not in known and tokens[at].name not in names for at in heads)
