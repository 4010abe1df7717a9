"""Joins a claim to one sentence: what is met, what differs, what is denied, and what follows for the claim.

The rules, for a claim that states something (for one that denies, support and refutation change places):
- support: the sentence says every weighty word of the claim, in the same roles, and denies none of them;
- refutation by denial: the sentence denies something that the claim says, and nothing narrower;
- refutation by conflict: the sentence says every weighty word of the claim but one, and in that one's place something
  that excludes it;
- anything else says nothing. A sentence about another subject never refutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.judges.alignment.clauses import governing_verb, starts_relative
from inference.judges.alignment.conflicts import (
    Conflict,
    limits,
    match_contrast,
    opposites,
    other_names,
    other_subject,
    ranks,
    swap,
    verbs_met,
)
from inference.judges.alignment.dates import Relation
from inference.judges.alignment.lemma import lemma_set
from inference.judges.alignment.matching import SYNONYM, Matches, match_context, match_words, said_by
from inference.judges.alignment.opposites import Opposition, opposed
from inference.judges.alignment.quantity_words import (
    Amount,
    amount_supported,
    amounts_conflict,
    doubt,
    obliges,
    permits,
    restricts,
)
from inference.judges.alignment.statement import Statement
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Role, Token
from inference.judges.alignment.values import ValueFinding, value_findings
from inference.judges.alignment.vocabulary import word_set
from inference.verdict import Label

_COVERED_MIN = 0.15
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
class _Case:
    """What is known while one sentence is weighed."""

    claim: Statement
    evidence: Statement
    matches: Matches
    values: list[ValueFinding] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    swapped: Conflict | None = None

    def missing(self) -> list[int]:
        """Weighty tokens of the claim that were neither met nor contradicted."""
        met = set(self.matches.at)
        for conflict in self.conflicts:
            met.update(conflict.mine)
        met.update(v.mine for v in self.values if v.relation is Relation.CONFLICT)
        return [at for at in self.claim.content() if at not in met and self.claim.tokens[at].weight >= CONTENT_WEIGHT]


def align_sentence(claim: Statement, evidence: Statement, context: Mapping[str, int]) -> Alignment:
    """Weighs one sentence. `context`: the keys of the title and of what was said before it in the passage."""
    matches = match_words(claim, evidence)
    match_context(claim, context, evidence, matches)
    _match_permission(claim, evidence, matches)
    match_contrast(claim, evidence, matches)
    case = _Case(claim, evidence, matches)
    if evidence.question or _covered(case) < _COVERED_MIN:
        return _verdict(case, Label.NOT_ENOUGH_EVIDENCE, 0.0, NOTHING)
    case.values = value_findings(claim, evidence, matches)
    case.swapped = swap(claim, evidence, matches)
    case.conflicts = opposites(claim, evidence, matches, case.swapped is not None)
    case.conflicts += ranks(claim, evidence, matches)
    case.conflicts += limits(claim, evidence, matches)
    case.conflicts += other_names(claim, evidence, matches)
    case.conflicts += other_subject(claim, evidence, matches)
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


def _covered(case: _Case) -> float:
    total = sum(case.claim.tokens[at].weight for at in case.claim.content()) or 1.0
    met = sum(case.claim.tokens[at].weight for at in case.matches.at if case.claim.tokens[at].content)
    return min(1.0, met / total)


def _verdict(
    case: _Case, label: Label, strength: float, kind: str, conflict: Conflict | None = None,
    value: ValueFinding | None = None,
) -> Alignment:  # fmt: skip
    hedge = doubt(case.claim.tokens, case.evidence.tokens)
    if hedge and label is not Label.NOT_ENOUGH_EVIDENCE:
        strength = 0.0 if hedge == 1.0 else strength - 0.1
        label = label if strength else Label.NOT_ENOUGH_EVIDENCE
    return Alignment(
        label, strength, _covered(case), kind, case.claim, case.evidence, case.matches, conflict, value,
        tuple(case.missing()), bool(hedge),
    )  # fmt: skip


def _nothing(case: _Case) -> Alignment:
    return _verdict(case, Label.NOT_ENOUGH_EVIDENCE, 0.0, NOTHING)


def _flip(label: Label, flipped: bool) -> Label:
    if not flipped:
        return label
    return Label.REFUTED if label is Label.SUPPORTED else Label.SUPPORTED


def _weigh(case: _Case) -> Alignment:
    for rule in (_by_denial, _by_conflict, _by_content):
        found = rule(case)
        if found is not None:
            return found
    return _nothing(case)


def _predicate(case: _Case) -> list[tuple[Token, Token]]:
    """The met words that are not the subject: (claim's, sentence's)."""
    pairs = _met_pairs(case)
    predicate = [(mine, theirs) for mine, theirs in pairs if not mine.subject] or pairs
    weighty = [(mine, theirs) for mine, theirs in predicate if mine.weight >= CONTENT_WEIGHT]
    return weighty or predicate


def _polarity(case: _Case) -> int:
    """1: both state or both deny; -1: one denies what the other states; 0: some of each."""
    turned = [c for c in case.conflicts if c.agrees and case.evidence.tokens[c.theirs].negated]
    if turned:  # "not open" and "closed"
        return -1 if case.claim.tokens[turned[0].mine[0]].negated else 1
    differing = [mine.negated != theirs.negated for mine, theirs in _met_pairs(case)]
    if not any(differing):
        return 1
    return -1 if all(mine.negated != theirs.negated for mine, theirs in _predicate(case)) else 0


def _met_pairs(case: _Case) -> list[tuple[Token, Token]]:
    pairs = [(case.claim.tokens[mine], case.evidence.tokens[at]) for mine, at in case.matches.at.items() if at >= 0]
    return [(mine, theirs) for mine, theirs in pairs if mine.content]


def _subject_met(case: _Case) -> bool:
    """Whether the sentence speaks of what the claim speaks of."""
    heads = [at for at, token in enumerate(case.claim.tokens) if token.subject and token.clause == 0 and token.content]
    heads = [at for at in heads if case.claim.tokens[at].weight >= CONTENT_WEIGHT]
    if not heads:
        return bool(case.matches.at)
    contradicted = {at for conflict in case.conflicts for at in conflict.mine} | {value.mine for value in case.values}
    return all(at in case.matches.at or at in contradicted for at in heads)


_PRIVATIVE = word_set(
    "dwarf fake former toy false mock alleged artificial counterfeit imitation failed attempted proposed planned "
    "honorary virtual model replica ex anti non minor near"
)
_TRAILING = word_set("in with without since by for during from at on to")


def _denied_words(case: _Case) -> list[int]:
    return [at for at, t in enumerate(case.evidence.tokens) if t.negated and t.weight >= CONTENT_WEIGHT]


def _by_denial(case: _Case) -> Alignment | None:
    """The sentence denies: what a clause of it denies must be what the claim says, or hold it."""
    denied = _denied_words(case)
    if not denied or not _subject_met(case):
        return None
    clauses = sorted({case.evidence.tokens[at].clause for at in denied})
    found = (
        _by_denying_clause(case, [at for at in denied if case.evidence.tokens[at].clause == c], c) for c in clauses
    )
    return next((verdict for verdict in found if verdict is not None), None)


def _by_denying_clause(case: _Case, denied: list[int], clause: int) -> Alignment | None:
    if not _subject_said(case, clause):
        return None
    taken = said_by(case.claim, case.evidence, case.matches)
    met = [at for at in denied if at in taken]
    left = [at for at in denied if at not in taken]
    left = [at for at in left if not _listed(case, at, met)]
    if not met or not _same_standing(case, met, taken):
        return None
    if any(case.claim.tokens[taken[at]].negated != case.claim.tokens[taken[met[0]]].negated for at in met):
        return None
    return _denial_verdict(case, met, left, denies_too=case.claim.tokens[taken[met[0]]].negated)


def _denial_verdict(case: _Case, met: list[int], left: list[int], denies_too: bool) -> Alignment | None:
    missing = case.missing()
    label = _flip(Label.REFUTED, denies_too)
    if case.swapped is not None or any(conflict.agrees for conflict in case.conflicts):
        return None
    if _privative_between(case, met):
        return None
    if not left:
        stated = [at for at in missing if not case.claim.tokens[at].negated]
        if denies_too and stated:
            return None
        return _verdict(case, label, 0.98 if not missing else 0.88, DENIED)
    soft = all(_trails(case, at, met) for at in left)
    superlative = any(case.evidence.tokens[at].degree for at in met)
    if not missing and soft and not superlative:
        return _verdict(case, label, 0.85, DENIED)
    return None


_WHOLE = word_set("once whole entire alone only")
_LISTING = frozenset((",", "or", "nor", "and", "the", "a", "an", "in", "of", "by"))


def _listed(case: _Case, at: int, met: list[int]) -> bool:
    """Whether a denied word stands in one list with a met one: "not in Rome, London or Berlin"."""
    for other in met:
        between = case.evidence.tokens[min(at, other) + 1 : max(at, other)]
        joins = any(t.lower in {",", "or", "nor", "and"} for t in between)
        if joins and all(t.lower in _LISTING or (t.content and not t.verb) for t in between):
            return True
    return False


def _trails(case: _Case, at: int, met: list[int]) -> bool:
    """Whether a denied word that the claim lacks only hangs on behind: "with the naked eye"."""
    token = case.evidence.tokens[at]
    if at < max(met) or token.kind is Kind.QUANTITY or token.lower in _WHOLE:
        return False
    return token.preposition in _TRAILING or (token.preposition == "of" and token.name >= 0)


def _subject_said(case: _Case, clause: int) -> bool:
    """Whether the claim says the subject of the denying clause too."""
    tokens = case.evidence.tokens
    subject = [at for at, t in enumerate(tokens) if t.clause == clause and t.subject and t.weight >= CONTENT_WEIGHT]
    if not subject and clause and not starts_relative(tokens, clause):
        subject = [at for at, t in enumerate(tokens) if t.clause == 0 and t.subject and t.weight >= CONTENT_WEIGHT]
    taken = case.matches.taken()
    names = {tokens[at].name for at in taken}
    return all(
        at in taken
        or (tokens[at].name >= 0 and (tokens[at].name in names or tokens[at].preposition == "of"))
        or _demonym(tokens[at])
        or (tokens[at].negated and _listed(case, at, [other for other in subject if other in taken]))
        for at in subject
    )


def _demonym(token: Token) -> bool:
    """ "Egyptian" in "the Egyptian pyramids" narrows little."""
    return any(key.startswith("@") and key[1:] != token.lower for key in token.keys)


def _same_standing(case: _Case, met: list[int], taken: dict[int, int]) -> bool:
    """Whether the denied words stand in the claim as they do in the sentence: "a planet", not "than a planet"."""
    last = case.evidence.tokens[met[-1]]
    mine = case.claim.tokens[taken[met[-1]]]
    if not any(t.verb and t.content for t in case.claim.tokens) and mine.subject and not case.missing():
        return True  # "the capital of Italy is Milan" and "Milan is not the capital of Italy"
    if mine.subject and not last.subject and _statement_verb(case) and not _turned(mine, last):
        return False
    if last.preposition or mine.verb:
        return True
    return not mine.preposition or mine.preposition in {"by", "of"}


def _turned(mine: Token, theirs: Token) -> bool:
    """Subject and object change places between "built the wall" and "the wall was built"."""
    return mine.role is theirs.role and mine.role is not Role.NONE


def _statement_verb(case: _Case) -> bool:
    return any(token.verb for token in case.claim.tokens)


def _privative_between(case: _Case, met: list[int]) -> bool:
    """Whether the claim takes back what its noun says: a dwarf planet is no planet."""
    taken = said_by(case.claim, case.evidence, case.matches)
    return any(
        mine and case.claim.tokens[mine - 1].lower in _PRIVATIVE and (mine - 1) not in case.matches.at
        for mine in (taken[at] for at in met)
    )


def _by_conflict(case: _Case) -> Alignment | None:
    """All is met but one place, and there the sentence has something that excludes the claim's word."""
    wrong = [v for v in case.values if v.relation is Relation.CONFLICT and _value_stands(case, v)]
    clashing = [conflict for conflict in case.conflicts if not conflict.agrees]
    if not wrong and not clashing and case.swapped is None:
        return None
    if not _subject_met(case) or not _about_same(case) or case.missing():
        return None
    if len(wrong) < sum(v.relation is Relation.CONFLICT for v in case.values):
        return None
    if not wrong and not clashing:
        return _swap_verdict(case)
    if _in_doubt(case, clashing) or (_polarity(case) == -1 and len(case.matches.at) > 1 and not _claim_denies(case)):
        return None
    label = _flip(Label.REFUTED, _place_denied(case, wrong, clashing))
    if wrong:
        return _verdict(case, label, 0.92, DIFFERS, value=wrong[0])
    conflict = max(clashing, key=lambda c: c.strength)
    return _verdict(case, label, conflict.strength, DIFFERS, conflict=conflict)


