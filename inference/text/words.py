"""Words of a text with their places, and their stems.

A word is a run of letters, digits and marks inside it ("don't", "U.S.", "3,000.5", "co-op" is two). Stems are
Snowball English (Porter 2), so that "located" and "location" differ but "locates" and "located" do not.
"""

import re
from typing import NamedTuple

import Stemmer

from inference.text.kept_words import kept

_WORD = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*")
_STEMMER = Stemmer.Stemmer("english", 0)  # its own memory of words knows no long ones; `kept` does


class Word(NamedTuple):
    """One word: `text[start:end] == surface`; `stem` is lower-case."""

    surface: str
    start: int
    end: int
    stem: str


@kept
def stem(surface: str) -> str:
    """The stem of one word, lower-case, its possessive taken off."""
    lowered = surface.lower().replace("’", "'")
    return str(_STEMMER.stemWord(lowered.removesuffix("'s")))


def words(text: str) -> list[Word]:
    """The words of `text`, in order. Linear in its length."""
    return [Word(m.group(), m.start(), m.end(), stem(m.group())) for m in _WORD.finditer(text)]
