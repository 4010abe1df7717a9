"""Where a sentence says something else than a claim in the same place: an opposite, another name, a limit, a swap.

Each finder is given the words that met and looks at those of the claim that did not. A conflict is positive: the
sentence must fill the very place with something that excludes the claim's word. A difference alone is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.alignment.clauses import governing_verb
from inference.judges.alignment.lemma import lemma, lemma_set
from inference.judges.alignment.matching import SYNONYM, Matches
from inference.judges.alignment.names import Name, same_name
from inference.judges.alignment.opposites import Opposition, opposed
from inference.judges.alignment.places import exclude
from inference.judges.alignment.quantity_words import restricts
from inference.judges.alignment.statement import Statement
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Role, Token
from inference.judges.alignment.verbs import HAVE_OR_DO
from inference.judges.alignment.vocabulary import word_set


@dataclass(frozen=True, slots=True)
class Conflict:
    """The claim's tokens `mine` against the sentence's token `theirs`. `agrees`: two reversals that cancel out."""

    kind: str
    mine: tuple[int, ...]
    theirs: int
    strength: float
    agrees: bool = False


_UNLIMITED = lemma("unlimited")
OPPOSITE, SIBLING, NAMED, SWAPPED, LIMITED = "opposite", "sibling", "name", "swap", "limit"
_STRENGTH = {Opposition.CONTRADICTORY: 0.94, Opposition.CONTRARY: 0.92, Opposition.GROUP: 0.88}
_PLACES_STRENGTH, _NAMES_STRENGTH, _SWAP_STRENGTH, _LIMIT_STRENGTH = 0.92, 0.87, 0.86, 0.92


def _free(claim: Statement, matches: Matches) -> list[int]:
    return [at for at in claim.content() if at not in matches.at and claim.tokens[at].kind is Kind.WORD]


def opposites(claim: Statement, evidence: Statement, matches: Matches, swapped: bool) -> list[Conflict]:
    """Words of the claim whose opposite the sentence says in their place."""
    taken, found = matches.taken(), []
    for mine in _free(claim, matches):
        token = claim.tokens[mine]
        if token.subject and _has_predicate(claim) and not _compares(claim):
            continue
        best = _best_opposite(token, evidence, taken)
        if best is not None:
            theirs, kind = best
            conflict = _opposite_conflict(mine, theirs, kind, evidence.tokens[theirs], swapped)
            if conflict is not None:
                found.append(conflict)
                taken.add(theirs)
    return found


def _has_predicate(claim: Statement) -> bool:
    return any(token.verb for token in claim.tokens)


def _compares(claim: Statement) -> bool:
    return any(token.lower == "than" for token in claim.tokens)


def _best_opposite(token: Token, evidence: Statement, taken: set[int]) -> tuple[int, Opposition] | None:
    options = [
        (opposed(token.lemma, other.lemma), theirs)
        for theirs, other in enumerate(evidence.tokens)
        if other.kind is Kind.WORD and theirs not in taken and other.lemma and other.degree == token.degree
        and not other.subject
    ]  # fmt: skip
    options = [
        option for option in options if option[0] is not Opposition.NONE and _stands_alone(option, token, evidence)
    ]
    if not options:
        return None
    kind, theirs = max(options, key=lambda option: (option[0], -option[1]))
    return theirs, kind


def _stands_alone(option: tuple[Opposition, int], token: Token, evidence: Statement) -> bool:
    """A sibling ("fish" for "mammal") must be the only one said, and in the same place."""
    kind, theirs = option
    if kind is not Opposition.GROUP:
        return evidence.tokens[theirs].content or evidence.tokens[theirs].lower not in _LOOSE
    others = sum(
        1
        for other in evidence.tokens
        if other.lemma and other.lemma != evidence.tokens[theirs].lemma and not other.subject
        and opposed(token.lemma, other.lemma) is Opposition.GROUP
    )  # fmt: skip
    return others == 0 and evidence.tokens[theirs].preposition == token.preposition


_LOOSE = word_set("in out on off up down over under after before more less most least")
"""Too common to stand against each other wherever they occur."""


def _opposite_conflict(mine: int, theirs: int, kind: Opposition, other: Token, swapped: bool) -> Conflict | None:
    label = SIBLING if kind is Opposition.GROUP else OPPOSITE
    if other.negated:
        if kind is not Opposition.CONTRADICTORY:
            return None  # what is not hot need not be cold
        return Conflict(label, (mine,), theirs, 0.85, agrees=True)
    return Conflict(label, (mine,), theirs, _STRENGTH[kind], agrees=swapped)


def limits(claim: Statement, evidence: Statement, matches: Matches) -> list[Conflict]:
    """A claim of "unlimited" against a sentence that requires or limits."""
    free = [at for at in _free(claim, matches) if claim.tokens[at].lemma == _UNLIMITED and not claim.tokens[at].negated]
    if not free:
        return []
    limit = restricts(evidence.tokens)
    return [Conflict(LIMITED, tuple(free), limit, _LIMIT_STRENGTH)] if limit is not None else []


def match_contrast(claim: Statement, evidence: Statement, matches: Matches) -> None:
    """ "In Paris, not Rome", "fruits, not vegetables": what the claim only sets off needs no word in the sentence."""
    said = [at for at in matches.at if not claim.tokens[at].subject and not claim.tokens[at].negated]
    if not any(claim.tokens[at].weight >= CONTENT_WEIGHT for at in said):
        return
    places = [name.place for name in evidence.names if name.place and not evidence.tokens[name.tokens[0]].negated]
    for at in _free(claim, matches):
        token = claim.tokens[at]
        if not token.negated:
            continue
        named = claim.names[token.name].place if token.name >= 0 else None
        apart = any(opposed(token.lemma, t.lemma) is not Opposition.NONE for t in evidence.tokens if _stated(t))
        if apart or (named is not None and any(exclude(named, place) for place in places)):
            matches.add(at, -1, SYNONYM)


def _stated(token: Token) -> bool:
    return token.content and bool(token.lemma) and not token.negated and not token.subject


def ranks(claim: Statement, evidence: Statement, matches: Matches) -> list[Conflict]:
    """ "The second highest" against "the highest"."""
    for mine, token in enumerate(claim.tokens):
        if not token.degree.startswith("est"):
            continue
        for theirs, other in enumerate(evidence.tokens):
            differs = other.degree.startswith("est") and other.degree != token.degree
            if differs and token.keys & other.keys and not other.negated and not other.subject:
                ordinal = (mine - 1,) if mine and claim.tokens[mine - 1].content else ()
                for at in (*ordinal, mine):
                    matches.drop(at)
                return [Conflict(OPPOSITE, (*ordinal, mine), theirs, _STRENGTH[Opposition.CONTRARY])]
    return []


_SYMMETRIC = lemma_set(
    "marry wed meet border neighbour neighbor equal resemble share adjoin divorce differ collide connect join"
)


def swap(claim: Statement, evidence: Statement, matches: Matches) -> Conflict | None:
    """Agent and patient of the claim in each other's places."""
    if any(token.lemma in _SYMMETRIC for token in claim.tokens):
        return None
    turned = {Role.AGENT: [], Role.PATIENT: []}  # type: dict[Role, list[int]]
    for mine, theirs in matches.at.items():
        if theirs < 0 or not _participant(claim.tokens[mine]) or claim.tokens[mine].kind is not Kind.WORD:
            continue
        one, other = claim.tokens[mine].role, evidence.tokens[theirs].role
        if one is Role.NONE or other is Role.NONE:
            continue
        if one is other is Role.AGENT and _once(claim, mine) and _once(evidence, theirs):
            return None
        if one is other:
            continue
        turned[one].append(mine)
    if not (turned[Role.AGENT] and turned[Role.PATIENT]):
        return None
    agent = turned[Role.AGENT][-1]
    return Conflict(SWAPPED, (agent,), matches.at[agent], _SWAP_STRENGTH)


