"""Words that say of how many, how often and whether one has to: "all", "some", "never", "must", "unlimited".

Only what one such word says of another; numbers are read elsewhere.
"""

from collections.abc import Sequence
from enum import IntEnum

from inference.judges.alignment.tokens import Kind, Token
from inference.judges.alignment.vocabulary import word_set


class Amount(IntEnum):
    """How many, from none to all. A bare plural is UNSAID."""

    UNSAID = -1
    NONE = 0
    FEW = 1
    SOME = 2
    MANY = 3
    MOST = 4
    ALL = 5


_AMOUNTS = {
    "all": Amount.ALL, "every": Amount.ALL, "each": Amount.ALL, "always": Amount.ALL, "everyone": Amount.ALL,
    "everybody": Amount.ALL, "entirely": Amount.ALL, "whole": Amount.ALL, "constantly": Amount.ALL,
    "most": Amount.MOST, "usually": Amount.MOST, "generally": Amount.MOST, "mostly": Amount.MOST,
    "majority": Amount.MOST,
    "many": Amount.MANY, "often": Amount.MANY, "frequently": Amount.MANY, "numerous": Amount.MANY,
    "some": Amount.SOME, "sometimes": Amount.SOME, "several": Amount.SOME, "occasionally": Amount.SOME,
    "partly": Amount.SOME, "partially": Amount.SOME,
    "few": Amount.FEW, "rarely": Amount.FEW, "seldom": Amount.FEW, "little": Amount.FEW, "minority": Amount.FEW,
}  # fmt: skip


def amount(tokens: Sequence[Token]) -> Amount:
    """The first such word of a statement that is no superlative ("most famous") and no "a few"."""
    for at, token in enumerate(tokens):
        found = _AMOUNTS.get(token.lower) if token.kind is Kind.WORD else None
        if found is None or _other_use(tokens, at):
            continue
        return Amount.SOME if token.lower == "few" and at and tokens[at - 1].lower == "a" else found
    return Amount.UNSAID


def amount_of(tokens: Sequence[Token]) -> int | None:
    """The noun of which the first such word says how many, if it stands behind it: "most of the voters"."""
    for at, token in enumerate(tokens):
        if token.kind is Kind.WORD and token.lower in _AMOUNTS and not _other_use(tokens, at):
            behind = at + 1
            while behind < len(tokens) and tokens[behind].lower in {"of", "the", "these", "those", "its", "their"}:
                behind += 1
            placed = behind < len(tokens) and tokens[behind].content and not tokens[behind].verb
            return behind if placed and token.lower not in _ADVERBS else None
    return None


_ADVERBS = word_set(
    "always entirely constantly usually generally mostly often frequently sometimes occasionally rarely"
)


def _other_use(tokens: Sequence[Token], at: int) -> bool:
    word = tokens[at].lower
    before = tokens[at - 1].lower if at else ""
    if word == "most":
        return before in {"the", "at", "'s", "its", "their"} or before.endswith("'s")
    if word in {"every", "each"}:
        return False
    return (word == "little" and before in {"a", "the"}) or (word == "all" and before in {"at", "first", "not"})


def amounts_conflict(claim: Amount, evidence: Amount) -> bool:
    """Whether the evidence's amount rules the claim's out."""
    if Amount.UNSAID in (claim, evidence):
        return False
    if claim is Amount.ALL:
        return evidence in {Amount.MOST, Amount.FEW, Amount.NONE}
    if claim is Amount.MOST:
        return evidence in {Amount.FEW, Amount.NONE}
    if claim is Amount.MANY:
        return evidence is Amount.FEW
    return claim is Amount.FEW and evidence in {Amount.MOST, Amount.ALL, Amount.MANY}


def amount_supported(claim: Amount, evidence: Amount) -> bool:
    """Whether the evidence speaks of at least as many as the claim."""
    if claim in {Amount.UNSAID, Amount.ALL} and evidence is Amount.UNSAID:
        return True
    if claim is Amount.UNSAID:
        return evidence >= Amount.MOST or evidence is Amount.MANY
    if claim is Amount.FEW:
        return evidence in {Amount.FEW, Amount.UNSAID}
    return evidence >= claim or evidence is Amount.UNSAID


_RESTRICTS = word_set(
    "must shall required requires require requirement only limit limited limits limitation maximum max restricted "
    "restriction restrictions subject atmost atleast minimum approval permission capped except unless mandatory"
)


def restricts(tokens: Sequence[Token]) -> int | None:
    """Where a sentence sets a requirement or a limit, if it does."""
    for at, token in enumerate(tokens):
        if token.kind is Kind.WORD and (token.lower in _RESTRICTS or token.lemma in _RESTRICTS) and not token.negated:
            return at
        if token.quantity is not None and token.quantity.bound and not token.negated:
            return at
    return None


_OBLIGES = word_set("must shall required requires mandatory compulsory obliged obligated")
_PERMITS = word_set("may can could optional allowed permitted allows permits voluntary might")


def obliges(tokens: Sequence[Token]) -> bool:
    return any(token.lower in _OBLIGES for token in tokens)


def permits(tokens: Sequence[Token]) -> bool:
    return any(token.lower in _PERMITS for token in tokens)


_DOUBTS = word_set(
    "might could allegedly reportedly supposedly rumoured rumored planned proposed alleged hypothetical fictional "
    "legend mythical perhaps possibly purported attempted"
)
_SOFT_DOUBTS = word_set("probably likely believed thought presumably apparently estimated may suggest suggests")


def doubt(claim: Sequence[Token], evidence: Sequence[Token]) -> float:
    """How much the evidence hedges what the claim states outright: 0 not, 1 so much that it states nothing."""
    said = {token.lower for token in claim}
    words = {token.lower for token in evidence} - said
    if obliges(claim):
        words.discard("may")  # there it is a permission
    if words & _DOUBTS and not permits(claim):
        return 1.0
    return 0.5 if words & _SOFT_DOUBTS and not permits(claim) else 0.0
