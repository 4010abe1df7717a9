"""How probable each label is, read from the tokens that stood to choose where the model wrote its verdict. Pure.

The model writes one spelling of one label; beside it the engine tells what else it could have written there. The
probability of a label is that of all its spellings: with a capital, behind a space or a quote mark, cut into tokens in
another way, and as much of it as tells it from the others. What says no label counts for none, so the labels share what
is left. Token boundaries are wherever the tokenizer has them: the token that decides may begin before the verdict, and
where labels begin alike it comes later.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from inference.engine.language_model import ChosenToken

_DECORATION = " \t\r\n\"'`*_#:\u2581\u0120\u201c\u201d"
"""What may stand before a label and says nothing: spaces (also as tokenizers write them), quotes, Markdown."""


def label_odds(
    tokens: Sequence[ChosenToken], text: bytes, start: int, labels: Sequence[str]
) -> Mapping[str, float] | None:
    """The probabilities of `labels`, which sum to 1, where one of them is written in `text` at byte `start`.

    None if the tokens say nothing of it. The texts of `tokens` put together are `text`.
    """
    masses = dict.fromkeys(labels, 0.0)
    weight = 1.0
    begin = 0
    opening = max(0, start - 1)  # the quote mark before the value, which may be one token with what follows
    for token in tokens:
        end = begin + len(token.text)
        if end > opening and weight > 0:
            weight *= _share_out(token, text, begin, start, masses, weight)
        begin = end
        if end > start and len(_agreeing(_spelled(text[start:end]), labels)) < 2:
            break
    total = sum(masses.values())
    return {label: mass / total for label, mass in masses.items()} if total > 0 else None


def likeliest(odds: Mapping[str, float], written: str) -> str:
    """The label with the largest share; the one that is written if there are several."""
    most = max(odds.values())
    return written if odds.get(written) == most else max(odds, key=lambda label: odds[label])


def _share_out(
    token: ChosenToken, text: bytes, begin: int, start: int, masses: dict[str, float], weight: float
) -> float:
    """Adds to `masses` what the alternatives of `token`, which stands at `begin`, say by themselves. Returns the
    probability that a later token says it."""
    still_open = 0.0
    for alternative, logprob in token.alternatives:
        chance = math.exp(min(0.0, logprob))
        value = _value_begun(alternative, text, begin, start)
        found = _agreeing(value, masses) if value is not None else []
        if len(found) == 1:
            masses[found[0]] += weight * chance
        elif found and _goes_on(alternative, text, begin):
            still_open += chance
    return still_open


def _value_begun(alternative: bytes, text: bytes, begin: int, start: int) -> str | None:
    """What would stand of the value with `alternative` at `begin`; None if it would not come to a value."""
    before = text[begin:start]  # of the token, ahead of the value
    if not alternative:  # the mark of an end
        return None
    if alternative.startswith(before):
        return _spelled(text[start:begin] + alternative[len(before) :])
    if before.startswith(alternative):
        return ""
    return _spelled(alternative) if not _spelled(before) else None


def _spelled(written: bytes) -> str:
    """As a label would be written: without what decorates it, in small letters, words joined by underscores."""
    plain = written.decode(errors="ignore").lower().lstrip(_DECORATION)
    return plain.replace(" ", "_").replace("-", "_")


def _agreeing(begun: str, labels: Iterable[str]) -> list[str]:
    """The labels that `begun` is the beginning of; if it is of none, the longest that it begins with."""
    coming = [label for label in labels if label.startswith(begun)]
    return coming or sorted((label for label in labels if begun.startswith(label)), key=len)[-1:]


def _goes_on(alternative: bytes, text: bytes, begin: int) -> bool:
    """Whether it is a stretch of what was written, so that what came after it would come after it too."""
    return text.startswith(alternative, begin)