def _claim_denies(case: _Case) -> bool:
    return any(token.negated for token in case.claim.tokens)


def _place_denied(case: _Case, wrong: list[ValueFinding], clashing: list[Conflict]) -> bool:
    mine = wrong[0].mine if wrong else clashing[0].mine[0]
    return case.claim.tokens[mine].negated


def _swap_verdict(case: _Case) -> Alignment | None:
    if case.swapped is None or case.conflicts or _polarity(case) != 1:
        return None
    label = _flip(Label.REFUTED, _claim_denies(case))
    return _verdict(case, label, case.swapped.strength, DIFFERS, conflict=case.swapped)


def _value_stands(case: _Case, finding: ValueFinding) -> bool:
    """Whether the other value is really the value of what the claim speaks of."""
    token = case.evidence.tokens[finding.theirs]
    return not token.negated and verbs_met(case.evidence, finding.theirs, case.matches)


def _in_doubt(case: _Case, clashing: list[Conflict]) -> bool:
    """Permission to do a thing is not excluded by a partial duty to do its opposite."""
    if not clashing or any(conflict.kind == "limit" for conflict in clashing):
        return False
    partial = any(t.quantity is not None for t in case.evidence.tokens) and restricts(case.evidence.tokens) is not None
    return permits(case.claim.tokens) and partial and case.claim.amount is not Amount.ALL


