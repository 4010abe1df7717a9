"""Text as the cross-encoder reads it: pieces of words, and for each piece the word that it belongs to.

A word's key is its stem, in lower case, a written number as its digits: what has the same key in claim and evidence is
told to the model as the same word (`pair.py`). Which sentences of the evidence are read is decided by the same keys
(`digest.py`). Pure; the tokenizer is the one that the weights were trained with.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tokenizers import Tokenizer

from inference.text.words import stem

_WRITTEN = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_ORDINALS = dict(zip("first second third fourth fifth sixth".split(), "1st 2nd 3rd 4th 5th 6th".split(), strict=True))

_FREQUENT_BELOW = 1_996
"""The vocabulary of BERT is ordered by frequency from its number 1,996 on ("the"); below stand marks and letters."""
_VOCABULARY = 30_522
_WEIGHT_MIN = 0.05  # of marks and the most frequent words: they tell little, but "not" and "all" tell something


@dataclass(frozen=True, slots=True)
class Reading:
    """The pieces of one text, each with its number, the key of its word, and how much the word tells (0 to 1)."""

    pieces: tuple[int, ...]
    keys: tuple[str, ...]
    weights: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.pieces)


def read(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Reading]:
    """One reading a text. A text that holds no word has a reading of length 0."""
    return [
        _reading(text, encoding.ids, encoding.offsets, encoding.word_ids)
        for text, encoding in zip(texts, tokenizer.encode_batch(list(texts), add_special_tokens=False), strict=True)
    ]


def _reading(
    text: str, pieces: Sequence[int], offsets: Sequence[tuple[int, int]], word_numbers: Sequence[int | None]
) -> Reading:
    bounds: dict[int | None, tuple[int, int]] = {}
    rarest: dict[int | None, int] = {}
    for piece, (start, end), word in zip(pieces, offsets, word_numbers, strict=True):
        known = bounds.get(word)
        bounds[word] = (start, end) if known is None else (known[0], end)
        rarest[word] = max(piece, rarest.get(word, 0))
    keys = {word: key_of(text[start:end]) for word, (start, end) in bounds.items()}
    weights = {word: rarity(piece) for word, piece in rarest.items()}
    return Reading(
        tuple(pieces), tuple(keys[word] for word in word_numbers), tuple(weights[word] for word in word_numbers)
    )


@lru_cache(maxsize=65_536)
def key_of(word: str) -> str:
    """What a word is compared by."""
    lowered = word.lower()
    return _WRITTEN.get(lowered) or _ORDINALS.get(lowered) or stem(lowered)


def rarity(piece: int) -> float:
    """How much a word tells, from the rank of its rarest piece: fixed, so that it never depends on the document."""
    rank = piece - _FREQUENT_BELOW
    if rank <= 0:
        return _WEIGHT_MIN
    return max(_WEIGHT_MIN, math.log1p(rank) / math.log1p(_VOCABULARY - _FREQUENT_BELOW))


def is_number(key: str) -> bool:
    """Whether the word of this key is or holds a number."""
    return any(character.isdigit() for character in key)
