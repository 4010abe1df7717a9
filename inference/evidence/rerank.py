"""Orders passages by the words that they share with a query and by how near they are to it in meaning, together.

The full-text index finds what says it in the query's words; embeddings find what says it in others. The mix is
reciprocal rank fusion: a passage gets 1 / (FUSION_RANKS + its rank) from each of the two orders, since their scores
have no common measure. Some places are not left to it. The first of the words' order stays first, and half of the
places go to that order's best: a number or a name that is just the one asked for says more than nearness, which takes
any number for another. A third go to the nearest: a paraphrase shares words with much that it is not about. `fused` and
`nearest` are functions of values alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.encoder.words import word_vectors
from inference.text.sentences import sentences
from inference.verdict import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Cosines = NDArray[np.float32]

CANDIDATES_MAX = 32
"""Passages that each order puts forward. What stands lower in one is seldom the evidence."""

FUSION_RANKS = 10
"""Ranks that the first place is short of counting double. The customary 60 is for thousands of candidates: among 32 it
would put what is middling in both orders before what is first in one."""

WORDS_NEAR_MIN = 0.4
"""Cosine of word vectors from which a passage is put forward that shares no word with the query. What bears on a
paraphrase lies above it, with few exceptions."""


EMBEDDED_MAX = 1_000
"""Passages, some 0.4 s of work."""


@dataclass(frozen=True, slots=True)
class Space:
    """A way to tell how near passages are to queries."""

    embed: "Callable[[Sequence[Passage]], Callable[[str], Cosines]]"
    """Embeds passages once; what it gives tells for a query the cosine of each of them."""

    near_min: float
    """A smaller cosine means nothing."""

    passages_max: int | None = None
    """Passages that are embedded of one source; of a longer one, only what the index finds. None: all of them."""


def fused(lexical: Sequence[int], near: Sequence[int], limit: int) -> list[int]:
    """At most `limit` of the numbers in the two orders, best first. The same orders give the same answer."""
    scores: dict[int, float] = {}
    for order in (lexical, near):
        for rank, number in enumerate(order, 1):
            scores[number] = scores.get(number, 0.0) + 1 / (FUSION_RANKS + rank)
    by_score = sorted(scores, key=lambda number: (-scores[number], number))
    first = lexical[:1]
    kept = [*lexical[: max(1, limit // 2)], *near[: limit // 3]]
    chosen = set(list(dict.fromkeys(kept + by_score))[:limit])
    return [*first, *(number for number in by_score if number in chosen and number not in first)][:limit]


def nearest(cosines: "Cosines", lexical: Sequence[int], near_min: float) -> list[int]:
    """The nearest of all passages, and those of `lexical` among them, nearest first. `cosines` has one a passage."""
    # Rounded, so that the last bits, in which one CPU may differ from another, decide nothing.
    order = (-cosines.round(4)).argsort(kind="stable").tolist()
    near = [number for number in order[:CANDIDATES_MAX] if cosines[number] >= near_min]
    put_forward = set(near).union(lexical)
    return [number for number in order if number in put_forward]


def reranked(
    query: str, passages: Sequence[Passage], lexical: Sequence[int], limit: int, space: Space | None = None
) -> list[int]:
    """The numbers of at most `limit` of `passages`, best first. `lexical` is their order by words. Embeds them all."""
    space = space or WORDS
    return fused(lexical, nearest(space.embed(passages)(query), lexical, space.near_min), limit)


def _by_words(passages: Sequence[Passage]) -> "Callable[[str], Cosines]":
    """By the nearest sentence of each passage: the mean of a whole passage says little of any one of them."""
    import numpy as np  # noqa: PLC0415  a server that is asked nothing yet needs none of it

    texts: list[str] = []
    starts: list[int] = []
    for passage in passages:
        starts.append(len(texts))
        texts += [passage.text[span.start : span.end] for span in sentences(passage.text)] or [""]
    rows = word_vectors(texts)

    def cosines(query: str) -> "Cosines":
        found: Cosines = rows @ word_vectors([query])[0]
        return np.maximum.reduceat(found, starts) if starts else found

    return cosines


WORDS = Space(_by_words, WORDS_NEAR_MIN, EMBEDDED_MAX)
"""By the meaning of single words, cheap enough for passages that are seen for the first time."""
