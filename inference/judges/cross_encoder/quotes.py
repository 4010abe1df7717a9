"""Which sentences are quoted for a claim: those read that hold most of its words, each by its rarity. Pure."""

from collections.abc import Sequence

from inference.judges.cross_encoder.reading import Reading
from inference.judges.cross_encoder.source_reading import SourceReading
from inference.verdict import Evidence, Label

_SECOND_SHARE_MIN = 0.2
"""Of the claim's words, by weight, that a second quote must add to be shown."""


def quotes(claim: Reading, source: SourceReading, label: Label) -> list[Evidence]:
    """One quote, or two where the second adds much that the first lacks."""
    wanted = dict(zip(claim.keys, claim.weights, strict=True))
    held = [frozenset(reading.keys) & frozenset(wanted) for reading in source.readings]
    first = _most(held, wanted, frozenset())
    second = _most(held, wanted, held[first])
    added = _weight(held[second] - held[first], wanted)
    numbers = [first, second] if added >= _SECOND_SHARE_MIN * _weight(frozenset(wanted), wanted) else [first]
    chosen = [source.sentences[number] for number in sorted(numbers)]
    return [Evidence(sentence.passage, sentence.span, label) for sentence in chosen]


def _most(held: Sequence[frozenset[str]], wanted: dict[str, float], taken: frozenset[str]) -> int:
    return max(range(len(held)), key=lambda number: (_weight(held[number] - taken, wanted), -number))


def _weight(keys: frozenset[str], wanted: dict[str, float]) -> float:
    return sum(wanted[key] for key in sorted(keys))


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
