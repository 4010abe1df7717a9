"""The sentence denies: whether what it denies is what the claim says."""

from inference.judges.alignment.aligned_case import DENIED, PRIVATIVE, Alignment, Case, conclude, flip, subject_met
from inference.judges.alignment.clauses import starts_relative
from inference.judges.alignment.matching import said_by
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Role, Token
from inference.judges.alignment.vocabulary import word_set
from inference.verdict import Label

_TRAILING = word_set("in with without since by for during from at on to")


def _denied_words(case: Case) -> list[int]:
    denied = [at for at, t in enumerate(case.evidence.tokens) if t.negated and t.content]
    return [at for at in denied if case.evidence.tokens[at].weight >= CONTENT_WEIGHT] or denied


def by_denial(case: Case) -> Alignment | None:
    """The sentence denies: what a clause of it denies must be what the claim says, or hold it."""
    denied = _denied_words(case)
    if not denied or not subject_met(case):
        return None
    clauses = sorted({case.evidence.tokens[at].clause for at in denied})
    found = (
        _by_denying_clause(case, [at for at in denied if case.evidence.tokens[at].clause == c], c) for c in clauses
    )
    return next((verdict for verdict in found if verdict is not None), None)


def _by_denying_clause(case: Case, denied: list[int], clause: int) -> Alignment | None:
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


def _denial_verdict(case: Case, met: list[int], left: list[int], denies_too: bool) -> Alignment | None:
    missing = case.missing()
    label = flip(Label.REFUTED, denies_too)
    if case.swapped is not None or any(conflict.agrees for conflict in case.conflicts):
        return None
    if _privative_between(case, met):
        return None
    if not left:
        stated = [at for at in missing if not case.claim.tokens[at].negated]
        if denies_too and stated:
            return None
        return conclude(case, label, 0.98 if not missing else 0.88, DENIED)
    soft = all(_trails(case, at, met) for at in left)
    superlative = any(case.evidence.tokens[at].degree for at in met)
    if not missing and soft and not superlative:
        return conclude(case, label, 0.85, DENIED)
    return None


_WHOLE = word_set("once whole entire alone only")

_LISTING = frozenset((",", "or", "nor", "and", "the", "a", "an", "in", "of", "by"))


def _listed(case: Case, at: int, met: list[int]) -> bool:
    """Whether a denied word stands in one list with a met one: "not in Rome, London or Berlin"."""
    for other in met:
        between = case.evidence.tokens[min(at, other) + 1 : max(at, other)]
        joins = any(t.lower in {",", "or", "nor", "and"} for t in between)
        if joins and all(t.lower in _LISTING or (t.content and not t.verb) for t in between):
            return True
    return False


def _trails(case: Case, at: int, met: list[int]) -> bool:
    """Whether a denied word that the claim lacks only hangs on behind: "with the naked eye"."""
    token = case.evidence.tokens[at]
    if at < max(met) or token.kind is Kind.QUANTITY or token.lower in _WHOLE:
        return False
    return token.preposition in _TRAILING or (token.preposition == "of" and token.name >= 0)


def _subject_said(case: Case, clause: int) -> bool:
    """Whether the claim says the subject of the denying clause too."""
    tokens = case.evidence.tokens
    subject = [at for at, t in enumerate(tokens) if t.clause == clause and t.subject and t.weight >= CONTENT_WEIGHT]
    if case.given:  # "the budget of 20,000 euros" of the document is its budget
        subject = [at for at in subject if not tokens[at].preposition] or subject
    if not subject and clause and not starts_relative(tokens, clause):
        subject = [at for at, t in enumerate(tokens) if t.clause == 0 and t.subject and t.weight >= CONTENT_WEIGHT]
    if _spoken_of_oneself(case, clause):
        return False
    taken = case.matches.taken()
    names = {tokens[at].name for at in taken}
    return all(
        at in taken
        or (tokens[at].name >= 0 and (tokens[at].name in names or tokens[at].preposition == "of"))
        or _demonym(tokens[at])
        or (tokens[at].negated and _listed(case, at, [other for other in subject if other in taken]))
        for at in subject
    )


_SPEAKERS = word_set("i we")


def _spoken_of_oneself(case: Case, clause: int) -> bool:
    """ "I don't know" says nothing of what others know."""
    said = {token.lower for token in case.claim.tokens}
    return any(t.clause == clause and t.subject and t.lower in _SPEAKERS - said for t in case.evidence.tokens)


def _demonym(token: Token) -> bool:
    """ "Egyptian" in "the Egyptian pyramids" narrows little."""
    return any(key.startswith("@") and key[1:] != token.lower for key in token.keys)


def _same_standing(case: Case, met: list[int], taken: dict[int, int]) -> bool:
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


def _statement_verb(case: Case) -> bool:
    return any(token.verb for token in case.claim.tokens)


def _privative_between(case: Case, met: list[int]) -> bool:
    """Whether the claim takes back what its noun says: a dwarf planet is no planet."""
    taken = said_by(case.claim, case.evidence, case.matches)
    return any(
        mine and case.claim.tokens[mine - 1].lower in PRIVATIVE and (mine - 1) not in case.matches.at
        for mine in (taken[at] for at in met)
    )