_EMPTY_HEADS = lemma_set("city town country planet river mountain island state company book film novel game")


def _about_same(case: _Case) -> bool:
    """Whether the claim's subject is the subject of the sentence too, not a word in passing: "a city in Rome"."""
    tokens = case.evidence.tokens
    taken = case.matches.taken()
    for mine, theirs in case.matches.at.items():
        one = case.claim.tokens[mine]
        if theirs < 0 or not one.subject or one.preposition or one.weight < CONTENT_WEIGHT or one.clause:
            continue
        other = tokens[theirs]
        if (other.subject and not other.preposition) or (one.role is other.role and one.role is not Role.NONE):
            continue
        if _strange_subject(case, other.clause, taken):
            return False
    return True


def _strange_subject(case: _Case, clause: int, taken: set[int]) -> bool:
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


def _by_content(case: _Case) -> Alignment | None:
    """Everything the claim says is said; the polarity decides which way."""
    polarity = _polarity(case)
    if polarity == 0 or not _all_said(case):
        return None
    if case.claim.partial or case.evidence.partial:
        return _by_partial(case)
    if amounts_conflict(case.claim.amount, case.evidence.amount):
        return _verdict(case, Label.REFUTED, 0.88, AMOUNT) if polarity == 1 and not _claim_denies(case) else None
    return _against(case) if polarity == -1 else _for(case)