def _once(statement: Statement, at: int) -> bool:
    """Whether the word occurs once: "the left lung" and "the right lung" are told apart by the words before."""
    return sum(token.lemma == statement.tokens[at].lemma for token in statement.tokens) == 1


def _participant(token: Token) -> bool:
    return token.content and not token.verb and not token.degree and token.weight >= 1


_MANY_VALUED = lemma_set(
    "speak sell use find visit play include contain feature win border influence attend translate see eat "
    "grow appear perform kill cooperate support know own produce export import serve make cover cross "
    "star study work travel live"
)
"""Verbs of which several things are true at once: being spoken in Brazil does not exclude Portugal."""
_SOLE_ROLES = lemma_set(
    "capital author inventor founder creator discoverer writer painter composer director designer "
    "architect currency headquarters ceo nickname name president king queen client supplier vendor symbol"
)
_SOLE_DEEDS = lemma_set(
    "invent discover write paint compose create found design direct author develop devise establish make buy acquire"
)


def other_names(claim: Statement, evidence: Statement, matches: Matches) -> list[Conflict]:
    """Names of the claim in whose place the sentence has another name."""
    found = []
    taken = {theirs for mine, theirs in matches.at.items() if not claim.tokens[mine].negated or _all_denied(claim)}
    rivals = [n for n in evidence.names if not taken & set(n.tokens) and not evidence.tokens[n.tokens[0]].negated]
    for name in claim.names:
        free = tuple(at for at in name.tokens if at not in matches.at and claim.tokens[at].content)
        if not free:
            continue
        conflict = _rival(claim, name, free, evidence, rivals, matches)
        if conflict is not None:
            found.append(conflict)
    return found


