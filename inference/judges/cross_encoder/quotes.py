"""Which sentences are quoted for a claim: those read that hold most of its words, each by its rarity. Pure."""

from collections.abc import Sequence

from inference.judges.cross_encoder.excerpt import Excerpt
from inference.judges.cross_encoder.reading import Reading, weight_of
from inference.verdict import Evidence, Label

_SECOND_SHARE_MIN = 0.2
"""Of the claim's words, by weight, that a second quote must add to be shown."""


def quotes(claim: Reading, excerpt: Excerpt, label: Label) -> list[Evidence]:
    """One quote, or two where the second adds much that the first lacks."""
    held = [frozenset(reading.keys) for reading in excerpt.readings]
    first = _most(held, claim, frozenset())
    second = _most(held, claim, held[first])
    adds = weight_of(held[second] - held[first], claim) >= _SECOND_SHARE_MIN * weight_of(claim.keys, claim)
    chosen = [excerpt.sentences[number] for number in sorted({first, second} if adds else {first})]
    return [Evidence(sentence.passage, sentence.span, label) for sentence in chosen]


def _most(held: Sequence[frozenset[str]], claim: Reading, taken: frozenset[str]) -> int:
    return max(range(len(held)), key=lambda number: (weight_of(held[number] - taken, claim), -number))


def missing_words(claim: str, reading: Reading, said: frozenset[str], weight_min: float) -> str | None:
    """The stretch of the claim whose words weigh most of those that are not among `said`; None if all are."""
    best, best_weight = None, 0.0
    start: int | None = None
    weight = 0.0
    end = gap = 0
    for key, worth, (begin, stop) in zip(reading.keys, reading.weights, reading.places, strict=True):
        if key not in said and worth >= weight_min:
            start = begin if start is None else start
            weight, end, gap = weight + worth, stop, 0
        elif start is not None:
            gap += 1
            if gap > 1:
                start, weight = None, 0.0
        if start is not None and weight > best_weight:
            best, best_weight = claim[start:end], weight
    return best