def _all_said(case: _Case) -> bool:
    """Whether the sentence itself says the whole claim, of the same thing, in the same roles."""
    if case.missing() or any(not conflict.agrees for conflict in case.conflicts):
        return False
    if case.swapped is not None and not _cancelled(case):
        return False
    if any(v.relation is not Relation.SAME and v.mine not in case.matches.at for v in case.values):
        return False
    if not any(mine.weight >= CONTENT_WEIGHT for mine, _ in _met_pairs(case)):
        return False  # all of it was said elsewhere
    predicate = [at for at in case.claim.content() if not case.claim.tokens[at].subject]
    if predicate and not any(at in case.matches.at for at in predicate) and not case.conflicts:
        return False  # only its subject is said
    return _about_same(case) and not _side_by_side(case) and not _by_another(case)


def _for(case: _Case) -> Alignment | None:
    if _only_so_called(case):
        return _verdict(case, _flip(Label.REFUTED, _claim_denies(case)), 0.85, DIFFERS)
    if _weakened(case) or not amount_supported(case.claim.amount, case.evidence.amount):
        return None
    if obliges(case.claim.tokens) and permits(case.evidence.tokens) and not obliges(case.evidence.tokens):
        return _verdict(case, Label.REFUTED, 0.84, DUTY)
    return _verdict(case, Label.SUPPORTED, _support(case), SAID, value=_agreeing_value(case))


