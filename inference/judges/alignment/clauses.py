"""Where a clause begins, what is its subject, which preposition governs a word and who does what to whom.

A few rules stand in for a grammar: a clause begins at a conjunction or comma behind which a verb follows; what stands
before the first verb is the subject; "was ... by" turns subject and object round.
"""

from collections.abc import Sequence

from inference.judges.alignment.lemma import is_participle
from inference.judges.alignment.tokens import Kind, Role, Token
from inference.judges.alignment.verbs import AUXILIARIES, COPULAS, HAVE_OR_DO, is_verb
from inference.judges.alignment.vocabulary import word_set

PREPOSITIONS = word_set(
    "of in on at to for from by with without as into onto upon about around between among through during against "
    "within over under above below than via near behind beyond inside outside across along off toward towards "
    "like before after since until till beside"
)
_CONJUNCTIONS = word_set(
    "but although though because while whereas which who whose whom where when if unless so however yet that"
)
_RELATIVES = word_set("which who whose whom that where")
_JOINS = frozenset(("and", "or", ","))
_BREAKS = frozenset((";", "—", "(", ")", ":"))
_LOOK_WORDS = 7
"""How far behind a comma a verb is looked for."""
_AROUND_VERB = word_set("also then later never not still now finally often always usually only")


def mark_verbs(tokens: Sequence[Token]) -> None:
    before = ""
    for token in tokens:
        if token.kind is Kind.WORD:
            token.verb = is_verb(token.lower, before) and not (
                token.capital and before and token.lower not in AUXILIARIES
            )
        before = "" if token.text == "A" and before else token.lower  # "drug A reduced" has no article


def _verb_follows(tokens: Sequence[Token], at: int) -> bool:
    """Whether behind the join at `at` comes a verb before the next join."""
    for token in tokens[at + 1 : at + 1 + _LOOK_WORDS]:
        if token.lower in _JOINS or token.lower in _BREAKS or token.lower in _CONJUNCTIONS:
            return False
        if token.verb and not token.lower.endswith("ing"):
            return True
    return False


def _coordinated(tokens: Sequence[Token], at: int) -> bool:
    """Whether "and" joins two verbs that the verb list alone could not be sure of: "designed and built"."""
    following = [t for t in tokens[at + 1 : at + 3] if t.lower not in _AROUND_VERB]
    return bool(following) and following[0].kind is Kind.WORD and is_verb(following[0].lower, "they")


def mark_clauses(tokens: Sequence[Token]) -> None:
    number, has_verb = 0, False
    for at, token in enumerate(tokens):
        joined = token.lower in _JOINS and has_verb and (_verb_follows(tokens, at) or _opens_verb(tokens, at))
        subordinate = token.lower in _CONJUNCTIONS and (has_verb or token.lower in {"although", "though", "but"})
        if token.lower == "that" and at and tokens[at - 1].kind is Kind.WORD and tokens[at - 1].verb:
            subordinate = False  # "says that": the words behind are what is said
        if joined and _opens_verb(tokens, at):
            tokens[at + 1].verb = True
        if token.lower in _BREAKS or joined or (subordinate and at > 0):
            number, has_verb = number + 1, False
        token.clause = number
        has_verb = has_verb or token.verb


def _opens_verb(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].lower == "and" and _coordinated(tokens, at) and not _noun_list(tokens, at)


def _noun_list(tokens: Sequence[Token], at: int) -> bool:
    """ "hydrogen and helium": what stands before is no verb, so what follows is none."""
    word = tokens[at + 1] if at + 1 < len(tokens) else None
    return word is None or not word.lower.endswith(("ed", "s", "t", "n", "e", "w")) or word.capital


def mark_prepositions(tokens: Sequence[Token]) -> None:
    current, clause = "", 0
    for at, token in enumerate(tokens):
        if token.clause != clause:
            current, clause = "", token.clause
        if token.lower in PREPOSITIONS and token.kind is Kind.WORD:
            current = "" if _infinitive(tokens, at) else token.lower
        elif token.verb:
            current = ""
        elif token.lower.rpartition(" ")[2] in PREPOSITIONS and token.content:
            current = token.lower.rpartition(" ")[2]  # "effective against", read as one word
        token.preposition = current


def _infinitive(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return tokens[at].lower == "to" and following is not None and is_verb(following.lower, "they")


def mark_roles(tokens: Sequence[Token]) -> None:
    by_clause: dict[int, list[Token]] = {}
    for token in tokens:
        by_clause.setdefault(token.clause, []).append(token)
    for clause in by_clause.values():
        _mark_clause(clause)


def _mark_clause(clause: Sequence[Token]) -> None:
    verbs = [at for at, token in enumerate(clause) if token.verb]
    if not verbs:
        return
    finite = [at for at in verbs if not _after_to(clause, at)] or verbs
    first = finite[0]
    passive = _passive(clause)
    acts = any(clause[at].lower not in AUXILIARIES for at in finite)
    relates = any(t.degree == "er" or t.lower in {"than", "before", "after"} for t in clause)
    doers = {at + 1 for at in range(len(clause) - 1) if _done_by(clause, at)}
    doing = False
    for at, token in enumerate(clause):
        doing = at in doers or (doing and token.preposition == "by")
        token.subject = at < first
        if token.content:
            token.role = Role.AGENT if doing and at > first else _role(token, passive, acts or relates)


def _after_to(clause: Sequence[Token], at: int) -> bool:
    return at > 0 and clause[at - 1].lower == "to"


def _role(token: Token, passive: bool, acts: bool) -> Role:
    if token.preposition == "by" and passive and not token.subject:
        return Role.AGENT
    if token.subject:
        return Role.NONE if token.preposition else Role.PATIENT if passive else Role.AGENT
    if passive or not acts:
        return Role.NONE if not token.preposition else Role.PATIENT
    return Role.PATIENT


def _passive(clause: Sequence[Token]) -> bool:
    """Whether a participle follows a form of "be" directly, adverbs aside, or "is a language created by"."""
    seen = False
    first = next((token for token in clause if token.verb), None)
    if first is not None and first.lower in COPULAS and any(_done_by(clause, at) for at in range(len(clause) - 1)):
        return True
    for token in clause:
        if token.lower in COPULAS:
            seen = True
        elif seen and token.verb and token.lower not in AUXILIARIES:
            return is_participle(token.lower)
        elif token.lower not in _AROUND_VERB and not token.lower.endswith("ly"):
            seen = False
    return False


def _done_by(clause: Sequence[Token], at: int) -> bool:
    token = clause[at]
    return clause[at + 1].lower == "by" and token.verb and is_participle(token.lower)


def governing_verb(tokens: Sequence[Token], at: int) -> int | None:
    """The verb on which the word at `at` hangs: the last one before it in its clause, or the first behind it."""
    verbs = [
        place
        for place, token in enumerate(tokens)
        if token.clause == tokens[at].clause and token.verb and token.content and token.lower not in HAVE_OR_DO
    ]
    before = [place for place in verbs if place < at]
    return before[-1] if before else verbs[0] if verbs and tokens[at].subject else None


def starts_relative(tokens: Sequence[Token], clause: int) -> bool:
    first = next((token for token in tokens if token.clause == clause and token.kind is Kind.WORD), None)
    return first is not None and first.lower in _RELATIVES
