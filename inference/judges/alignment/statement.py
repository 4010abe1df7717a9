"""A sentence, read: its tokens with everything that the aligner asks of them.

Reading never fails: a text without verbs, names or sense gives a statement without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.judges.alignment.clauses import mark_clauses, mark_prepositions, mark_roles, mark_verbs
from inference.judges.alignment.names import Name, mark_names
from inference.judges.alignment.negation import frame, mark_negation
from inference.judges.alignment.quantity_words import Amount, amount
from inference.judges.alignment.tokens import Kind, Token, tokenise
from inference.judges.alignment.vocabulary import word_set
from inference.text.kept import kept

CACHED_STATEMENTS = 1_024
"""Sentences of one verification come back claim after claim; of the next one seldom. Twenty claims against the starter
corpus have some 600. One of fifteen words takes 14 KB as it is read."""

CACHED_CHARS_MAX = 400
"""A longer one, which is mostly no sentence, is read anew each time: it would not pay for its memory."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one sentence says. `index` leads from a key to the tokens that carry it."""

    text: str
    tokens: tuple[Token, ...]
    names: tuple[Name, ...]
    index: dict[str, tuple[int, ...]]
    amount: Amount
    partial: bool
    """Whether "not all" or "not always" is said."""
    question: bool
    caseless: bool

    content_places: tuple[int, ...]

    def content(self) -> tuple[int, ...]:
        """Where the words stand that carry meaning. Kept, since every pair of claim and sentence asks several times."""
        return self.content_places


_ORDINALS = word_set("second third fourth fifth sixth seventh eighth ninth tenth")


def _degrees(tokens: Sequence[Token]) -> None:
    """ "most populous" is a superlative, "second largest" and "one of the largest" are not the largest."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1].lower if at else ""
        if before in {"most", "least"} and token.kind is Kind.WORD and token.content and at > 1:
            token.degree = token.degree or ("est" if tokens[at - 2].lower in {"the", "'s"} else "")
        if before == "more" and token.kind is Kind.WORD and token.content and _followed_by_than(tokens, at):
            token.degree = token.degree or "er"
        if token.degree == "est":
            token.degree = _rank(tokens, at)


def _followed_by_than(tokens: Sequence[Token], at: int) -> bool:
    return any(token.lower == "than" for token in tokens[at + 1 : at + 3])


def _rank(tokens: Sequence[Token], at: int) -> str:
    before = [token.lower for token in tokens[max(0, at - 4) : at]]
    if ("one" in before and "of" in before) or "among" in before:
        return "among"
    ordinal = next((word for word in before[-2:] if word in _ORDINALS), "")
    return f"est{ordinal}"


def _offered_keys(token: Token) -> set[str]:
    """The keys under which a token can be found by a claim's word."""
    if not token.degree:
        return set(token.keys)
    keys = {f"{key}+{token.degree}" for key in token.keys}
    return keys if token.degree == "er" else keys | set(token.keys)


def sought_keys(token: Token) -> frozenset[str]:
    """The keys that a claim's word looks for."""
    return frozenset(f"{key}+{token.degree}" for key in token.keys) if token.degree else token.keys


def _index(tokens: Sequence[Token]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        for key in _offered_keys(token):
            found.setdefault(key, []).append(at)
        if token.root and token.content:
            found.setdefault("~" + token.root, []).append(at)
    return {key: tuple(places) for key, places in found.items()}


@kept(CACHED_STATEMENTS, CACHED_CHARS_MAX)
def read_statement(text: str) -> Statement:
    """Reads one sentence. Offsets in the tokens are offsets in `text`. Linear in its length."""
    around = frame(text)
    tokens = [token for token in tokenise(text) if around.start <= token.start and token.end <= around.end]
    mark_verbs(tokens)
    names = mark_names(tokens, text)
    mark_clauses(tokens)
    mark_prepositions(tokens)
    mark_roles(tokens)
    _degrees(tokens)
    partial = mark_negation(tokens, around.denied)
    caseless = not any(token.capital for token in tokens[1:])
    question = text.rstrip().endswith("?")
    content = tuple(at for at, token in enumerate(tokens) if token.content)
    return Statement(
        text, tuple(tokens), tuple(names), _index(tokens), amount(tokens), partial, question, caseless, content
    )