def _by_another(case: _Case) -> bool:
    """ "Written by X with art by Y" is not "written by Y"."""
    tokens = case.evidence.tokens
    verbs = [at for mine, at in case.matches.at.items() if at >= 0 and case.claim.tokens[mine].verb]
    for mine, at in case.matches.at.items():
        if at < 0 or case.claim.tokens[mine].preposition != "by" or not verbs or at < verbs[-1]:
            continue
        if sum(token.lower == "by" for token in tokens[verbs[-1] : at]) > 1:
            return True
    return False


def _side_by_side(case: _Case) -> bool:
    """ "X and Y are ..." says nothing of the sort "X is Y"."""
    tokens = case.evidence.tokens
    places = [(case.claim.tokens[mine], at) for mine, at in case.matches.at.items() if at >= 0]
    bare = [(mine, at) for mine, at in places if tokens[at].subject and not tokens[at].preposition]
    first = [at for mine, at in bare if mine.content and mine.subject and not mine.preposition]
    second = [at for mine, at in bare if mine.content and not mine.subject and not mine.preposition and not mine.verb]
    return any(_joined(tokens[min(a, b) : max(a, b)]) for a in first for b in second)


def _joined(between: Sequence[Token]) -> bool:
    return any(token.lower in {"and", "or"} for token in between)


def _cancelled(case: _Case) -> bool:
    return any(conflict.agrees for conflict in case.conflicts)


def _against(case: _Case) -> Alignment | None:
    """One denies what the other states. A sentence that denies was heard before: here the claim denies."""
    if _claim_denies(case) and not any(t.negated for t in case.evidence.tokens):
        return None if _weakened(case) else _verdict(case, Label.REFUTED, 0.93, DENIED)
    if case.claim.amount is Amount.ALL and any(t.negated for t in case.evidence.tokens):
        return _verdict(case, Label.REFUTED, 0.88, AMOUNT)
    return None


def _by_partial(case: _Case) -> Alignment | None:
    """ "Not all" on one side: it denies "all" and says nothing else."""
    if case.claim.partial and case.evidence.partial:
        return _verdict(case, Label.SUPPORTED, 0.9, SAID)
    other = case.evidence.amount if case.claim.partial else case.claim.amount
    if other is not Amount.ALL:
        return None
    return _verdict(case, Label.REFUTED, 0.9, AMOUNT)