def _all_denied(claim: Statement) -> bool:
    return all(token.negated for token in claim.tokens if token.content and not token.subject)


def other_subject(claim: Statement, evidence: Statement, matches: Matches) -> list[Conflict]:
    """ "Bone is the hardest substance" against "enamel is the hardest substance": only one can be."""
    subject = [at for at in claim.content() if claim.tokens[at].subject and not claim.tokens[at].preposition]
    theirs = [at for at, t in enumerate(evidence.tokens) if t.subject and t.weight >= CONTENT_WEIGHT and not t.clause]
    superlative = any(token.degree == "est" and not token.subject for token in claim.tokens)
    if not superlative or not subject or not theirs or any(at in matches.at for at in subject):
        return []
    if any(claim.tokens[at].name >= 0 for at in subject) or matches.taken() & set(theirs):
        return []
    return [Conflict(NAMED, tuple(subject), theirs[-1], _NAMES_STRENGTH)]


_TASKS = lemma_set(
    "write prepare draft order organise organize arrange submit present propose chair lead head pay fund sponsor "
    "succeed replace coordinate supervise deliver design build make teach"
)
_TASKED = word_set("will shall must")
"""What one does alone, as a rule: a task that was given out, a post that was filled."""
_ANOTHER_STRENGTH = 0.84


def other_agent(claim: Statement, evidence: Statement, matches: Matches) -> list[Conflict]:
    """In one document: "Tom will write the report" against "Priya will write the report"."""
    mine = [at for at, t in enumerate(claim.tokens) if _bare_subject(t) and t.clause == 0]
    if not mine or any(at in matches.at for at in mine) or _several(claim, mine):
        return []
    verbs = [at for at, t in enumerate(claim.tokens) if t.verb and t.weight >= CONTENT_WEIGHT]
    theirs = _doer(evidence, matches, [matches.at[at] for at in verbs if matches.at.get(at, -1) >= 0], bool(verbs))
    if theirs is None:
        return []
    one, other = claim.tokens[mine[-1]], evidence.tokens[theirs]
    excluded = opposed(one.lemma, other.lemma) is not Opposition.NONE
    named = one.name >= 0 and other.name >= 0 and _only_one_can(claim, verbs)
    named = named and not claim.names[one.name].words & evidence.names[other.name].words
    return [Conflict(NAMED, tuple(mine), theirs, _ANOTHER_STRENGTH)] if excluded or named else []


def _doer(evidence: Statement, matches: Matches, done: list[int], acts: bool) -> int | None:
    """Who does it in the sentence: the subject of its verb, or whom "the treasurer is" names."""
    taken = matches.taken()
    clauses = {evidence.tokens[at].clause for at in done or taken}
    theirs = [at for at, t in enumerate(evidence.tokens) if _bare_subject(t) and t.clause in clauses]
    if acts and not done:
        return None
    if not acts and theirs and taken & set(theirs):
        theirs = [at for at, t in enumerate(evidence.tokens) if t.name >= 0 and not t.subject and not t.preposition]
        theirs = [at for at in theirs if evidence.tokens[at].clause in clauses]
    if not theirs or taken & set(theirs) or _several(evidence, theirs):
        return None
    return theirs[-1]


def _bare_subject(token: Token) -> bool:
    return token.subject and not token.preposition and token.weight >= CONTENT_WEIGHT


def _several(statement: Statement, places: list[int]) -> bool:
    return any(t.lower in {"and", "or", ","} for t in statement.tokens[places[0] : places[-1] + 1])


def _only_one_can(claim: Statement, verbs: list[int]) -> bool:
    """Whether what the claim says of its subject is a certain deed or post, of which there is one."""
    tasked = any(t.lower in _TASKED for t in claim.tokens)
    if verbs and not tasked and not any(claim.tokens[at].lemma in _TASKS | _SOLE_DEEDS for at in verbs):
        return False
    predicate = [t for t in claim.tokens if not t.subject]
    certain = any(t.lower in {"the", "charge"} or t.lower.endswith("'s") or t.kind is Kind.DATE for t in predicate)
    return certain and any(t.weight >= CONTENT_WEIGHT and not t.verb for t in predicate)


