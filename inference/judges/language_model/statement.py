"""Whether the judge's wording of a claim may stand in the place of the claim. Pure.

It may put a name where the claim has a pronoun; it may not say anything new, for it is shown as what the response says.
So every word that carries meaning has to be in the question or the response, those of the claim have to be there in
their order, and as many words of denial as the claim has.
"""

from collections.abc import Sequence

from inference.text.function_words import ENGLISH
from inference.text.words import words

_DENIALS = frozenset(
    {"no", "not", "never", "none", "neither", "nor", "nobody", "nothing", "nowhere", "without", "cannot"}
    | {"hardly", "rarely", "only", "few", "little"}
    | {"false", "falsely", "untrue", "wrong", "wrongly", "incorrect", "myth", "deny", "denies", "denied"}
    | {"fail", "fails", "failed", "lack", "lacks", "lacked"}
    | {"nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals", "niet", "geen"}
    | {"ne", "pas", "jamais", "aucun", "aucune", "sans", "nunca", "jamás", "ningún", "sin", "mai", "não"}
)
"""Of English, and the commonest of the languages that spell words with spaces and that models write most."""


def may_stand_for(statement: str, claim: str, prompt: str, response: str) -> bool:
    """Whether `statement` says what `claim` says, in words of `prompt` and `response` alone."""
    if not statement.isprintable() or not statement.strip():
        return False
    said, claimed = _content(statement), _content(claim)
    known = {*claimed, *_content(prompt), *_content(response)}
    return known.issuperset(said) and _in_order(claimed, said) and _denials(statement) == _denials(claim)


def _content(text: str) -> list[str]:
    """The stems of the words that carry meaning."""
    return [word.stem for word in words(text) if word.surface.lower() not in ENGLISH]


def _in_order(wanted: Sequence[str], among: Sequence[str]) -> bool:
    rest = iter(among)
    return all(any(word == other for other in rest) for word in wanted)


def _denials(text: str) -> list[str]:
    lowered = [word.surface.lower().replace("’", "'") for word in words(text)]
    return sorted("not" if word.endswith("n't") else word for word in lowered if word in _DENIALS or "n't" in word)
