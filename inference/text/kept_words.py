"""What is found out about words, kept for the next time: texts repeat theirs.

Bounded in number and in length. A text under test may hold "words" of a million characters, no two the same, and none
of these is worth its memory.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

WORDS_KEPT = 16_384
"""Words, or pairs of words, by each function whose results are kept: some 180 bytes each."""

WORD_CHARS_MAX = 60
"""Of a word that is kept: the longest in an English dictionary has 45."""

FoundT = TypeVar("FoundT")


def kept(find: Callable[..., FoundT]) -> Callable[..., FoundT]:
    """`find`, a pure function of words, whose last results are kept."""
    again = lru_cache(maxsize=WORDS_KEPT)(find)

    @wraps(find)
    def found(*words: str) -> FoundT:
        for word in words:
            if len(word) > WORD_CHARS_MAX:
                return find(*words)
        return again(*words)

    return found
