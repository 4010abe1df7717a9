"""What is found out about words, kept for the next time: texts repeat theirs."""

from inference.text.kept import FindT
from inference.text.kept import kept as kept_texts

WORDS_KEPT = 16_384
"""Words, or pairs of words, by each function whose results are kept: some 180 bytes each."""

WORD_CHARS_MAX = 60
"""Of a word that is kept: the longest in an English dictionary has 45."""


def kept(find: FindT) -> FindT:
    """`find`, a pure function of words, whose last results are kept."""
    return kept_texts(WORDS_KEPT, WORD_CHARS_MAX)(find)
