"""Orders a few passages from different sources by what they share with a query: BM25, computed here.

SQLite's BM25 gives a word no weight once half of the rows hold it. That is right for a corpus and wrong for a pool of a
dozen passages that were all found for the same query, where it would drop just the subject. The form used here (that of
Lucene) keeps every word's weight above zero. It is meant for tens of passages, at most a few thousand.
"""

import math
from collections import Counter
from collections.abc import Sequence

from inference.evidence.search_terms import query_terms, tokens
from inference.text.words import stem

_SATURATION = 1.2
_LENGTH_SHARE = 0.75
# k1 and b of BM25, at the values that SQLite fixes for its own.


def best_first(query: str, texts: Sequence[str]) -> list[int]:
    """The positions of the texts that share a word with `query`, best first, equals in their given order."""
    wanted = {stem(part) for term in query_terms(query) for part in term.split()}
    counts = [_counts(text) for text in texts]
    length_mean = sum(count.total() for count in counts) / max(1, len(counts))
    weights = {word: _rarity(word, counts) for word in sorted(wanted)}
    scores = [_score(count, weights, length_mean) for count in counts]
    return sorted((number for number, score in enumerate(scores) if score > 0), key=lambda number: -scores[number])


def _counts(text: str) -> Counter[str]:
    return Counter(stem(token) for token in tokens(text))


def _rarity(word: str, counts: Sequence[Counter[str]]) -> float:
    holding = sum(1 for count in counts if word in count)
    return math.log(1 + (len(counts) - holding + 0.5) / (holding + 0.5))


def _score(count: Counter[str], weights: dict[str, float], length_mean: float) -> float:
    damping = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * count.total() / max(1.0, length_mean))
    return sum(weight * count[word] * (_SATURATION + 1) / (count[word] + damping) for word, weight in weights.items())
