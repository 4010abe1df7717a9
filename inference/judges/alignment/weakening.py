"""Whether a sentence takes back what it seems to say: "a dwarf planet", "if it rains", "was the capital until 1600"."""

from inference.judges.alignment.aligned_case import PRIVATIVE, Case
from inference.judges.alignment.clauses import governing_verb
from inference.judges.alignment.lemma import lemma_set
from inference.judges.alignment.quantity_words import permits
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind
from inference.judges.alignment.vocabulary import word_set


def weakened(case: Case) -> bool:
    """Whether the sentence takes back a noun that the claim states: "a dwarf planet", "if it rains"."""
    tokens = case.evidence.tokens
    if _bygone(case):
        return True
    for theirs in case.matches.taken():
        if _only_seems(case, theirs) or _narrowed(case, theirs):
            return True
        before = theirs - 1
        if before >= 0 and tokens[before].lower in PRIVATIVE and before not in case.matches.taken():
            return True
        if _conditional(case, tokens[theirs].clause) or _alternative(case, theirs):
            return True
    return False


_NO_MORE_OR_NEVER = word_set("fake counterfeit imitation mock former ex toy")


def only_so_called(case: Case) -> bool:
    """A dwarf planet is no planet, a former king no king."""
    tokens, taken = case.evidence.tokens, case.matches.taken()
    for theirs in taken:
        before = tokens[theirs - 1].lower if theirs else ""
        if theirs - 1 in taken or tokens[theirs].subject or (theirs > 1 and tokens[theirs - 2].lower in {"and", "or"}):
            continue
        if before in _NO_MORE_OR_NEVER or (before == "dwarf" and tokens[theirs].lower.startswith("planet")):
            return True
    return False


def _alternative(case: Case, theirs: int) -> bool:
    """ "Red or blue" is not red; "monosodium glutamate, or MSG" is both."""
    tokens = case.evidence.tokens
    if tokens[theirs].kind is not Kind.WORD or any(token.lower == "or" for token in case.claim.tokens):
        return False
    after = tokens[theirs + 1].lower == "or" if theirs + 1 < len(tokens) else False
    before = theirs > 1 and tokens[theirs - 1].lower == "or" and tokens[theirs - 2].lower != ","
    return (after or before) and not permits(tokens)


_PRESENT, _PAST = word_set("is are has have"), word_set("was were had been")

_BYGONE = word_set("until formerly once originally previously")


def _bygone(case: Case) -> bool:
    """ "Was the capital until 1600" is not "is the capital"."""
    claim, evidence = ({token.lower for token in s.tokens} for s in (case.claim, case.evidence))
    return bool(evidence & _BYGONE and evidence & _PAST and claim & _PRESENT) and not claim & (_PAST | _BYGONE)


_SINGLING = word_set("first last only sole")


def _narrowed(case: Case, theirs: int) -> bool:
    """ "The largest hot desert" is not the largest desert."""
    tokens, taken = case.evidence.tokens, case.matches.taken()
    singles = tokens[theirs].degree.startswith("est") or tokens[theirs].lower in _SINGLING
    following = theirs + 1
    if not singles or following + 1 >= len(tokens) or following in taken or tokens[following].preposition:
        return False
    narrows = tokens[following].kind is Kind.WORD and tokens[following].weight >= CONTENT_WEIGHT
    return narrows and any(at in taken for at in range(following + 1, min(following + 3, len(tokens))))


_SEEMS = lemma_set("look seem appear pretend resemble feel")


def _only_seems(case: Case, theirs: int) -> bool:
    """ "Looks yellow" is not "is yellow"."""
    if case.evidence.tokens[theirs].subject or any(token.lemma in _SEEMS for token in case.claim.tokens):
        return False
    verb = governing_verb(case.evidence.tokens, theirs)
    return verb is not None and case.evidence.tokens[verb].lemma in _SEEMS and verb not in case.matches.taken()


def _conditional(case: Case, clause: int) -> bool:
    said = any(token.lower in {"if", "unless"} for token in case.claim.tokens)
    return not said and any(t.clause == clause and t.lower in {"if", "unless"} for t in case.evidence.tokens)
