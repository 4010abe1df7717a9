"""Text as the cross-encoder reads it: pieces of words, and for each piece the word that it belongs to.

A word's key is its stem, in lower case, a written number as its digits: what has the same key in claim and evidence is
told to the model as the same word (`pair.py`). Which sentences of the evidence are read is decided by the same keys
(`digest.py`). Pure; the tokenizer is the one that the weights were trained with.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import JudgeUnavailable
from inference.judges.alignment.vocabulary import word_list
from inference.text.kept_words import kept
from inference.text.tokenizer import shared_tokenizer
from inference.text.words import stem

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER_FILE = Path(__file__).parent / "weights" / "tokenizer.json"

_UNITS = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = word_list("thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = zip(word_list("first second third fourth fifth"), word_list("1st 2nd 3rd 4th 5th"), strict=True)
_WRITTEN = {
    **{word: str(number) for number, word in enumerate(_UNITS)},
    **{word: str(10 * tens) for tens, word in enumerate(_TENS, start=3)},
    **dict(_ORDINALS),
}

_FREQUENT_BELOW = 1_996
"""The vocabulary of BERT is ordered by frequency from its number 1,996 on ("the"); below stand marks and letters."""
_VOCABULARY = 30_522
TELLING_MIN = 0.45
"""The weight from which on a word says something: articles, pronouns and auxiliaries lie below."""
_WEIGHT_MIN = 0.05  # of marks and the most frequent words: they tell little, but "not" and "all" tell something


@dataclass(frozen=True, slots=True)
class Reading:
    """The pieces of one text: each with its number in the vocabulary and, of its word, the key, how much it tells (0 to
    1), and its place in the text."""

    pieces: tuple[int, ...]
    keys: tuple[str, ...]
    weights: tuple[float, ...]
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.pieces)


@cache
def load_tokenizer() -> "Tokenizer":
    """The tokenizer of the model that ships. Raises JudgeUnavailable if it cannot be read."""
    try:
        return shared_tokenizer(TOKENIZER_FILE)
    except Exception as error:  # the library raises the bare class
        raise JudgeUnavailable(
            f"{TOKENIZER_FILE} cannot be read ({error}). It is part of Touchstone: install it again."
        ) from error


def read(tokenizer: "Tokenizer", text: str) -> Reading:
    """The reading of a text; of length 0 if the text holds no word."""
    # One at a time: a batch would be cut by a pool of threads of the library's own. A lone surrogate has no UTF-8.
    text = text.encode("utf-8", "replace").decode()
    encoding = tokenizer.encode(text, add_special_tokens=False)
    bounds: dict[int | None, tuple[int, int]] = {}
    rarest: dict[int | None, int] = {}
    for piece, (start, end), word in zip(encoding.ids, encoding.offsets, encoding.word_ids, strict=True):
        known = bounds.get(word)
        bounds[word] = (start, end) if known is None else (known[0], end)
        rarest[word] = max(piece, rarest.get(word, 0))
    keys = {word: key_of(text[start:end]) for word, (start, end) in bounds.items()}
    weights = {word: rarity(piece) for word, piece in rarest.items()}
    words = encoding.word_ids
    return Reading(
        tuple(encoding.ids),
        tuple(keys[word] for word in words),
        tuple(weights[word] for word in words),
        tuple(bounds[word] for word in words),
    )


@kept
def key_of(word: str) -> str:
    """What a word is compared by."""
    lowered = word.lower()
    return _WRITTEN.get(lowered) or stem(lowered)


def rarity(piece: int) -> float:
    """How much a word tells, from the rank of its rarest piece: fixed, so that it never depends on the document."""
    rank = piece - _FREQUENT_BELOW
    if rank <= 0:
        return _WEIGHT_MIN
    return max(_WEIGHT_MIN, math.log1p(rank) / math.log1p(_VOCABULARY - _FREQUENT_BELOW))


def weight_of(keys: Iterable[str], claim: Reading) -> float:
    """How much the words of `claim` that are among `keys` tell, each counted once."""
    wanted = dict(zip(claim.keys, claim.weights, strict=True))
    return sum(wanted[key] for key in sorted(frozenset(keys) & wanted.keys()))


def is_number(key: str) -> bool:
    """Whether the word of this key is or holds a number."""
    return any(character.isdigit() for character in key)
