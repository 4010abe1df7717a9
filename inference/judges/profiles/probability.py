"""How sure a model was of one word of its answer, over all the ways to spell it. Pure."""

import math
import re
from collections.abc import Sequence

from inference.engine.language_model import ChosenToken

_LETTERS = re.compile(r"[^a-z]*([a-z]+)")


def probability_of(tokens: Sequence[ChosenToken], before: str, yes: str, no: str) -> float | None:
    """The probability of the word `yes` against the word `no` after `before`, which is what the answer says until then.

    Summed over the likely tokens in the place of the deciding one that begin either word, in any case, with or without
    a space or a quotation mark before it. None if there are no tokens, or none that begins either word.
    """
    deciding = _token_at(tokens, len(before.encode()))
    if deciding is None:
        return None
    mass = {yes: 0.0, no: 0.0}
    for text, log_probability in deciding.alternatives:
        begun = _word_begun(text)
        for word in mass:
            if begun and word.lower().startswith(begun):
                mass[word] += math.exp(log_probability)
    total = mass[yes] + mass[no]
    return mass[yes] / total if total > 0 and math.isfinite(total) else None


def _token_at(tokens: Sequence[ChosenToken], offset: int) -> ChosenToken | None:
    """The token that holds the byte at `offset`."""
    end = 0
    for token in tokens:
        end += len(token.text)
        if end > offset:
            return token
    return None


def _word_begun(token: bytes) -> str:
    found = _LETTERS.match(token.decode(errors="ignore").lower())
    return found[1] if found else ""