def _rival(
    claim: Statement, name: Name, free: tuple[int, ...], evidence: Statement, rivals: Sequence[Name], matches: Matches
) -> Conflict | None:
    token = claim.tokens[name.tokens[-1]]
    if token.subject and token.preposition and token.role is Role.NONE:
        return None  # "the longest river in Asia" is another thing than the longest in Europe
    rivals = [r for r in rivals if token.subject or _of_the_subject(claim, evidence, r, matches)]
    in_place = [r for r in rivals if _same_place(claim, token, evidence, evidence.tokens[r.tokens[-1]], matches)]
    if name.place is not None:
        excluding = [r for r in in_place if r.place is not None and exclude(name.place, r.place)]
        others = [r for r in in_place if r.place is not None]
        if not excluding or len(excluding) < len(others) or not _one_valued(claim, evidence, excluding[0], matches):
            return None
        return Conflict(NAMED, free, excluding[0].tokens[0], _PLACES_STRENGTH)
    in_place = [r for r in in_place if not same_name(r.words, name.words) and r.place is None]
    if len(in_place) != 1 or not _one_valued(claim, evidence, in_place[0], matches):
        return None
    return Conflict(NAMED, free, in_place[0].tokens[0], _NAMES_STRENGTH)


def _of_the_subject(claim: Statement, evidence: Statement, rival: Name, matches: Matches) -> bool:
    """A rival that is the sentence's subject must be said to be the claim's: "Milk is bad for cats" names no cat."""
    if not evidence.tokens[rival.tokens[0]].subject:
        return True
    heads = [at for mine, at in matches.at.items() if claim.tokens[mine].subject and at >= 0]
    return all(evidence.tokens[at].preposition in {"", "of", "by"} for at in heads)


_PLACE_WORDS = (frozenset(("in", "at", "on", "near", "into", "to")), frozenset(("by",)), frozenset(("from", "of")))


def _same_place(claim: Statement, token: Token, evidence: Statement, other: Token, matches: Matches) -> bool:
    """Whether two names stand in the same relation to the words around them."""
    one, two = token.preposition, other.preposition
    if token.role is Role.AGENT and other.role is Role.AGENT and (token.subject or one == "by"):
        return _sole(claim) or (one == "by" and claim.tokens[0].lower in {"the", "this"})
    if token.subject and not one:
        if token.role is Role.PATIENT:
            return False  # "C was created by X" says nothing of what else X created
        return not two and (other.subject or other.role is not Role.PATIENT) and _sole(claim)
    if not one and not two and _does_many(claim):
        return False
    if one == two:
        return True
    return any({one, two} <= group for group in _PLACE_WORDS)


_SOLE_OBJECT = lemma_set("name call elect appoint choose succeed replace become represent head lead")


def _does_many(claim: Statement) -> bool:
    """Whether the claim's verb can have many objects: who wrote Hamlet may have written Macbeth too."""
    verbs = [token for token in claim.tokens if token.verb and token.weight >= CONTENT_WEIGHT]
    return bool(verbs) and not any(token.lemma in _SOLE_OBJECT for token in verbs)


def _sole(claim: Statement) -> bool:
    """Whether only one thing can be what the claim says of its subject."""
    for at, token in enumerate(claim.tokens):
        if token.degree.startswith("est") or token.lower in {"first", "last", "only", "sole"}:
            return True
        if token.lemma in _SOLE_ROLES and at and claim.tokens[at - 1].lower in {"the", "'s", "current"}:
            return True
        if token.lemma in _SOLE_DEEDS and token.verb and _certain_object(claim):
            return True
    return False


def _certain_object(claim: Statement) -> bool:
    """Whether the claim speaks of a certain work or find, not of novels or phones in general."""
    named = {token.name for token in claim.tokens if token.name >= 0 and token.role is not Role.AGENT}
    definite = any(
        token.lower == "the" and not (token.subject and claim.tokens[at + 1].role is Role.AGENT)
        for at, token in enumerate(claim.tokens[:-1])
    )
    single = not any(
        token.lower in {"a", "an"} or token.lower.endswith("s") for token in claim.tokens if not token.verb
    )
    return bool(named) or definite or single


def _one_valued(claim: Statement, evidence: Statement, rival: Name, matches: Matches) -> bool:
    """Whether the claim's verb has one value only, and the rival is its value in the sentence."""
    if any(t.lemma in _MANY_VALUED and t.verb and t.lower not in HAVE_OR_DO for t in claim.tokens) and not _sole(claim):
        return False
    return verbs_met(evidence, rival.tokens[0], matches)


def verbs_met(evidence: Statement, at: int, matches: Matches) -> bool:
    """Whether the verb on which the other value hangs is one that the claim says too, or a mere "is" or "stands"."""
    if evidence.tokens[at].subject and evidence.tokens[at].kind is not Kind.WORD:
        return True  # "a deposit of $500 is required"
    verb = governing_verb(evidence.tokens, at)
    return verb is None or verb in matches.taken() or evidence.tokens[verb].weight < CONTENT_WEIGHT