def _weakened(case: _Case) -> bool:
    """Whether the sentence takes back a noun that the claim states: "a dwarf planet", "if it rains"."""
    tokens = case.evidence.tokens
    if _bygone(case):
        return True
    for theirs in case.matches.taken():
        if _only_seems(case, theirs) or _narrowed(case, theirs):
            return True
        before = theirs - 1
        if before >= 0 and tokens[before].lower in _PRIVATIVE and before not in case.matches.taken():
            return True
        if _conditional(case, tokens[theirs].clause) or _alternative(case, theirs):
            return True
    return False


_NO_MORE_OR_NEVER = word_set("fake counterfeit imitation mock former ex toy")


def _only_so_called(case: _Case) -> bool:
    """A dwarf planet is no planet, a former king no king."""
    tokens, taken = case.evidence.tokens, case.matches.taken()
    for theirs in taken:
        before = tokens[theirs - 1].lower if theirs else ""
        if theirs - 1 in taken or tokens[theirs].subject:
            continue
        if before in _NO_MORE_OR_NEVER or (before == "dwarf" and tokens[theirs].lower.startswith("planet")):
            return True
    return False


def _alternative(case: _Case, theirs: int) -> bool:
    """ "Red or blue" is not red; "monosodium glutamate, or MSG" is both."""
    tokens = case.evidence.tokens
    if tokens[theirs].kind is not Kind.WORD or any(token.lower == "or" for token in case.claim.tokens):
        return False
    after = tokens[theirs + 1].lower == "or" if theirs + 1 < len(tokens) else False
    before = theirs > 1 and tokens[theirs - 1].lower == "or" and tokens[theirs - 2].lower != ","
    return (after or before) and not permits(tokens)


_PRESENT, _PAST = word_set("is are has have"), word_set("was were had been")
_BYGONE = word_set("until formerly once originally previously")


def _bygone(case: _Case) -> bool:
    """ "Was the capital until 1600" is not "is the capital"."""
    claim, evidence = ({token.lower for token in s.tokens} for s in (case.claim, case.evidence))
    return bool(evidence & _BYGONE and evidence & _PAST and claim & _PRESENT) and not claim & (_PAST | _BYGONE)


_SINGLING = word_set("first last only sole")


def _narrowed(case: _Case, theirs: int) -> bool:
    """ "The largest hot desert" is not the largest desert."""
    tokens, taken = case.evidence.tokens, case.matches.taken()
    singles = tokens[theirs].degree.startswith("est") or tokens[theirs].lower in _SINGLING
    following = theirs + 1
    if not singles or following + 1 >= len(tokens) or following in taken or tokens[following].preposition:
        return False
    narrows = tokens[following].kind is Kind.WORD and tokens[following].weight >= CONTENT_WEIGHT
    return narrows and any(at in taken for at in range(following + 1, min(following + 3, len(tokens))))


_SEEMS = lemma_set("look seem appear pretend resemble feel")


def _only_seems(case: _Case, theirs: int) -> bool:
    """ "Looks yellow" is not "is yellow"."""
    if case.evidence.tokens[theirs].subject or any(token.lemma in _SEEMS for token in case.claim.tokens):
        return False
    verb = governing_verb(case.evidence.tokens, theirs)
    return verb is not None and case.evidence.tokens[verb].lemma in _SEEMS and verb not in case.matches.taken()


def _conditional(case: _Case, clause: int) -> bool:
    said = any(token.lower in {"if", "unless"} for token in case.claim.tokens)
    return not said and any(t.clause == clause and t.lower in {"if", "unless"} for t in case.evidence.tokens)


def _support(case: _Case) -> float:
    sure = [case.matches.sure[at] for at in case.matches.at if case.claim.tokens[at].content]
    least = min(sure, default=1.0)
    light = sum(1 for at in case.claim.content() if at not in case.matches.at)
    return max(0.75, 0.97 * (0.5 + 0.5 * least) - 0.01 * light - (0.05 if _cancelled(case) else 0.0))


def _agreeing_value(case: _Case) -> ValueFinding | None:
    return next((v for v in case.values if v.relation is Relation.SAME), None)
