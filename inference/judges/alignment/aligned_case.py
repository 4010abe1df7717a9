"""A claim beside one sentence: what is known of the two while they are weighed, and what is concluded.

Facts only; which of them decide is said by the rules in `denial`, `contradiction` and `agreement`.
"""

from dataclasses import dataclass, field

from inference.judges.alignment.conflicts import (
    Conflict,
)
from inference.judges.alignment.dates import Relation
from inference.judges.alignment.lemma import lemma_set
from inference.judges.alignment.matching import Matches
from inference.judges.alignment.quantity_words import (
    doubt,
)
from inference.judges.alignment.statement import Statement
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Token
from inference.judges.alignment.values import ValueFinding
from inference.judges.alignment.vocabulary import word_set
from inference.verdict import Label

COVERED_MIN = 0.15
"""A sentence that says less of a claim than this share speaks of something else."""

SAID, DENIED, DIFFERS, AMOUNT, DUTY, NOTHING = "said", "denied", "differs", "amount", "duty", "nothing"


@dataclass(frozen=True, slots=True)
class Alignment:
    """What one sentence says of a claim.

    `strength`: how surely, 0 to 1; `covered`: the share of the claim of which it speaks.
    """

    label: Label
    strength: float
    covered: float
    kind: str
    claim: Statement
    evidence: Statement
    matches: Matches
    conflict: Conflict | None = None
    value: ValueFinding | None = None
    missing: tuple[int, ...] = ()
    hedged: bool = False


@dataclass(slots=True)
class Case:
    """What is known while one sentence is weighed."""

    claim: Statement
    evidence: Statement
    matches: Matches
    given: bool = False
    """Whether the sentence is of the document that the claim is about."""
    values: list[ValueFinding] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    swapped: Conflict | None = None

    def missing(self) -> list[int]:
        """Weighty tokens of the claim that were neither met nor contradicted."""
        met = set(self.matches.at)
        for conflict in self.conflicts:
            met.update(conflict.mine)
        met.update(v.mine for v in self.values if v.relation is Relation.CONFLICT)
        return [at for at in self.claim.content() if at not in met and self._needed(self.claim.tokens[at])]

    def _needed(self, token: Token) -> bool:
        """In a given document "the trial included 412 patients" is said by "a trial of 412 patients"."""
        return token.weight >= CONTENT_WEIGHT and not (self.given and token.verb and token.lemma in _GENERIC_VERBS)

    def attributive(self) -> bool:
        """Whether the claim only says what something is or has: it has no verb that does anything."""
        verbs = [token for token in self.claim.tokens if token.verb and token.content]
        return self.given and all(token.lemma in _GENERIC_VERBS for token in verbs)


_GENERIC_VERBS = lemma_set(
    "be have include contain comprise involve last cost total amount equal occur happen exist number run hold take "
    "feature stand enrol enroll"
)


def covered_share(case: Case) -> float:
    total = sum(case.claim.tokens[at].weight for at in case.claim.content()) or 1.0
    met = sum(case.claim.tokens[at].weight for at in case.matches.at if case.claim.tokens[at].content)
    return min(1.0, met / total)


def conclude(
    case: Case, label: Label, strength: float, kind: str, conflict: Conflict | None = None,
    value: ValueFinding | None = None,
) -> Alignment:  # fmt: skip
    hedge = doubt(case.claim.tokens, case.evidence.tokens)
    if hedge and label is not Label.NOT_ENOUGH_EVIDENCE:
        strength = 0.0 if hedge == 1.0 else strength - 0.1
        label = label if strength else Label.NOT_ENOUGH_EVIDENCE
    return Alignment(
        label, strength, covered_share(case), kind, case.claim, case.evidence, case.matches, conflict, value,
        tuple(case.missing()), bool(hedge),
    )  # fmt: skip


def flip(label: Label, flipped: bool) -> Label:
    if not flipped:
        return label
    return Label.REFUTED if label is Label.SUPPORTED else Label.SUPPORTED


def predicate_pairs(case: Case) -> list[tuple[Token, Token]]:
    """The met words that are not the subject: (claim's, sentence's)."""
    pairs = met_pairs(case)
    predicate = [(mine, theirs) for mine, theirs in pairs if not mine.subject] or pairs
    weighty = [(mine, theirs) for mine, theirs in predicate if mine.weight >= CONTENT_WEIGHT]
    return weighty or predicate


def read_polarity(case: Case) -> int:
    """1: both state or both deny; -1: one denies what the other states; 0: some of each."""
    turned = [c for c in case.conflicts if c.agrees and case.evidence.tokens[c.theirs].negated]
    if turned:  # "not open" and "closed"
        return -1 if case.claim.tokens[turned[0].mine[0]].negated else 1
    differing = [mine.negated != theirs.negated for mine, theirs in met_pairs(case)]
    if not any(differing):
        return 1
    return -1 if all(mine.negated != theirs.negated for mine, theirs in predicate_pairs(case)) else 0


def met_pairs(case: Case) -> list[tuple[Token, Token]]:
    pairs = [(case.claim.tokens[mine], case.evidence.tokens[at]) for mine, at in case.matches.at.items() if at >= 0]
    return [(mine, theirs) for mine, theirs in pairs if mine.content]


def subject_met(case: Case) -> bool:
    """Whether the sentence speaks of what the claim speaks of."""
    heads = [at for at, token in enumerate(case.claim.tokens) if token.subject and token.clause == 0 and token.content]
    heads = [at for at in heads if case.claim.tokens[at].weight >= CONTENT_WEIGHT]
    heads = [at for at in heads if case.claim.tokens[at].kind is not Kind.QUANTITY] or heads
    if not heads:
        return bool(case.matches.at)
    contradicted = {at for conflict in case.conflicts for at in conflict.mine} | {value.mine for value in case.values}
    return all(at in case.matches.at or at in contradicted for at in heads)


PRIVATIVE = word_set(
    "dwarf fake former toy false mock alleged artificial counterfeit imitation failed attempted proposed planned "
    "honorary virtual model replica ex anti non minor near"
)


def claim_denies(case: Case) -> bool:
    return any(token.negated for token in case.claim.tokens)


def cancelled(case: Case) -> bool:
    return any(conflict.agrees for conflict in case.conflicts)
