"""Which sentences of the evidence are read with a claim, when all of them would be too long.

A sentence counts by the words of the claim that it holds, each by its rarity, and a little by those of the sentence
before it, so that "It was opened in 1889." follows "The Eiffel Tower is ...". The best are taken until the budget is
spent; what they already hold counts less in the next, so that a claim of two parts finds both. They are read in the
order in which they stand. In running text of more than two sentences, what shares no telling word with the claim is not
read beside what does: it is about something else, or it is there to talk to the judge. A word's rarity is fixed, so
neither the length of a document nor where it is cut into passages changes which sentences are chosen, as long as they
are in it.
"""

from collections.abc import Sequence

from inference.judges.cross_encoder.reading import TELLING_MIN, Reading

_FEW = 2  # sentences that are read whole: they are each other's setting
_FIELD_MARK, _FIELD_PIECES = ":", 8  # "Born: 1931" says what it says in whatever words the claim asks for it
_BEFORE_SHARE = 0.35  # of what the sentence before holds, for one that may go on about the same thing
_AGAIN_SHARE = 0.5  # of a word that a chosen sentence already holds
_ORDER_LOSS = 1e-6  # of equals, the earlier


def digest(claim: Reading, sentences: Sequence[Reading], pieces_max: int) -> list[int]:
    """The numbers of the sentences to read, in their order: together at most `pieces_max` pieces, but at least one.

    All that speak of the claim, if these fit.
    """
    candidates = _speaking(claim, sentences)
    if sum(len(sentences[number]) for number in candidates) <= pieces_max:
        return candidates
    wanted = dict(zip(claim.keys, claim.weights, strict=True))
    held = [{key for key in sentence.keys if key in wanted} for sentence in sentences]
    chosen: list[int] = []
    covered: set[str] = set()
    room = pieces_max
    left = set(candidates)
    while left:
        best = max(left, key=lambda number: _gain(number, held, wanted, covered) - _ORDER_LOSS * number)
        left.discard(best)
        if len(sentences[best]) <= room or not chosen:
            chosen.append(best)
            covered |= held[best]
            room -= len(sentences[best])
        if room <= 0:
            break
    return sorted(chosen)


def _speaking(claim: Reading, sentences: Sequence[Reading]) -> list[int]:
    """Those that share a telling word with the claim; all, if none does, if they are few, or mostly fields."""
    telling = {key for key, weight in zip(claim.keys, claim.weights, strict=True) if weight >= TELLING_MIN}
    speaking = [number for number, sentence in enumerate(sentences) if not telling.isdisjoint(sentence.keys)]
    fields = sum(_FIELD_MARK in sentence.keys[:_FIELD_PIECES] for sentence in sentences)
    if not speaking or len(sentences) <= _FEW or 4 * fields >= 3 * len(sentences):
        return list(range(len(sentences)))
    return speaking


def _gain(number: int, held: Sequence[set[str]], wanted: dict[str, float], covered: set[str]) -> float:
    own = sum(wanted[key] * (_AGAIN_SHARE if key in covered else 1.0) for key in sorted(held[number]))
    if not number:
        return own
    return own + _BEFORE_SHARE * sum(wanted[key] for key in sorted(held[number - 1]))
